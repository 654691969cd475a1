{{/*
KEDA's ScaledObject for one pool. Never to no copy at all: who comes first would wait for the models to load.
*/}}
{{- define "vestibule.autoscalerByQueue" -}}
{{- $keda := .root.Values.keda }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {{- include "vestibule.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    name: {{ include "vestibule.fullname" .root }}-{{ .name }}
  pollingInterval: {{ $keda.pollingIntervalSeconds }}
  minReplicaCount: {{ .autoscaling.min }}
  maxReplicaCount: {{ .autoscaling.max }}
  fallback:
    failureThreshold: 3
    replicas: {{ max .autoscaling.min (min .autoscaling.max $keda.fallbackReplicas) }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior: {{- include "vestibule.scaling" . | nindent 8 }}
  triggers:
    {{- if eq $keda.trigger "prometheus" }}
    {{- $matchers := printf "queue=~\"%s\"" (join "|" .autoscaling.queues) }}
    {{- with tpl $keda.prometheus.matchers .root }}{{ $matchers = printf "%s,%s" $matchers . }}{{ end }}
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ $keda.prometheus.serverAddress | quote }}
        query: {{ printf "sum(vestibule_queue_jobs{%s})" $matchers | quote }}
        threshold: {{ .autoscaling.jobsPerCopy | toString | quote }}
        # No figure is a fault, not an empty queue.
        ignoreNullValues: "false"
    {{- else }}
    {{- range .autoscaling.queues }}
    - type: redis
      metricType: AverageValue
      metadata:
        address: {{ $keda.redis.address | quote }}
        databaseIndex: {{ $keda.redis.database | toString | quote }}
        enableTLS: {{ $keda.redis.tls | toString | quote }}
        listName: {{ . }}
        listLength: {{ $.autoscaling.jobsPerCopy | toString | quote }}
      authenticationRef:
        name: {{ include "vestibule.fullname" $.root }}-broker
    {{- end }}
    {{- end }}
{{- end }}
