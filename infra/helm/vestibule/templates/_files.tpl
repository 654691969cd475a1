{{/*
The secrets of one component: file name → key of the Secret. tests/helm holds it against what
`vestibule secrets create` gives the same process.
*/}}
{{- define "vestibule.files" -}}
{{- $values := .root.Values }}
{{- $files := dict }}
{{- if has .component (list "api" "worker" "scheduler" "storage" "backup" "restore") }}
{{- $files = dict "vestibule_s3_access_key" "s3_access_key" "vestibule_s3_secret_key" "s3_secret_key" }}
{{- end }}
{{- if has .component (list "api" "worker" "scheduler") }}
{{- $files = merge $files (dict
  "vestibule_database_url" "database_url"
  "vestibule_broker_url" "broker_url"
  "vestibule_volatile_url" "volatile_url"
  "sealing.key" "sealing.key"
  "receipts.key" "receipts.key"
) }}
{{- if $values.qdrant.apiKey }}{{ $_ := set $files "vestibule_qdrant_api_key" "qdrant_api_key" }}{{ end }}
{{- if $values.settings.VESTIBULE_ALERT_WEBHOOK_URL }}
{{- $_ := set $files "vestibule_alert_webhook_secret" "alert_webhook_secret" }}
{{- end }}
{{- if $values.secrets.formerKeys }}{{ $files = merge $files (dict "sealing-former.key" "sealing-former.key" "receipts-former.key" "receipts-former.key") }}{{ end }}
{{- else if eq .component "web" }}
{{- $_ := set $files "web.key" "web.key" }}
{{- if $values.secrets.formerKeys }}{{ $_ := set $files "web-former.key" "web-former.key" }}{{ end }}
{{- else if eq .component "migrate" }}
{{- $files = dict "vestibule_database_url" "database_owner_url" "vestibule_service_database_url" "database_url" }}
{{- else if and (eq .component "storage") $values.s3.admin }}
{{- $files = merge $files (dict
  "vestibule_s3_admin_access_key" "s3_admin_access_key"
  "vestibule_s3_admin_secret_key" "s3_admin_secret_key"
) }}
{{- else if has .component (list "backup" "restore") }}
{{- $files = merge $files (dict
  "vestibule_database_url" "database_owner_url"
  "backup.key" "backup.key"
  "sealing.key" "sealing.key"
  "vestibule_backup_s3_access_key" "backup_s3_access_key"
  "vestibule_backup_s3_secret_key" "backup_s3_secret_key"
) }}
{{- if $values.secrets.formerKeys }}{{ $_ := set $files "sealing-former.key" "sealing-former.key" }}{{ end }}
{{- end }}
{{- range $file, $components := $values.secrets.more }}
{{- if has $.component $components }}{{ $_ := set $files $file $file }}{{ end }}
{{- end }}
{{- toYaml $files }}
{{- end }}

{{/* The volume with them. Keys that the chart made lie in a Secret of their own. */}}
{{- define "vestibule.filesVolume" -}}
{{- $own := dict }}
{{- $given := dict }}
{{- range $file, $key := include "vestibule.files" . | fromYaml }}
{{- if and $.root.Values.secrets.generateKeys (has $key (list "sealing.key" "receipts.key" "web.key")) }}
{{- $_ := set $own $file $key }}
{{- else }}
{{- $_ := set $given $file $key }}
{{- end }}
{{- end -}}
name: secrets
projected:
  # Read by the group of the pod, 10001.
  defaultMode: 0440
  sources:
    {{- range $secret, $files := dict .root.Values.secrets.existingSecret $given (printf "%s-keys" (include "vestibule.fullname" .root)) $own }}
    {{- if $files }}
    - secret:
        name: {{ $secret }}
        items:
          {{- range $file, $key := $files }}
          - {key: {{ $key }}, path: {{ $file }}}
          {{- end }}
    {{- end }}
    {{- end }}
{{- end }}

{{/* What the given Secret lacks, where the cluster can be asked; each key once. */}}
{{- define "vestibule.secretFaults" -}}
{{- $faults := list }}
{{- $name := .Values.secrets.existingSecret }}
{{- $there := dict }}
{{- if $name }}{{ $there = lookup "v1" "Secret" .Release.Namespace $name }}{{ end }}
{{- if $there }}
{{- $wanted := list }}
{{- $components := list "api" "web" "migrate" }}
{{- if .Values.storage.enabled }}{{ $components = append $components "storage" }}{{ end }}
{{- if or .Values.backup.enabled .Values.backup.restore.enabled }}{{ $components = append $components "backup" }}{{ end }}
{{- range $components }}
{{- $wanted = concat $wanted (values (include "vestibule.files" (dict "root" $ "component" .) | fromYaml)) }}
{{- end }}
{{- range $wanted | uniq | sortAlpha }}
{{- $isMade := and $.Values.secrets.generateKeys (has . (list "sealing.key" "receipts.key" "web.key")) }}
{{- if and (not $isMade) (not (get (default dict $there.data) .)) }}
{{- $faults = append $faults (printf "the Secret %s has no %s" $name .) }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $faults }}
{{- end }}
