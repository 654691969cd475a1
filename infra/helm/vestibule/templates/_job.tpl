{{/* What is done once: what vestibule.pod takes, and hook (annotations). Safe to run again. */}}
{{- define "vestibule.job" }}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "vestibule.metadata" . | nindent 2 }}
  {{- with .hook }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- include "vestibule.jobSpec" . | nindent 2 }}
{{- end }}

{{/* The annotations of what is done before anything else of a release, in the order of their weights. */}}
{{- define "vestibule.before" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- end }}

{{- define "vestibule.jobSpec" -}}
backoffLimit: 4
{{- with .values.deadlineSeconds }}
activeDeadlineSeconds: {{ int64 . }}
{{- end }}
template:
  metadata:
    labels: {{- include "vestibule.selector" . | nindent 6 }}
  spec: {{- include "vestibule.pod" (merge (dict "restart" "Never") .) | nindent 4 }}
{{- end }}
