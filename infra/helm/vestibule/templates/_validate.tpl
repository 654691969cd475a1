{{/* Everything that is missing or contradicts itself, told at once. */}}
{{- define "vestibule.validate" -}}
{{- $values := .Values }}
{{- $faults := list }}
{{- range $path, $words := dict
  "publicUrl" "how people reach it, https://door.example.com"
  "image.registry" "where the images are that you built from infra/images/Dockerfile, registry.example.com/door"
  "secrets.existingSecret" "a Secret of this namespace with the keys that values.yaml lists"
  "s3.endpoint" "the object store, https://s3.example.com"
  "qdrant.url" "the index, https://qdrant:6333"
}}
{{- $found := $values }}
{{- range splitList "." $path }}{{ $found = get $found . }}{{ end }}
{{- if not $found }}{{ $faults = append $faults (printf "%s is missing: %s" $path $words) }}{{ end }}
{{- end }}
{{- if $values.requireTls }}
{{- range $path := list "s3.endpoint" "qdrant.url" "backup.s3Endpoint" }}
{{- $found := $values }}
{{- range splitList "." $path }}{{ $found = get $found . }}{{ end }}
{{- if hasPrefix "http://" $found }}
{{- $faults = append $faults (printf "%s is not https://: faces and keys pass there. requireTls: false where the network seals what pods say" $path) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $values.ingress.enabled (not $values.ingress.tlsSecret) }}
{{- $faults = append $faults "ingress.tlsSecret is missing: the Secret with certificate and key; photos of faces travel by TLS alone" }}
{{- end }}
{{- if and (eq $values.models.source "image") (not $values.models.image) }}
{{- $faults = append $faults "models.image is missing: the image that holds the packs under /models" }}
{{- end }}
{{- if and (eq $values.models.source "volume") (not $values.models.volume) }}
{{- $faults = append $faults "models.volume is missing: a volume of Kubernetes that holds the packs" }}
{{- end }}
{{- if or $values.backup.enabled $values.backup.restore.enabled }}
{{- if not $values.backup.s3Endpoint }}{{ $faults = append $faults "backup.s3Endpoint is missing: the store that backups go to, best another one" }}{{ end }}
{{- if not $values.backup.s3Bucket }}{{ $faults = append $faults "backup.s3Bucket is missing" }}{{ end }}
{{- end }}
{{- if and (or $values.metrics.serviceMonitor.enabled $values.metrics.rules.enabled $values.metrics.dashboards.enabled) (not $values.metrics.enabled) }}
{{- $faults = append $faults "metrics.enabled is false: there would be nothing to watch" }}
{{- end }}
{{- range $process := list "api" "web" }}
{{- $autoscaling := (get $values $process).autoscaling }}
{{- $faults = concat $faults (include "vestibule.copyFaults" (dict
  "what" $process
  "isScaled" $autoscaling.enabled
  "autoscaling" $autoscaling
  "replicas" (get $values $process).replicas
  "maxUnavailable" (get $values $process).maxUnavailable
) | fromYamlArray) }}
{{- end }}
{{- $faults = concat $faults (include "vestibule.copyFaults" (dict
  "what" "scheduler"
  "isScaled" false
  "replicas" $values.scheduler.replicas
  "maxUnavailable" $values.scheduler.maxUnavailable
) | fromYamlArray) }}
{{- $faults = concat $faults (include "vestibule.poolFaults" . | fromYamlArray) (include "vestibule.secretFaults" . | fromYamlArray) }}
{{- if $faults }}
{{- fail (printf "\n\nVestibule cannot be installed so:\n  - %s\n" (join "\n  - " $faults)) }}
{{- end }}
{{- end }}

{{/* Of how many copies there are: dict what, isScaled, autoscaling, replicas, maxUnavailable. */}}
{{- define "vestibule.copyFaults" -}}
{{- $faults := list }}
{{- $fewest := int .replicas }}
{{- if .isScaled }}
{{- $fewest = int .autoscaling.min }}
{{- if gt (int .autoscaling.min) (int .autoscaling.max) }}
{{- $faults = append $faults (printf "%s.autoscaling.min is more than max" .what) }}
{{- end }}
{{- end }}
{{- if and (not (kindIs "string" .maxUnavailable)) (gt $fewest 1) (ge (int .maxUnavailable) $fewest) }}
{{- $faults = append $faults (printf "%s.maxUnavailable is %d of %d copies: all of them could be drained at once" .what (int .maxUnavailable) $fewest) }}
{{- end }}
{{- toYaml $faults }}
{{- end }}

{{- define "vestibule.poolFaults" -}}
{{- $faults := list }}
{{- $served := list }}
{{- $usesKeda := false }}
{{- range $name, $_ := .Values.workers }}
{{- $pool := include "vestibule.pool" (dict "root" $ "pool" $name) | fromYaml }}
{{- if $pool.enabled }}
{{- $served = concat $served $pool.queues }}
{{- $usesKeda = or $usesKeda (eq $pool.autoscaling.kind "keda") }}
{{- $faults = concat $faults (include "vestibule.copyFaults" (dict
  "what" (printf "workers.%s" $name)
  "isScaled" (ne $pool.autoscaling.kind "none")
  "autoscaling" $pool.autoscaling
  "replicas" $pool.replicas
  "maxUnavailable" $pool.maxUnavailable
) | fromYamlArray) }}
{{- if and (ne $pool.autoscaling.kind "none") (lt (int $pool.autoscaling.min) 1) }}
{{- $faults = append $faults (printf "workers.%s.autoscaling.min is 0: who comes first would wait for the models to load" $name) }}
{{- end }}
{{- if and $pool.gpus (ne $pool.image "gpu") }}
{{- $faults = append $faults (printf "workers.%s asks for cards with the image %s: use the image gpu" $name $pool.image) }}
{{- end }}
{{- if and (eq $pool.image "gpu") (not $pool.gpus) }}
{{- $faults = append $faults (printf "workers.%s has the image gpu and no card (gpus): its workers would not start" $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- range list "identify" "enrol" "bulk" "schedule" }}
{{- if not (has . $served) }}
{{- $faults = append $faults (printf "no pool of workers serves the queue %s: its jobs would wait for ever" .) }}
{{- end }}
{{- end }}
{{- if and $usesKeda (eq .Values.keda.trigger "prometheus") }}
{{- if not .Values.keda.prometheus.serverAddress }}
{{- $faults = append $faults "keda.prometheus.serverAddress is missing: where KEDA asks for the length of queues" }}
{{- end }}
{{- if not .Values.metrics.enabled }}
{{- $faults = append $faults "metrics.enabled is false: KEDA would find no length of queues in Prometheus" }}
{{- end }}
{{- end }}
{{- if and $usesKeda (eq .Values.keda.trigger "redis") (not .Values.keda.redis.address) }}
{{- $faults = append $faults "keda.redis.address is missing: host:port of the broker" }}
{{- end }}
{{- toYaml $faults }}
{{- end }}
