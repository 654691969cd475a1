{{/*
The pod of one component, as tightly held as the containers of docker-compose.yml: dict root, component,
values (of the process), arguments, and for some: pool, image, tag, gpu, tmpSize, grace, probes, restart, models.
*/}}
{{- define "vestibule.pod" -}}
{{- $root := .root }}
{{- $image := include "vestibule.image" (dict "root" $root "kind" (default "product" .image) "tag" .tag) -}}
automountServiceAccountToken: false
{{- if .hook }}
serviceAccountName: {{ default "default" $root.Values.serviceAccount.name }}
{{- else }}
serviceAccountName: {{ include "vestibule.serviceAccountName" $root }}
{{- end }}
# Else a Service called vestibule would set VESTIBULE_PORT.
enableServiceLinks: false
{{- with .restart }}
restartPolicy: {{ . }}
{{- end }}
{{- with .grace }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and .probes $root.Values.spreadOver }}
topologySpreadConstraints:
  {{- range $root.Values.spreadOver }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "vestibule.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- if .models }}
initContainers:
  {{- include "vestibule.modelsFirst" (dict "root" $root "image" $image) | nindent 2 }}
{{- end }}
containers:
  - name: {{ .component }}
    image: {{ $image }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: {{ toJson .arguments }}
    {{- with include "vestibule.environment" . }}
    env: {{- . | nindent 6 }}
    {{- end }}
    {{- with include "vestibule.ports" . }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with .probes }}
    {{- . | nindent 4 }}
    {{- end }}
    resources: {{- include "vestibule.resources" .values | nindent 6 }}
    securityContext: {{- include "vestibule.hardened" $root | nindent 6 }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
      {{- if include "vestibule.files" . | fromYaml }}
      - {name: secrets, mountPath: /etc/vestibule/secrets, readOnly: true}
      {{- end }}
      {{- if $root.Values.caConfigMap }}
      - {name: ca, mountPath: /etc/vestibule/ca, readOnly: true}
      {{- end }}
      {{- if .models }}
      - {name: models, mountPath: /models, readOnly: true}
      {{- else if eq .component "models" }}
      - {name: models, mountPath: /models}
      {{- end }}
volumes:
  - name: tmp
    # In memory, as photos pass through it.
    emptyDir: {medium: Memory, sizeLimit: {{ default "64Mi" .tmpSize }}}
  {{- if include "vestibule.files" . | fromYaml }}
  - {{- include "vestibule.filesVolume" . | nindent 4 }}
  {{- end }}
  {{- if $root.Values.caConfigMap }}
  - name: ca
    configMap: {name: {{ $root.Values.caConfigMap }}}
  {{- end }}
  {{- if or .models (eq .component "models") }}
  - {{- include "vestibule.modelsVolume" $root | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "vestibule.hardened" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "vestibule.ports" -}}
{{- $serves := has .component (list "api" "web") }}
{{- $isWatched := and .root.Values.metrics.enabled (has .component (list "api" "web" "worker" "scheduler")) }}
{{- if or $serves $isWatched }}
ports:
  {{- if $serves }}
  - {name: http, containerPort: 8000}
  {{- end }}
  {{- if $isWatched }}
  - {name: metrics, containerPort: {{ .root.Values.metrics.port }}}
  {{- end }}
{{- end }}
{{- end }}

{{- define "vestibule.resources" -}}
{{- $resources := deepCopy .resources }}
{{- if .gpus }}
{{- $_ := set $resources "limits" (merge (dict .gpuResource .gpus) (default dict $resources.limits)) }}
{{- end }}
{{- toYaml $resources }}
{{- end }}

{{/*
Started: what the health check of docker-compose.yml asks. From then on a process is asked for itself alone, since
Kubernetes takes who is not ready away from people: with the store away, they shall be told so by the api.
*/}}
{{- define "vestibule.servingProbes" -}}
startupProbe:
  httpGet: {path: /readyz, port: http}
  timeoutSeconds: 5
  periodSeconds: 5
  failureThreshold: 240
readinessProbe:
  httpGet: {path: /healthz, port: http}
  timeoutSeconds: 5
  periodSeconds: 5
  failureThreshold: 3
livenessProbe:
  httpGet: {path: /healthz, port: http}
  timeoutSeconds: 5
  periodSeconds: 10
  failureThreshold: 6
{{- end }}

{{/*
A sign of life of the last 30 seconds, as in docker-compose.yml. That a worker's child hangs or loads models for
minutes, its own watcher sees; so Kubernetes ends the pod only when there was none for a quarter of an hour.
*/}}
{{- define "vestibule.beatingProbes" -}}
{{- $check := printf "test -n \"$(find /tmp/vestibule/run -name %s.alive -newermt '-30 seconds')\"" . }}
startupProbe:
  exec: {command: [sh, -c, {{ $check | quote }}]}
  timeoutSeconds: 5
  periodSeconds: 5
  failureThreshold: 240
readinessProbe:
  exec: {command: [sh, -c, {{ $check | quote }}]}
  timeoutSeconds: 5
  periodSeconds: 10
  failureThreshold: 3
livenessProbe:
  exec: {command: [sh, -c, {{ $check | quote }}]}
  timeoutSeconds: 5
  periodSeconds: 30
  failureThreshold: 30
{{- end }}

{{/* Until no request comes any more: endpoints are told in their own time. */}}
{{- define "vestibule.leaveSlowly" -}}
lifecycle:
  preStop:
    exec: {command: [sleep, "5"]}
{{- end }}
