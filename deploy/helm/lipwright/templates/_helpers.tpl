{{/* Names: the release's, and what Kubernetes finds its things by. */}}
{{- define "lipwright.name" -}}
{{- if contains "lipwright" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-lipwright" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "lipwright.selector" -}}
app.kubernetes.io/name: lipwright
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "lipwright.labels" -}}
{{ include "lipwright.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- define "lipwright.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "lipwright.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* What holds for every pod. */}}
{{- define "lipwright.pod" -}}
serviceAccountName: {{ include "lipwright.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false # a service named lipwright would set LIPWRIGHT_PORT
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* What holds for every container. */}}
{{- define "lipwright.container" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: data, mountPath: /data}
  - {name: cache, mountPath: /cache}
  - {name: tmp, mountPath: /tmp}
env:
  - name: LIPWRIGHT_DATABASE
    valueFrom: {secretKeyRef: {name: {{ .Values.secret.name | quote }}, key: {{ .Values.secret.databaseUrlKey | quote }}}}
  - name: LIPWRIGHT_SIGNING_KEY
    valueFrom: {secretKeyRef: {name: {{ .Values.secret.name | quote }}, key: {{ .Values.secret.signingKeyKey | quote }}}}
  - name: LIPWRIGHT_STORAGE
    value: {{ .Values.storage.url | quote }}
{{- range $name, $value := .Values.settings }}
  - name: {{ printf "LIPWRIGHT_%s" (upper $name) }}
    value: {{ $value | quote }}
{{- end }}
{{- with .Values.storage.endpointUrl }}
  - name: AWS_ENDPOINT_URL
    value: {{ . | quote }}
{{- end }}
{{- with .Values.storage.region }}
  - name: AWS_REGION
    value: {{ . | quote }}
{{- end }}
{{- if .Values.storage.allowHttp }}
  - name: AWS_ALLOW_HTTP
    value: "true"
{{- end }}
{{- with .Values.secret.storageKeyIdKey }}
  - name: AWS_ACCESS_KEY_ID
    valueFrom: {secretKeyRef: {name: {{ $.Values.secret.name | quote }}, key: {{ . | quote }}}}
{{- end }}
{{- with .Values.secret.storageKeyKey }}
  - name: AWS_SECRET_ACCESS_KEY
    valueFrom: {secretKeyRef: {name: {{ $.Values.secret.name | quote }}, key: {{ . | quote }}}}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . | indent 2 }}
{{- end }}
{{- end }}

{{/*
How many workers a group needs, as SQL over the engine's own table, for {root, group}. For each of its queues: those that
are busy, and one more for each time that the oldest waiting work has waited for `targetAgeSeconds`, but no more than
there is work; where nobody is busy, one at once. A worker listens to all queues of its group, so the largest number is
the answer.
*/}}
{{- define "lipwright.wanted" -}}
{{- $rows := list }}
{{- range $queue := .group.queues }}
{{- if hasKey $.root.Values.atATime $queue }}
{{- $rows = append $rows (printf "('%s', %d)" $queue (int (get $.root.Values.atATime $queue))) }}
{{- end }}
{{- end }}
SELECT COALESCE(MAX((running + GREATEST(LEAST(waiting, FLOOR(age_s / {{ int .group.targetAgeSeconds }})),
CASE WHEN running = 0 AND waiting > 0 THEN 1 ELSE 0 END)) / at_a_time), 0)::float8
FROM (SELECT at_a_time::float8 AS at_a_time,
COUNT(*) FILTER (WHERE status = 'PENDING') AS running,
COUNT(*) FILTER (WHERE status = 'ENQUEUED') AS waiting,
COALESCE(EXTRACT(EPOCH FROM clock_timestamp()) - MIN(created_at) FILTER (WHERE status = 'ENQUEUED') / 1000.0, 0) AS age_s
FROM dbos.workflow_status JOIN (VALUES {{ join ", " $rows }}) AS queue (name, at_a_time) ON queue_name = queue.name
WHERE status IN ('PENDING', 'ENQUEUED') GROUP BY queue.name, at_a_time) AS queues
{{- end }}
