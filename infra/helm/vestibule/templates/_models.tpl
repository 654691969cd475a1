{{- define "vestibule.pack" -}}
{{- default "open" .Values.settings.VESTIBULE_PACK }}
{{- end }}

{{- define "vestibule.modelsVolume" -}}
name: models
{{- $models := .Values.models }}
{{- if eq $models.source "claim" }}
persistentVolumeClaim: {claimName: {{ default (printf "%s-models" (include "vestibule.fullname" .)) $models.claim.existing }}}
{{- else if eq $models.source "image" }}
emptyDir: {}
{{- else }}
{{- toYaml $models.volume | nindent 0 }}
{{- end }}
{{- end }}

{{/* Copy them, or wait for them: the folder of a pack appears whole or not at all. dict root, image. */}}
{{- define "vestibule.modelsFirst" -}}
{{- $models := .root.Values.models }}
{{- $copies := eq $models.source "image" -}}
- name: models
  image: {{ ternary $models.image .image $copies }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  {{- if $copies }}
  command: [sh, -c, "cp -R /models/. /copied/"]
  {{- else }}
  command: [sh, -c, "until test -f /models/{{ include "vestibule.pack" .root }}/manifest.json; do sleep 2; done"]
  {{- end }}
  resources:
    requests: {cpu: 50m, memory: 64Mi}
    limits: {memory: 256Mi}
  securityContext: {{- include "vestibule.hardened" .root | nindent 4 }}
  volumeMounts:
    - {name: models, mountPath: {{ ternary "/copied" "/models" $copies }}{{ if not $copies }}, readOnly: true{{ end }}}
{{- end }}
