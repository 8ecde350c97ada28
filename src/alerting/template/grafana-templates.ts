/** What messages of contact points say where nobody says otherwise; names are those that users' own templates call. */
export const grafanaTemplates: string = `
{{ define "default.title" }}[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ if .Alerts.Resolved }}, RESOLVED:{{ len .Alerts.Resolved }}{{ end }}{{ end }}] {{ join " " .GroupLabels.SortedPairs.Values }} {{ if gt (len .CommonLabels) (len .GroupLabels) }}({{ join " " (.CommonLabels.Remove .GroupLabels.Names).Values }}){{ end }}{{ end }}

{{ define "__rule_values" }}{{ if .Values }}{{ $isFirst := true }}{{ range $refId, $value := .Values }}{{ if $isFirst }}{{ $isFirst = false }}{{ else }}, {{ end }}{{ $refId }}={{ $value }}{{ end }}{{ else }}[no value]{{ end }}{{ end }}

{{ define "__rule_alerts" }}{{ range . }}
Value: {{ template "__rule_values" . }}
Labels:
{{ range .Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}
{{ end }}Annotations:
{{ range .Annotations.SortedPairs }} - {{ .Name }} = {{ .Value }}
{{ end }}{{ if .GeneratorURL }}Source: {{ .GeneratorURL }}
{{ end }}{{ if .SilenceURL }}Silence: {{ .SilenceURL }}
{{ end }}{{ if .DashboardURL }}Dashboard: {{ .DashboardURL }}
{{ end }}{{ if .PanelURL }}Panel: {{ .PanelURL }}
{{ end }}{{ end }}{{ end }}

{{ define "default.message" }}{{ if .Alerts.Firing }}**Firing**
{{ template "__rule_alerts" .Alerts.Firing }}{{ if .Alerts.Resolved }}

{{ end }}{{ end }}{{ if .Alerts.Resolved }}**Resolved**
{{ template "__rule_alerts" .Alerts.Resolved }}{{ end }}{{ end }}
`;
