{{- define "nunchi.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "nunchi.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "nunchi.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "nunchi.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "nunchi.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "nunchi.selector" -}}
app.kubernetes.io/name: {{ include "nunchi.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "nunchi.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "nunchi.adminSecret" -}}
{{- default (printf "%s-admin" (include "nunchi.fullname" .)) .Values.existingSecret -}}
{{- end -}}

{{/*
What a kube-prometheus-stack values file says with the same meaning, as values of ours. Its
`prometheus.prometheusSpec` and `grafana` win over the defaults of this chart.
*/}}
{{- define "nunchi.values" -}}
{{- $server := deepCopy .Values.server -}}
{{- $monitors := deepCopy .Values.monitors -}}
{{- $spec := dig "prometheus" "prometheusSpec" dict .Values.AsMap -}}
{{- range $key := list "retention" "retentionSize" "scrapeInterval" "evaluationInterval" "externalLabels" "additionalScrapeConfigs" "remoteWrite" "storageSpec" "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" -}}
{{- if hasKey $spec $key -}}{{- $_ := set $server $key (get $spec $key) -}}{{- end -}}
{{- end -}}
{{- range $kind := list "podMonitor" "serviceMonitor" "probe" "scrapeConfig" "rule" -}}
{{- range $key := list (printf "%sSelectorNilUsesHelmValues" $kind) (printf "%sSelector" $kind) -}}
{{- if hasKey $spec $key -}}{{- $_ := set $monitors $key (get $spec $key) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $grafana := dig "grafana" dict .Values.AsMap -}}
{{- if hasKey $grafana "defaultDashboardsTimezone" -}}{{- $_ := set $server "defaultDashboardsTimezone" $grafana.defaultDashboardsTimezone -}}{{- end -}}
{{- $dashboards := deepCopy .Values.dashboards -}}
{{- $sidecar := dig "sidecar" "dashboards" dict $grafana -}}
{{- range $key := list "enabled" "label" "labelValue" "folderAnnotation" -}}
{{- $given := get $sidecar $key -}}
{{- if and (hasKey $sidecar $key) (or (kindIs "bool" $given) $given) -}}{{- $_ := set $dashboards $key (kindIs "bool" $given | ternary $given (toString $given)) -}}{{- end -}}
{{- end -}}
{{- with $sidecar.searchNamespace -}}
{{- $names := kindIs "slice" . | ternary . (splitList "," (toString .)) -}}
{{- if not (has "ALL" $names) -}}{{- $_ := set $dashboards "namespaces" $names -}}{{- end -}}
{{- end -}}
{{- $ingress := .Values.ingress -}}
{{- if and (not $ingress.enabled) (dig "ingress" "enabled" false $grafana) -}}
{{- $ingress = mergeOverwrite (deepCopy .Values.ingress) (pick $grafana.ingress "enabled" "ingressClassName" "annotations" "labels" "hosts" "path" "pathType" "tls") -}}
{{- end -}}
{{- $password := default (dig "adminPassword" "" $grafana) .Values.adminPassword -}}
{{- $user := default .Values.adminUser (dig "adminUser" "" $grafana) -}}
{{- dict "server" $server "monitors" $monitors "dashboards" $dashboards "ingress" $ingress "adminPassword" $password "adminUser" $user | toJson -}}
{{- end -}}

{{/* The label selector of one kind of monitor: its own, or that of the release, or everything. */}}
{{- define "nunchi.monitorSelector" -}}
{{- $selector := get .monitors (printf "%sSelector" .kind) -}}
{{- if $selector -}}
{{- toJson $selector -}}
{{- else if get .monitors (printf "%sSelectorNilUsesHelmValues" .kind) -}}
{{- dict "matchLabels" (dict "release" .release) | toJson -}}
{{- else -}}
{}
{{- end -}}
{{- end -}}

{{/* Unlike Grafana, `browser` is `local` in nunchi.yaml. */}}
{{- define "nunchi.timeZone" -}}
{{- if or (not .) (eq . "browser") -}}local{{- else if eq (lower .) "utc" -}}UTC{{- else -}}{{ . }}{{- end -}}
{{- end -}}
