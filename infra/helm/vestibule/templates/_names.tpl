{{- define "vestibule.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* 40 letters leave room for what is appended: names of Services end at 63. */}}
{{- define "vestibule.fullname" -}}
{{- $name := include "vestibule.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* What selects the pods of one component: dict root, component, and pool for a worker. */}}
{{- define "vestibule.selector" -}}
app.kubernetes.io/name: {{ include "vestibule.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
vestibule-pool: {{ . }}
{{- end }}
{{- end }}

{{- define "vestibule.labels" -}}
{{ include "vestibule.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: vestibule
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "vestibule.metadata" -}}
name: {{ printf "%s-%s" (include "vestibule.fullname" .root) (default .component .name) }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "vestibule.labels" . | nindent 2 }}
{{- end }}

{{/* dict root, kind (product, models, gpu), tag. A digest belongs to image.tag, not to another one. */}}
{{- define "vestibule.image" -}}
{{- $image := .root.Values.image }}
{{- $repository := ternary "vestibule" (printf "vestibule-%s" .kind) (eq .kind "product") }}
{{- $named := printf "%s/%s:%s" (trimSuffix "/" $image.registry) $repository (coalesce .tag $image.tag .root.Chart.AppVersion) }}
{{- $digest := get $image.digests .kind }}
{{- if and $digest (not .tag) }}{{ printf "%s@%s" $named $digest }}{{ else }}{{ $named }}{{ end }}
{{- end }}

{{- define "vestibule.serviceAccountName" -}}
{{- default (include "vestibule.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{- define "vestibule.keysSecret" -}}
{{- ternary (printf "%s-keys" (include "vestibule.fullname" .)) .Values.secrets.existingSecret .Values.secrets.generateKeys }}
{{- end }}

{{/* One pool with what it did not say itself, as YAML: dict root, pool. */}}
{{- define "vestibule.pool" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.workerDefaults) (deepCopy (default dict (get .root.Values.workers .pool))) | toYaml }}
{{- end }}

{{/* The port that a URL names, or that its scheme has. */}}
{{- define "vestibule.portOf" -}}
{{- $url := urlParse . }}
{{- $named := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- default (ternary "443" "80" (eq $url.scheme "https")) $named }}
{{- end }}
