{{/* One policy: dict root, component, into (ingress rules), outOf (egress rules), hook. Every part may ask for names. */}}
{{- define "vestibule.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "vestibule.metadata" . | nindent 2 }}
  {{- with .hook }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels: {{- include "vestibule.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: {{- toYaml (default list .into) | nindent 4 }}
  egress: {{- toYaml (append (default list .outOf) (include "vestibule.toNames" .root | fromYaml)) | nindent 4 }}
{{- end }}

{{- define "vestibule.toNames" -}}
{{- $dns := .Values.networkPolicy.dns -}}
to: {{- toYaml $dns.peers | nindent 2 }}
ports:
  - {protocol: UDP, port: {{ $dns.port }}}
  - {protocol: TCP, port: {{ $dns.port }}}
{{- end }}

{{/* To one system: dict peers, port. */}}
{{- define "vestibule.toSystem" -}}
{{- with .peers }}
to: {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - {protocol: TCP, port: {{ int .port }}}
{{- end }}

{{/* To another component: dict root, component. */}}
{{- define "vestibule.toComponent" -}}
to:
  - podSelector:
      matchLabels: {{- include "vestibule.selector" . | nindent 8 }}
ports:
  - {protocol: TCP, port: 8000}
{{- end }}

{{- define "vestibule.toPostgres" -}}
{{ include "vestibule.toSystem" (dict "peers" .Values.postgres.peers "port" .Values.postgres.port) }}
{{- end }}

{{- define "vestibule.toObjects" -}}
{{ include "vestibule.toSystem" (dict "peers" .Values.s3.peers "port" (include "vestibule.portOf" .Values.s3.endpoint)) }}
{{- end }}

{{/* Where api, worker and scheduler go, as {rules: […]}. */}}
{{- define "vestibule.toSystems" -}}
{{- $values := .Values }}
rules:
  - {{- include "vestibule.toPostgres" . | nindent 4 }}
  - {{- include "vestibule.toSystem" (dict "peers" $values.redis.peers "port" $values.redis.port) | nindent 4 }}
  - {{- include "vestibule.toSystem" (dict "peers" $values.volatile.peers "port" $values.volatile.port) | nindent 4 }}
  - {{- include "vestibule.toObjects" . | nindent 4 }}
  - {{- include "vestibule.toSystem" (dict "peers" $values.qdrant.peers "port" (include "vestibule.portOf" $values.qdrant.url)) | nindent 4 }}
{{- end }}

{{/* To an address outside that a setting names, if it does, as {rules: […]}: dict root, setting. */}}
{{- define "vestibule.toAddress" -}}
rules:
{{- with index .root.Values.settings .setting }}
  - {{- include "vestibule.toSystem" (dict "port" (include "vestibule.portOf" .)) | nindent 4 }}
{{- end }}
{{- end }}

{{/* What every running part has besides, as {into: […], outOf: […]}: it is watched, and sends traces. */}}
{{- define "vestibule.watched" -}}
{{- $values := .Values }}
{{- if $values.metrics.enabled }}
into:
  - from: {{- toYaml $values.metrics.peers | nindent 6 }}
    ports:
      - {protocol: TCP, port: {{ $values.metrics.port }}}
{{- end }}
{{- if $values.traces.endpoint }}
outOf:
  - {{- include "vestibule.toSystem" (dict "peers" $values.traces.peers "port" (include "vestibule.portOf" $values.traces.endpoint)) | nindent 4 }}
{{- end }}
{{- end }}
