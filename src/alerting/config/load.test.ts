import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { yamlOf } from '../alerting.fixture.ts';
import { maskSecrets } from './mask.ts';
import { isWithin } from './time-interval.ts';

const good = 'route: {receiver: r}\nreceivers: [{name: r}]\n';

describe('loadAlertmanagerYaml() refuses', () => {
  const f = (text: string, want: RegExp): void =>
    void it(want.source, () => assert.throws(() => yamlOf(text), want));
  f('receivers: [{name: r}]', /no route provided in config/);
  f('route: {}\nreceivers: []', /a\.yml:1.*root route must specify a default receiver/);
  f(good.replace('{receiver: r}', '{receiver: x}'), /undefined receiver "x" used in route/);
  f(good.replace('r}\n', 'r, continue: true}\n'), /cannot have continue in root route/);
  f(good.replace('r}\n', 'r, matchers: [a=b]}\n'), /root route must not have any matchers/);
  f(good.replace('r}\n', 'r, group_by: [a, a]}\n'), /duplicated label "a" in group_by/);
  f(good.replace('r}\n', "r, group_by: ['...', a]}\n"), /cannot have wildcard group_by/);
  f(good.replace('r}\n', 'r, group_interval: 0s}\n'), /group_interval cannot be zero/);
  f(
    good.replace('r}\n', 'r, group_wate: 1s}\n'),
    /unknown key "group_wate", did you mean "group_wait"/,
  );
  f(good.replace('[{name: r}]', '[{name: r}, {name: r}]'), /name "r" is not unique/);
  f(
    good.replace('{name: r}', '{name: r, slack_configs: [{channel: c}]}'),
    /no Slack API URL nor App/,
  );
  f(
    good.replace('{name: r}', '{name: r, email_configs: [{to: a}]}'),
    /no global SMTP smarthost set/,
  );
  f(good.replace('{name: r}', '{name: r, sns_configs: [{}]}'), /receivers\[0\]\.sns_configs/);
  const receiver = (text: string, want: RegExp): void =>
    f(
      good.replace('{name: r}', () => `{name: r, ${text}}`),
      want,
    );
  receiver(
    "slack_configs: [{api_url: 'http://h', title: '{{ .Status'}]",
    /slack_configs\[0\]: title: template: :1: unclosed action/,
  );
  receiver(
    "slack_configs: [{api_url: 'http://h', fields: [{title: t, value: '{{ nope }}'}]}]",
    /fields\[0\]\.value: .*function "nope" not defined/,
  );
  receiver(
    "webhook_configs: [{url: 'http://h', payload: {a: ['{{ template \"x\" . }}']}}]",
    /payload\.a\[0\]: .*template "x" not defined/,
  );
  receiver(
    "slack_configs: [{api_url: 'http://h', update_message: true}]",
    /update_message and threads need an app_token/,
  );
  receiver(
    'sns_configs: [{topic_arn: a, phone_number: b}]',
    /must provide either a Target ARN, Topic ARN, or Phone Number/,
  );
  receiver('victorops_configs: [{routing_key: r}]', /no global VictorOps API Key set/);
  receiver(
    'victorops_configs: [{routing_key: r, api_key: k, custom_fields: {entity_id: x}}]',
    /custom field entity_id cannot be used/,
  );
  receiver('pushover_configs: [{token: t}]', /one of user_key or user_key_file must be configured/);
  receiver(
    'wechat_configs: [{api_secret: s, corp_id: c, message_type: html}]',
    /"html" is not one of them/,
  );
  receiver('webex_configs: [{room_id: r}]', /missing webex_configs\.http_config\.authorization/);
  receiver(
    "jira_configs: [{api_url: 'http://j', project: p}]",
    /missing issue_type in jira_config/,
  );
  receiver('rocketchat_configs: [{token: t}]', /no global Rocketchat TokenID set/);
  receiver(
    'mattermost_configs: [{}]',
    /missing webhook_url or webhook_url_file on mattermost_config/,
  );
  receiver("incidentio_configs: [{url: 'http://i'}]", /at least one of alert_source_token/);
  receiver(
    'dingtalk_configs: [{secret: s}]',
    /one of webhook_url and access_token must be configured/,
  );
  receiver(
    'matrix_configs: [{homeserver_url: h, access_token: t, room_id: r}]',
    /homeserver_url must be an http or https URL/,
  );
  receiver(
    'zenduty_configs: [{integration_key: k, alert_type: bad}]',
    /alert_type "bad" is none of/,
  );
  receiver(
    'threema_configs: [{gateway_id: X, recipient_id: ABCDEFGH, api_secret: s}]',
    /gateway_id must be a \*/,
  );
  f(`${good}templates: [/nowhere/x.tmpl]`, /there is no file \/nowhere\/x\.tmpl/);
  f(
    good.replace('r}\n', 'r, routes: [{mute_time_intervals: [n]}]}\n'),
    /undefined time interval "n" used in route/,
  );
});

describe('time intervals', () => {
  const f = (interval: string, time: string, want: boolean): void =>
    void it(`${interval} at ${time}: ${want}`, () => {
      const yaml = yamlOf(`${good}time_intervals: [{name: n, time_intervals: [${interval}]}]`);
      assert.equal(isWithin(yaml.timeIntervals.get('n') ?? [], Date.parse(time)), want);
    });
  f("{times: [{start_time: '09:00', end_time: '17:00'}]}", '2026-03-02T16:59:59Z', true);
  f("{times: [{start_time: '09:00', end_time: '17:00'}]}", '2026-03-02T17:00:00Z', false);
  f("{times: [{start_time: '23:00', end_time: '24:00'}]}", '2026-03-02T23:59:00Z', true);
  f("{weekdays: ['monday:friday']}", '2026-03-01T12:00:00Z', false);
  f("{weekdays: ['monday:friday'], location: Asia/Seoul}", '2026-03-01T16:00:00Z', true);
  f("{days_of_month: ['-1']}", '2026-02-28T00:00:00Z', true);
  f("{days_of_month: ['-3:-1']}", '2026-02-25T00:00:00Z', false);
  f("{months: ['january:march'], years: ['2026']}", '2026-03-31T00:00:00Z', true);
  f("{months: ['4']}", '2026-03-31T00:00:00Z', false);
});

describe('loadAlertmanagerYaml()', () => {
  it('gives receivers what they lack of global', () => {
    const yaml = yamlOf(`
global: {victorops_api_key: k, wechat_api_secret: s, wechat_api_corp_id: c, rocketchat_token: t, rocketchat_token_id: i, mattermost_webhook_url: 'http://m', jira_api_url: 'http://j'}
route: {receiver: r}
receivers:
- name: r
  victorops_configs: [{routing_key: k}]
  wechat_configs: [{}]
  rocketchat_configs: [{}]
  mattermost_configs: [{}]
  jira_configs: [{project: p, issue_type: Bug}]
  webex_configs: [{room_id: r, http_config: {authorization: {credentials: x}}}]
`);
    const urls = yaml.receivers
      .get('r')
      ?.map(({ config }) => ('apiUrl' in config ? config.apiUrl : ''));
    assert.deepEqual(urls, [
      'https://alert.victorops.com/integrations/generic/20131114/alert/',
      'https://qyapi.weixin.qq.com/cgi-bin/',
      'https://webexapis.com/v1/messages',
      'http://j',
      'https://open.rocket.chat/',
      '',
    ]);
  });

  it('takes texts that call what they or files define', () => {
    const title =
      '{{ define "x" }}y{{ end }}{{ template "x" . }}{{ template "slack.default.title" . }}';
    const slack = `{name: r, slack_configs: [{api_url: 'http://h', text: '${title}'}]}`;
    assert.doesNotThrow(() => yamlOf(good.replace('{name: r}', slack)));
  });

  it('hides secrets of every receiver', () => {
    const text = `receivers:
- incidentio_configs: [{url: 'http://i/hush', alert_source_token: hush}]
  matrix_configs: [{access_token: hush}]
  zenduty_configs: [{integration_key: hush}]
  line_configs: [{channel_token: hush}]
  dingtalk_configs: [{webhook_url: 'http://d/hush', secret: hush}]
  threema_configs: [{api_secret: hush}]
  pushover_configs: [{user_key: hush, token: hush}]
  rocketchat_configs: [{token: hush, token_id: hush}]
  sns_configs: [{sigv4: {secret_key: hush}}]
  webhook_configs:
  # - url: http://w/hush
  - url: http://w/hush # and token: hush
    http_config:
      proxy_url: http://user:hush@proxy:3128
      proxy_connect_header: {Proxy-Authorization: [hush]}
      http_headers: {X-Key: {secrets: [hush], values: [shown]}}
# slack_api_url: http://s/hush
`;
    const masked = maskSecrets(`# smtp_auth_password: hush\n\n${text}`);
    assert.doesNotMatch(masked, /hush/);
    assert.match(masked, /proxy_url: http:\/\/user:xxxxx@proxy:3128/);
    assert.match(masked, /values: \[ ?shown ?\]/);
  });
});
