import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Notification } from '../contract.ts';
import {
  alert,
  firing,
  notification,
  openReceiver,
  openService,
  startMs,
} from './receivers.fixture.ts';

type Json = Readonly<Record<string, unknown>>;

const labels = {
  alertname: 'busy',
  grafana_folder: 'shop',
  pod: 'a',
  __alert_rule_uid__: 'r1',
};
const annotations = {
  summary: 'too much',
  __values__: '{"B":3.5,"C":1}',
  __value_string__: "[ var='B' labels={pod=a} value=3.5 ]",
  __dashboardUid__: 'd1',
  __panelId__: '4',
  __orgId__: '1',
};
const ofRule: Notification = {
  ...notification([
    alert(labels, 'firing', annotations),
    alert({ ...labels, pod: 'b' }, 'resolved', annotations),
  ]),
  groupLabels: { alertname: 'busy', grafana_folder: 'shop' },
};

/** What a service is sent for a notification. */
async function sentBy(
  config: string,
  told: Notification,
): Promise<{ readonly body: Json; readonly headers: Json; readonly path: string | undefined }> {
  await using service = await openService(() => ({}));
  using receiver = openReceiver(config, service.url);
  await receiver.send(told);
  const [seen] = service.seen;
  return { body: seen!.body as Json, headers: seen!.headers, path: seen!.path };
}

describe('messages of contact points', () => {
  it('to Slack', async () => {
    const { body } = await sentBy(
      "grafana_slack_configs: [{url: 'HOOK/services/T/B/X', recipient: '#c', icon_emoji: ':bell:', mention_channel: here, mention_users: 'U1, U2', mention_groups: G1}]",
      ofRule,
    );
    const [attachment] = body['attachments'] as Json[];
    const { text, ...rest } = attachment!;
    assert.deepEqual(
      { ...body, attachments: [rest] },
      {
        channel: '#c',
        username: 'Grafana',
        icon_emoji: ':bell:',
        attachments: [
          {
            title: '[FIRING:1, RESOLVED:1] busy shop ',
            title_link: 'http://prom/graph?a=1&b=2',
            pretext: '<!here> <!subteam^G1> <@U1> <@U2>',
            mrkdwn_in: ['pretext'],
            fallback: '[FIRING:1, RESOLVED:1] busy shop ',
            color: '#D63232',
            footer: 'Grafana v10.4.1',
            footer_icon: 'https://grafana.com/static/assets/img/fav32.png',
            ts: Math.floor((startMs + 90_000) / 1000),
          },
        ],
      },
    );
    const part = (pod: string): string =>
      [
        '',
        'Value: B=3.5, C=1',
        'Labels:',
        ' - alertname = busy',
        ' - grafana_folder = shop',
        ` - pod = ${pod}`,
        'Annotations:',
        ' - summary = too much',
        'Source: http://prom/graph?a=1&b=2',
        `Silence: http://nunchi/alerting/silence/new?alertmanager=grafana&matcher=alertname%3Dbusy&matcher=grafana_folder%3Dshop&matcher=pod%3D${pod}`,
        'Dashboard: http://nunchi/d/d1?orgId=1',
        'Panel: http://nunchi/d/d1?orgId=1&viewPanel=4',
        '',
      ].join('\n');
    assert.equal(text, `**Firing**\n${part('a')}\n\n**Resolved**\n${part('b')}`);
  });

  it('to Slack with a token, and when all is over', async () => {
    await using service = await openService(() => ({
      type: 'application/json',
      body: '{"ok":true}',
    }));
    using receiver = openReceiver(
      'grafana_slack_configs: [{endpoint_url: HOOK/api/chat.postMessage, token: t, recipient: C1}]',
      service.url,
    );
    await receiver.send({ ...ofRule, alerts: [ofRule.alerts[1]!] });
    const [seen] = service.seen;
    assert.equal(seen!.headers['authorization'], 'Bearer t');
    const body = seen!.body as Json & { attachments: Json[] };
    assert.equal(body['channel'], 'C1');
    assert.equal(body.attachments[0]!['title'], '[RESOLVED] busy shop (b)');
    assert.equal(body.attachments[0]!['color'], '#36a64f');
  });

  it('to a webhook', async () => {
    const { body, headers } = await sentBy(
      'grafana_webhook_configs: [{url: HOOK/x, http_config: {basic_auth: {username: u, password: p}}}]',
      ofRule,
    );
    assert.match(String(headers['authorization']), /^Basic /);
    const { alerts, message, ...rest } = body as { alerts: Json[]; message: string };
    assert.match(message, /^\*\*Firing\*\*/);
    assert.deepEqual(rest, {
      receiver: 'r',
      status: 'firing',
      groupLabels: { alertname: 'busy', grafana_folder: 'shop' },
      commonLabels: { alertname: 'busy', grafana_folder: 'shop' },
      commonAnnotations: { summary: 'too much' },
      externalURL: 'http://nunchi',
      version: '1',
      groupKey: '{}:{alertname="Down"}',
      truncatedAlerts: 0,
      orgId: 1,
      title: '[FIRING:1, RESOLVED:1] busy shop ',
      state: 'alerting',
    });
    const { fingerprint, startsAt, ...first } = alerts[0]!;
    assert.match(`${fingerprint} ${startsAt}`, /^[0-9a-f]{16} 2026/);
    assert.deepEqual(first, {
      status: 'firing',
      labels: { alertname: 'busy', grafana_folder: 'shop', pod: 'a' },
      annotations: { summary: 'too much' },
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prom/graph?a=1&b=2',
      values: { B: 3.5, C: 1 },
      valueString: "[ var='B' labels={pod=a} value=3.5 ]",
      silenceURL:
        'http://nunchi/alerting/silence/new?alertmanager=grafana&matcher=alertname%3Dbusy&matcher=grafana_folder%3Dshop&matcher=pod%3Da',
      dashboardURL: 'http://nunchi/d/d1?orgId=1',
      panelURL: 'http://nunchi/d/d1?orgId=1&viewPanel=4',
      imageURL: '',
    });
  });

  it('to Kafka, in both versions of the proxy', async () => {
    const v2 = await sentBy('kafka_configs: [{rest_proxy: HOOK/, topic: my topic}]', firing);
    assert.equal(v2.path, '/topics/my%20topic');
    assert.equal(v2.headers['content-type'], 'application/vnd.kafka.json.v2+json');
    const { records } = JSON.parse(String(v2.body)) as { records: { value: Json }[] };
    const [record] = records;
    assert.equal(record!.value['alert_state'], 'alerting');
    assert.match(String(record!.value['incident_key']), /^[0-9a-f]{64}$/);
    const v3 = await sentBy(
      'kafka_configs: [{rest_proxy: HOOK, topic: t, api_version: v3, cluster_id: c}]',
      firing,
    );
    assert.equal(v3.path, '/v3/clusters/c/topics/t/records');
    assert.equal((v3.body['value'] as Json)['type'], 'JSON');
  });
});
