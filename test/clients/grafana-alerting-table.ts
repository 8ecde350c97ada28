type Json = Readonly<Record<string, unknown>>;

/** A call, the status that Grafana (or Alertmanager) answers with, and what the body has in it. */
export interface Row {
  readonly call: string;
  readonly status: number;
  readonly body?: unknown;
  readonly has?: RegExp;
}

const row = (call: string, status: number, has?: RegExp, body?: unknown): Row => ({
  call,
  status,
  ...(has === undefined ? {} : { has }),
  ...(body === undefined ? {} : { body }),
});

const data = [
  {
    refId: 'A',
    relativeTimeRange: { from: 600, to: 0 },
    datasourceUid: 'prometheus',
    model: { expr: 'vector(1)', instant: true },
  },
  { refId: 'B', datasourceUid: '__expr__', model: { type: 'math', expression: '$A > 0' } },
];
const rule: Json = {
  uid: 'table-rule',
  title: 'Table',
  folderUID: 'table',
  ruleGroup: 'g',
  condition: 'B',
  data,
  for: '1m',
  noDataState: 'OK',
  execErrState: 'OK',
  labels: { team: 'x' },
};
const rulerRule: Json = { for: '1m', grafana_alert: { title: 'R', condition: 'B', data } };
const rulerGroup: Json = { name: 'g2', interval: '1m', rules: [rulerRule] };
const point: Json = { uid: 'table-c', name: 'table c', type: 'webhook' };
const hook = (path: string): Json => ({
  ...point,
  settings: { url: `http://127.0.0.1:9/${path}` },
});
const intervals = [{ weekdays: ['saturday'], times: [{ start_time: '09:00', end_time: '17:00' }] }];
const silence = (startsAt: string, endsAt: string, more: Json = {}): Json => ({
  matchers: [{ name: 'a', value: 'b', isRegex: false, isEqual: true }],
  startsAt,
  endsAt,
  createdBy: 'me',
  comment: 'c',
  ...more,
});
const nobody = 'e9c1e1b6-35c7-4b0e-8d5d-000000000000';

const own = '/api/v1/provisioning';
const ruler = '/api/ruler/grafana/api/v1';
const manager = '/api/alertmanager/grafana';

/** In this order: later calls read what earlier ones made, and the last ones take it away. */
export const table: readonly Row[] = [
  row('POST /api/folders', 200, undefined, { uid: 'table', title: 'Table' }),
  row(`POST ${own}/alert-rules`, 201, /"provenance":"api"/, rule),
  row(`POST ${own}/alert-rules`, 409, undefined, rule),
  row(`GET ${own}/alert-rules`, 200, /table-rule/),
  row(`GET ${own}/alert-rules/table-rule`, 200, /"folderUID":"table"/),
  row(`GET ${own}/alert-rules/nope`, 404),
  row(`PUT ${own}/alert-rules/table-rule`, 200, /Renamed/, { ...rule, title: 'Renamed' }),
  row(
    `GET ${own}/alert-rules/export?format=hcl&download=true`,
    200,
    /resource "grafana_rule_group"/,
  ),
  row(`GET ${own}/alert-rules/table-rule/export`, 200, /apiVersion: 1[\s\S]*uid: table-rule/),
  row(`GET ${own}/alert-rules/export?format=json`, 200, /"folder":"Table"/),
  row(`GET ${own}/alert-rules/export?format=xml`, 400, /must be yaml, json or hcl/),
  row(`GET ${own}/folder/table/rule-groups/g`, 200, /"interval":60/),
  row(`PUT ${own}/folder/table/rule-groups/g`, 400, /divided exactly/, {
    title: 'g',
    interval: 15,
    rules: [rule],
  }),
  row(`PUT ${own}/folder/table/rule-groups/g`, 200, /"interval":120/, {
    title: 'g',
    interval: 120,
    rules: [{ ...rule, for: '2m' }],
  }),
  row(`GET ${own}/folder/table/rule-groups/g/export`, 200, /interval: 2m/),
  row(`POST ${own}/contact-points`, 202, /"uid":"table-c"/, hook('a')),
  row(`GET ${own}/contact-points?name=table%20c`, 200, /table-c/),
  row(`PUT ${own}/contact-points/table-c`, 202, /contactpoint updated/, hook('b')),
  row(`PUT ${own}/contact-points/nope`, 404, undefined, hook('b')),
  row(`POST ${own}/contact-points`, 400, /./, { ...point, uid: 'other', settings: {} }),
  row(`GET ${own}/contact-points/export?format=hcl&decrypt=true`, 200, /grafana_contact_point/),
  row(`POST ${own}/mute-timings`, 201, /saturday/, { name: 'mt', time_intervals: intervals }),
  row(`POST ${own}/mute-timings`, 400, undefined, {
    name: 'bad',
    time_intervals: [{ weekdays: ['someday'] }],
  }),
  row(`GET ${own}/mute-timings/mt`, 200, /saturday/),
  row(`GET ${own}/mute-timings/nope`, 404),
  row(`GET ${own}/mute-timings/export?format=hcl`, 200, /grafana_mute_timing/),
  row(`GET /api/v1/notifications/time-intervals/mt`, 200, /"name":"mt"/),
  row(`GET /api/v1/notifications/time-intervals`, 200, /"name":"mt"/),
  row(`GET /api/v1/notifications/receivers?names=table%20c`, 200, /table-c/),
  row(`GET /api/v1/notifications/receivers/nope`, 404),
  row(`PUT ${own}/policies`, 202, /policies updated/, {
    receiver: 'table c',
    group_by: ['alertname'],
    routes: [{ object_matchers: [['team', '=', 'x']], mute_time_intervals: ['mt'] }],
  }),
  row(`PUT ${own}/policies`, 400, /'nope' does not exist/, { receiver: 'nope' }),
  row(`GET ${own}/policies`, 200, /object_matchers/),
  row(`GET ${own}/policies/export?format=hcl`, 200, /grafana_notification_policy/),
  row(`DELETE ${own}/mute-timings/mt`, 409),
  row(`DELETE ${own}/contact-points/table-c`, 409),
  row(`PUT ${own}/templates/tt`, 202, /tt/, { template: '{{ define "tt" }}hi{{ end }}' }),
  row(`PUT ${own}/templates/bad`, 400, /unclosed action/, { template: '{{ define "x" }}{{ end' }),
  row(`GET ${own}/templates/tt`, 200, /hi/),
  row(`GET ${own}/templates/nope`, 404),
  row(`POST ${manager}/config/api/v1/templates/test`, 200, /"text":"1 TestAlert"/, {
    name: 't',
    template: '{{ define "t" }}{{ len .Alerts }} {{ .CommonLabels.alertname }}{{ end }}',
    alerts: [],
  }),
  row(`POST ${manager}/config/api/v1/templates/test`, 200, /"kind":"invalid_template"/, {
    name: 't',
    template: '{{ nope',
  }),
  row(`GET ${ruler}/rules`, 200, /"Table":\[/),
  row(`GET ${ruler}/rules/table`, 202, /"name":"g"/),
  row(`GET ${ruler}/rules/nope`, 404),
  row(`GET ${ruler}/rules/table/g`, 202, /"interval":"2m"/),
  row(`POST ${ruler}/rules/table`, 202, /rule group updated successfully/, rulerGroup),
  row(`POST ${ruler}/rules/table/export?format=yaml`, 200, /name: g2/, rulerGroup),
  row(`GET ${ruler}/export/rules?folderUid=table&format=yaml`, 200, /name: g2/),
  row(`GET ${ruler}/rule/table-rule`, 200, /table-rule/),
  row(`GET ${ruler}/rule/table-rule/versions`, 200, /table-rule/),
  row(`DELETE ${ruler}/rules/table/g2`, 202, /rules deleted/),
  row(`DELETE ${ruler}/rules/table/g`, 409, /provisioned/),
  row('GET /api/prometheus/grafana/api/v1/rules?folder_uid=table', 200, /"state":"inactive"/),
  row('GET /api/prometheus/grafana/api/v1/alerts', 200, /"alerts":/),
  row(`GET ${manager}/api/v2/status`, 200, /"original":/),
  row(`GET ${manager}/api/v2/receivers`, 200, /table c/),
  row(`GET ${manager}/config/api/v1/alerts`, 200, /"tt":/),
  row(`GET ${manager}/config/api/v1/receivers`, 200, /table c/),
  row(`POST ${manager}/config/api/v1/receivers/test`, 400, /no receivers/, { receivers: [] }),
  row('GET /api/alert-notifiers', 200, /"type":"slack"/),
  row('GET /api/v1/ngalert', 200, /internal/),
  row('GET /api/v1/ngalert/alertmanagers', 200, /activeAlertManagers/),
  row('POST /api/v1/eval', 200, /"B":/, { data, now: '2026-01-01T00:00:00Z' }),
  row('POST /api/v1/rule/test/grafana', 200, /alertname/, {
    rule: rulerRule,
    folderUid: 'table',
    folderTitle: 'Table',
  }),
  row('GET /api/v1/rules/history?ruleUID=table-rule&from=1&to=2&limit=10', 200, /"schema"/),
  row('POST /api/admin/provisioning/alerting/reload', 200, /reloaded/, {}),
  row(`DELETE ${own}/policies`, 202),
  row(`DELETE ${own}/templates/tt`, 204),
  row(`DELETE ${own}/mute-timings/mt`, 204),
  row(`DELETE ${own}/contact-points/table-c`, 202, /contactpoint deleted/),
  row('DELETE /api/folders/table', 400, /folder contains alert rules/),
  row(`DELETE ${own}/alert-rules/table-rule`, 204),
  row(`DELETE ${own}/folder/table/rule-groups/g`, 404),
  row('DELETE /api/folders/table?forceDeleteRules=true', 200),
  // Alertmanager's own.
  row('POST /api/v2/alerts', 400, /at least one label pair/, [
    { labels: {} },
    { labels: { x: 'y' } },
  ]),
  row('GET /api/v2/alerts?filter=x%3D%22y%22&receiver=.*', 200, /"fingerprint"/),
  row('GET /api/v2/alerts?filter=%7Bbad', 400, /bad matcher format/),
  row('GET /api/v2/alerts?receiver=%5B', 400),
  row('GET /api/v2/alerts/groups?muted=true', 200, /"receiver"/),
  row(
    'POST /api/v2/silences',
    400,
    /start time must be before end time/,
    silence('2099-01-02T00:00:00Z', '2099-01-01T00:00:00Z'),
  ),
  row(
    'POST /api/v2/silences',
    400,
    /end time can't be in the past/,
    silence('2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z'),
  ),
  row(
    'POST /api/v2/silences',
    404,
    /not found/,
    silence('2099-01-01T00:00:00Z', '2099-01-02T00:00:00Z', { id: nobody }),
  ),
  row(`GET /api/v2/silence/${nobody}`, 404),
  row(`DELETE /api/v2/silence/${nobody}`, 404),
  row('GET /api/v2/status', 200, /"versionInfo"/),
  row('GET /api/v1/silences', 410, /v1 API was deprecated/),
  row('POST /api/v1/alerts', 410, /v2 API/, []),
  row('GET /api/v1/alerts', 200, /"status":"success"/),
  row('GET /-/healthy', 200),
];
