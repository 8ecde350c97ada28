/** What messages say where the configuration says nothing; names are those that users' own templates call. */
export const defaultTemplates: string = `
{{ define "__alertmanager" }}Alertmanager{{ end }}
{{ define "__alertmanagerURL" }}{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}{{ end }}

{{ define "__subject" -}}
[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ end }}] {{ join " " .GroupLabels.SortedPairs.Values }}
{{- if gt (len .CommonLabels) (len .GroupLabels) }} ({{ join " " (.CommonLabels.Remove .GroupLabels.Names).Values }}){{ end }}
{{- end }}

{{ define "__description" }}{{ end }}

{{ define "__text_alert_list" }}{{ range . }}Labels:
{{ range .Labels.SortedPairs }}  {{ .Name }} = {{ .Value }}
{{ end }}{{ if .Annotations }}Annotations:
{{ range .Annotations.SortedPairs }}  {{ .Name }} = {{ .Value }}
{{ end }}{{ end }}Source: {{ .GeneratorURL }}
{{ end }}{{ end }}

{{ define "__text_alert_list_markdown" }}{{ range . }}
**{{ or .Annotations.summary .Labels.alertname }}**{{ with .Annotations.description }}
{{ . }}{{ end }}
{{ range .Labels.SortedPairs }}
- {{ .Name }}: \`{{ .Value }}\`{{ end }}{{ with .GeneratorURL }}

[Source]({{ . }}){{ end }}
{{ end }}{{ end }}

{{ define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "slack.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "slack.default.fallback" }}{{ template "slack.default.title" . }} | {{ template "slack.default.titlelink" . }}{{ end }}
{{ define "slack.default.callbackid" }}{{ end }}
{{ define "slack.default.pretext" }}{{ end }}
{{ define "slack.default.iconemoji" }}{{ end }}
{{ define "slack.default.iconurl" }}{{ end }}
{{ define "slack.default.footer" }}{{ end }}
{{ define "slack.default.text" }}{{ range .Alerts }}{{ if .Annotations.summary }}*{{ .Annotations.summary }}*{{ if eq .Status "resolved" }} (resolved){{ end }}
{{ end }}{{ with .Annotations.description }}{{ . }}
{{ end }}{{ end }}{{ end }}

{{ define "__parts" }}{{ if .Alerts.Firing }}Firing:
{{ template "__text_alert_list" .Alerts.Firing }}{{ end }}{{ if .Alerts.Resolved }}Resolved:
{{ template "__text_alert_list" .Alerts.Resolved }}{{ end }}{{ end }}

{{ define "__parts_markdown" }}{{ if .Alerts.Firing }}
# Firing
{{ template "__text_alert_list_markdown" .Alerts.Firing }}{{ end }}{{ if .Alerts.Resolved }}
# Resolved
{{ template "__text_alert_list_markdown" .Alerts.Resolved }}{{ end }}{{ end }}

{{ define "pagerduty.default.description" }}{{ template "__subject" . }}{{ end }}
{{ define "pagerduty.default.client" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "pagerduty.default.clientURL" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "pagerduty.default.instances" }}{{ template "__text_alert_list" . }}{{ end }}

{{ define "opsgenie.default.message" }}{{ template "__subject" . }}{{ end }}
{{ define "opsgenie.default.source" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "opsgenie.default.description" }}{{ template "__parts" . }}{{ end }}

{{ define "discord.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "discord.default.content" }}{{ end }}
{{ define "discord.default.message" }}{{ template "__parts_markdown" . }}{{ end }}

{{ define "msteams.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "msteams.default.summary" }}{{ template "__subject" . }}{{ end }}
{{ define "msteams.default.text" }}{{ template "__parts_markdown" . }}{{ end }}
{{ define "msteamsv2.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "msteamsv2.default.text" }}{{ template "__parts_markdown" . }}{{ end }}

{{ define "telegram.default.message" }}{{ if .Alerts.Firing }}<b>Firing</b>
{{ template "__text_alert_list" .Alerts.Firing }}{{ end }}{{ if .Alerts.Resolved }}<b>Resolved</b>
{{ template "__text_alert_list" .Alerts.Resolved }}{{ end }}{{ end }}

{{ define "slack.default.color" }}{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}{{ end }}

{{ define "__message" }}{{ with .CommonAnnotations.SortedPairs.Values }}{{ join " " . }}
{{ end }}{{ template "__parts" . }}{{ end }}

{{ define "sns.default.subject" }}{{ template "__subject" . }}{{ end }}
{{ define "sns.default.message" }}{{ template "__message" . }}{{ end }}
{{ define "victorops.default.state_message" }}{{ template "__message" . }}{{ end }}
{{ define "victorops.default.entity_display_name" }}{{ template "__subject" . }}{{ end }}
{{ define "victorops.default.monitoring_tool" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "pushover.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "pushover.default.message" }}{{ template "__message" . }}{{ end }}
{{ define "pushover.default.url" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "wechat.default.message" }}{{ template "__subject" . }}
{{ template "__message" . }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "wechat.default.to_user" }}{{ end }}
{{ define "wechat.default.to_party" }}{{ end }}
{{ define "wechat.default.to_tag" }}{{ end }}
{{ define "wechat.default.agent_id" }}{{ end }}
{{ define "webex.default.message" }}**{{ template "__subject" . }}**
{{ template "__parts_markdown" . }}{{ end }}
{{ define "jira.default.summary" }}{{ template "__subject" . }}{{ end }}
{{ define "jira.default.description" }}{{ template "__parts" . }}{{ end }}
{{ define "jira.default.priority" }}{{ $priority := "" }}{{ range .Alerts.Firing }}{{ $severity := index .Labels "severity" -}}
{{ if eq $severity "critical" }}{{ $priority = "High" -}}
{{ else if and (eq $severity "warning") (ne $priority "High") }}{{ $priority = "Medium" -}}
{{ else if and (eq $severity "info") (eq $priority "") }}{{ $priority = "Low" }}{{ end }}{{ end }}{{ $priority }}{{ end }}
{{ define "rocketchat.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "rocketchat.default.alias" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "rocketchat.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "rocketchat.default.emoji" }}{{ end }}
{{ define "rocketchat.default.iconurl" }}{{ end }}
{{ define "rocketchat.default.text" }}{{ template "slack.default.text" . }}{{ end }}
{{ define "mattermost.default.color" }}{{ template "slack.default.color" . }}{{ end }}
{{ define "mattermost.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "mattermost.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "mattermost.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "mattermost.default.fallback" }}{{ template "mattermost.default.title" . }} | {{ template "mattermost.default.titlelink" . }}{{ end }}
{{ define "mattermost.default.text" }}{{ template "__parts_markdown" . }}{{ end }}

{{ define "googlechat.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "googlechat.default.message" }}{{ template "slack.default.text" . }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "matrix.default.message" }}{{ template "__subject" . }}
{{ template "__message" . }}{{ end }}
{{ define "matrix.default.html" }}<b>{{ template "__subject" . }}</b>{{ range .Alerts }}<br>{{ or .Annotations.summary .Labels.alertname }}{{ if eq .Status "resolved" }} (resolved){{ end }}{{ with .Annotations.description }}<br>{{ . }}{{ end }}{{ end }}<br><a href="{{ template "__alertmanagerURL" . }}">{{ template "__alertmanager" . }}</a>{{ end }}
{{ define "zenduty.default.message" }}{{ template "__subject" . }}{{ end }}
{{ define "zenduty.default.summary" }}{{ template "__message" . }}{{ end }}
{{ define "feishu.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "feishu.default.message" }}{{ template "__parts_markdown" . }}{{ end }}
{{ define "dingtalk.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "dingtalk.default.message" }}### {{ template "__subject" . }}
{{ template "__parts_markdown" . }}{{ end }}
{{ define "dingtalk.default.url" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "line.default.message" }}{{ template "__subject" . }}
{{ template "__message" . }}{{ end }}
{{ define "threema.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "threema.default.message" }}{{ template "__message" . }}{{ end }}

{{ define "email.default.subject" }}{{ template "__subject" . }}{{ end }}
{{ define "email.default.html" }}<!doctype html>
<html><body style="font-family:sans-serif;font-size:14px;color:#1f2328">
<h2 style="margin:0 0 4px;color:{{ if eq .Status "firing" }}#b42318{{ else }}#067647{{ end }}">{{ template "__subject" . }}</h2>
<p><a href="{{ template "__alertmanagerURL" . }}">Open in {{ template "__alertmanager" . }}</a></p>
{{ range .Alerts }}<div style="border-left:3px solid {{ if eq .Status "firing" }}#b42318{{ else }}#067647{{ end }};padding:2px 10px;margin:0 0 14px">
<b>{{ .Labels.alertname }}</b> {{ .Status }} since {{ .StartsAt.Format "2006-01-02 15:04:05 MST" }}
<table style="font-size:13px">
{{ range .Labels.SortedPairs }}<tr><td>{{ .Name }}</td><td>{{ .Value }}</td></tr>
{{ end }}{{ range .Annotations.SortedPairs }}<tr><td><i>{{ .Name }}</i></td><td>{{ .Value }}</td></tr>
{{ end }}</table>
{{ if .GeneratorURL }}<a href="{{ .GeneratorURL }}">Source</a>{{ end }}</div>
{{ end }}</body></html>
{{ end }}
`;
