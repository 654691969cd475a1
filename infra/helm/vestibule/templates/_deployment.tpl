{{/*
A Deployment: what vestibule.pod takes, and name, replicas (none where something else counts them), rollingUpdate.
*/}}
{{- define "vestibule.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "vestibule.metadata" . | nindent 2 }}
spec:
  {{- if not (kindIs "invalid" .replicas) }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  # Longer than a copy may take to start.
  progressDeadlineSeconds: 1500
  strategy:
    type: RollingUpdate
    rollingUpdate: {{- toYaml (default (dict "maxSurge" 1 "maxUnavailable" 0) .rollingUpdate) | nindent 6 }}
  selector:
    matchLabels: {{- include "vestibule.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- with .values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "vestibule.selector" . | nindent 8 }}
      {{- with .values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec: {{- include "vestibule.pod" . | nindent 6 }}
{{- end }}

{{- define "vestibule.service" -}}
apiVersion: v1
kind: Service
metadata: {{- include "vestibule.metadata" . | nindent 2 }}
spec:
  selector: {{- include "vestibule.selector" . | nindent 4 }}
  ports:
    - {name: http, port: 8000, targetPort: http}
{{- end }}

{{/* Any share of the copies but all may be drained at a time. */}}
{{- define "vestibule.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "vestibule.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .values.maxUnavailable }}
  # A copy that is not well anyway shall not hold up a node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "vestibule.selector" . | nindent 6 }}
{{- end }}

{{/* By CPU: dict root, component, name, pool, autoscaling. */}}
{{- define "vestibule.autoscalerByCpu" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{- include "vestibule.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "vestibule.fullname" .root }}-{{ default .component .name }}
  minReplicas: {{ .autoscaling.min }}
  maxReplicas: {{ .autoscaling.max }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .autoscaling.cpuPercent }}}
  behavior: {{- include "vestibule.scaling" . | nindent 4 }}
{{- end }}

{{/* Up at once, people wait; down one at a time, when it has been quiet for a while. */}}
{{- define "vestibule.scaling" -}}
scaleUp:
  stabilizationWindowSeconds: 0
scaleDown:
  stabilizationWindowSeconds: {{ default 300 .autoscaling.scaleDownAfterSeconds }}
  policies:
    - {type: Pods, value: 1, periodSeconds: 60}
{{- end }}
