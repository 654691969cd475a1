{{/* The variables of one component, as a list: dict root, component, and pool for a worker. */}}
{{- define "vestibule.environment" -}}
{{- $values := .root.Values }}
{{- $isProcess := has .component (list "api" "web" "worker" "scheduler") }}
{{- $set := dict }}
{{- if eq .component "models" }}
{{- $set = deepCopy $values.models.environment }}
{{- else }}
{{- $set = merge (dict
  "VESTIBULE_SECRETS_DIR" "/etc/vestibule/secrets"
  "VESTIBULE_PUBLIC_URL" $values.publicUrl
) $values.settings }}
{{- end }}
{{- if has .component (list "api" "worker" "scheduler" "storage" "backup" "restore") }}
{{- $set = merge $set (include "vestibule.systems" .root | fromYaml) }}
{{- end }}
{{- if eq .component "web" }}
{{- $_ := set $set "VESTIBULE_API_URL" (printf "http://%s-api:8000" (include "vestibule.fullname" .root)) }}
{{- end }}
{{- if eq .component "worker" }}
{{- $pool := include "vestibule.pool" . | fromYaml }}
{{- $_ := set $set "VESTIBULE_WORKER_QUEUES" (toJson $pool.queues) }}
{{- if $pool.gpus }}{{ $_ := set $set "NVIDIA_DRIVER_CAPABILITIES" "compute,utility" }}{{ end }}
{{- $set = mustMergeOverwrite $set $pool.settings }}
{{- end }}
{{- if has .component (list "backup" "restore") }}
{{- $set = merge $set (dict
  "VESTIBULE_BACKUP_KEY_FILE" "/etc/vestibule/secrets/backup.key"
  "VESTIBULE_BACKUP_S3_ENDPOINT" $values.backup.s3Endpoint
  "VESTIBULE_BACKUP_S3_BUCKET" $values.backup.s3Bucket
) }}
{{- end }}
{{- if and $isProcess $values.metrics.enabled }}
{{- $set = merge $set (dict "VESTIBULE_METRICS_HOST" "0.0.0.0" "VESTIBULE_METRICS_PORT" $values.metrics.port) }}
{{- end }}
{{- if and $isProcess $values.traces.endpoint }}
{{- $set = merge $set (dict "VESTIBULE_TRACES_ENDPOINT" $values.traces.endpoint "VESTIBULE_TRACES_SHARE" $values.traces.share) }}
{{- end }}
{{- if $values.caConfigMap }}
{{- $_ := set $set "SSL_CERT_FILE" "/etc/vestibule/ca/ca.crt" }}
{{- end }}
{{- $words := list }}
{{- range $name, $value := $set }}
{{- $words = append $words (printf "- name: %s\n  value: %s" $name (include "vestibule.word" $value | quote)) }}
{{- end }}
{{- join "\n" $words }}
{{- end }}

{{/* Numbers of a values file arrive as floating ones; 25000000 must not be said as 2.5e+07. */}}
{{- define "vestibule.word" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else if kindIs "slice" . }}{{ toJson . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* Where the systems are. */}}
{{- define "vestibule.systems" -}}
{{- $values := .Values }}
{{- $set := dict
  "VESTIBULE_REQUIRE_TLS" $values.requireTls
  "VESTIBULE_VOLATILE_TRUSTED" $values.volatile.trusted
  "VESTIBULE_S3_ENDPOINT" $values.s3.endpoint
  "VESTIBULE_S3_REGION" $values.s3.region
  "VESTIBULE_S3_BUCKET" $values.s3.bucket
  "VESTIBULE_S3_ENCRYPTION" $values.s3.encryption
  "VESTIBULE_QDRANT_URL" $values.qdrant.url
  "VESTIBULE_QDRANT_SHARDS" $values.qdrant.shards
  "VESTIBULE_QDRANT_REPLICAS" $values.qdrant.replicas
}}
{{- with $values.s3.importBucket }}{{ $_ := set $set "VESTIBULE_S3_IMPORT_BUCKET" . }}{{ end }}
{{- toYaml $set }}
{{- end }}
