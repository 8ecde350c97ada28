import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import {
  apiOf,
  attachmentOf,
  type HookServer,
  pushMetric,
  startHookServer,
} from './grafana-alerting.ts';
import { table } from './grafana-alerting-table.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';

type Json = Readonly<Record<string, unknown>>;

const rule = (overrides: Json = {}): Json => ({
  for: '10s',
  labels: {},
  annotations: { summary: 'requests: {{ $values.B.Value }} of {{ $labels.pod }}' },
  grafana_alert: {
    title: 'nginx-requests',
    condition: 'C',
    no_data_state: 'NoData',
    exec_err_state: 'Error',
    data: [
      {
        refId: 'A',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: 'prometheus',
        model: { expr: 'nginx_http_requests', instant: true, refId: 'A' },
      },
      {
        refId: 'B',
        datasourceUid: '__expr__',
        model: { type: 'reduce', expression: 'A', reducer: 'last' },
      },
      {
        refId: 'C',
        datasourceUid: '__expr__',
        model: {
          type: 'threshold',
          expression: 'B',
          conditions: [{ evaluator: { type: 'gt', params: [0] } }],
        },
      },
    ],
    ...overrides,
  },
});

describe('a rule that tells Slack, made over the API', () => {
  let nunchi: NunchiProcess;
  let slack: HookServer;
  let api: ReturnType<typeof apiOf>;
  before(async () => {
    [nunchi, slack] = await Promise.all([
      startNunchi({
        // Grafana's own form, to the letter: without what we would add where nobody wrote texts.
        config:
          'server:\n  publicUrl: http://nunchi.example\nalerting: {messages: {enabled: false}}\n',
      }),
      startHookServer(),
    ]);
    api = apiOf(nunchi.url);
  });
  after(async () => {
    await nunchi[Symbol.asyncDispose]();
    await slack[Symbol.asyncDispose]();
  });

  const statesOf = async (): Promise<readonly string[]> => {
    const { body } = await api('GET', '/api/prometheus/grafana/api/v1/rules');
    const { data } = body as { data: { groups: { rules: { alerts: { state: string }[] }[] }[] } };
    return data.groups.flatMap(({ rules }) =>
      rules.flatMap(({ alerts }) => alerts.map(({ state }) => state)),
    );
  };

  it('is tried out before it is saved', async () => {
    const config = {
      name: 'slack',
      type: 'slack',
      settings: {},
      secureSettings: { url: `${slack.url}/services/T/B/secret` },
    };
    const { status, body } = await api(
      'POST',
      '/api/alertmanager/grafana/config/api/v1/receivers/test',
      { receivers: [{ name: 'slack', grafana_managed_receiver_configs: [config] }] },
      { 'Request-Timeout': '15' },
    );
    assert.equal(status, 200);
    const answer = body as Json & { receivers: Json[] };
    assert.deepEqual(answer['alert'], {
      annotations: {
        summary: 'Notification test',
        __value_string__: "[ metric='foo' labels={instance=bar} value=10 ]",
      },
      labels: { alertname: 'TestAlert', instance: 'Grafana' },
    });
    assert.deepEqual(answer.receivers, [
      {
        name: 'slack',
        grafana_managed_receiver_configs: [{ name: 'slack', uid: '', status: 'ok' }],
      },
    ]);
    const attachment = attachmentOf(slack.seen[0]!);
    assert.equal(attachment['title'], '[FIRING:1] TestAlert Grafana ');
    assert.equal(slack.seen[0]!.body['username'], 'Grafana');
    assert.equal(attachment['color'], '#D63232');
    assert.equal(attachment['fallback'], attachment['title']);
    assert.equal(attachment['title_link'], 'http://nunchi.example/alerting/list');
    assert.match(
      String(attachment['text']),
      /^\*\*Firing\*\*\n\nValue: \[no value\]\nLabels:\n - alertname = TestAlert\n - instance = Grafana\nAnnotations:\n - summary = Notification test\n/,
    );
    assert.match(
      String(attachment['text']),
      /Silence: .*\/alerting\/silence\/new\?alertmanager=grafana&matcher=alertname%3DTestAlert&matcher=instance%3DGrafana\n/,
    );
  });

  it('says what kept a test from arriving', async () => {
    const test = (settings: Json) =>
      api('POST', '/api/alertmanager/grafana/config/api/v1/receivers/test', {
        receivers: [
          { name: 'x', grafana_managed_receiver_configs: [{ name: 'x', type: 'slack', settings }] },
        ],
      });
    const invalid = await test({ recipient: '#c' });
    assert.equal(invalid.status, 400);
    assert.match(invalid.text, /token must be specified when using the Slack chat API/);
    assert.match(
      (await test({})).text,
      /recipient must be specified when using the Slack chat API/,
    );
    slack.answer = { status: 404, body: 'no_service' };
    const refused = await test({ url: `${slack.url}/services/T/B/secret` });
    slack.answer = { status: 200, body: 'ok' };
    assert.equal(refused.status, 207);
    assert.match(refused.text, /unexpected status code 404: no_service/);
    assert.doesNotMatch(refused.text, /secret/);
  });

  it('is pending, fires, and is over', { timeout: 240_000 }, async () => {
    const folder = await api('POST', '/api/folders', { title: 'test' });
    assert.equal(folder.status, 200, folder.text);
    const folderUid = (folder.body as { uid: string }).uid;
    const point = await api(
      'POST',
      '/api/v1/provisioning/contact-points',
      {
        name: 'team-slack',
        type: 'slack',
        settings: { url: `${slack.url}/services/T/B/secret` },
      },
      { 'X-Disable-Provenance': 'true' },
    );
    assert.equal(point.status, 202, point.text);
    assert.equal((point.body as { settings: Json }).settings['url'], '[REDACTED]');
    const policies = await api(
      'PUT',
      '/api/v1/provisioning/policies',
      {
        receiver: 'team-slack',
        group_by: ['grafana_folder', 'alertname'],
        group_wait: '1s',
        group_interval: '1s',
      },
      { 'X-Disable-Provenance': 'true' },
    );
    assert.deepEqual([policies.status, policies.body], [202, { message: 'policies updated' }]);

    slack.seen.length = 0;
    await pushMetric(nunchi.url, 'nginx_http_requests', 3);
    const saved = await api('POST', `/api/ruler/grafana/api/v1/rules/${folderUid}`, {
      name: 'every 10 seconds',
      interval: '10s',
      rules: [rule()],
    });
    assert.equal(saved.status, 202, saved.text);
    assert.equal((saved.body as Json)['message'], 'rule group updated successfully');

    await eventually(async () => (await statesOf()).includes('Pending') || undefined, 120_000);
    assert.equal(slack.seen.length, 0, 'nobody is told of what is pending');
    const firing = await eventually(() => slack.seen[0], 60_000);
    const attachment = attachmentOf(firing);
    assert.equal(attachment['title'], '[FIRING:1] nginx-requests test (pod-a)');
    assert.match(String(attachment['text']), /Value: A=3, B=3, C=1\n/);
    assert.match(String(attachment['text']), / - summary = requests: 3 of pod-a\n/);
    assert.match(String(attachment['title_link']), /\/alerting\/grafana\/[\w-]+\/view/);

    await pushMetric(nunchi.url, 'nginx_http_requests', 0);
    const resolved = await eventually(() => slack.seen[1], 60_000);
    assert.equal(attachmentOf(resolved)['color'], '#36a64f');
    assert.match(String(attachmentOf(resolved)['title']), /^\[RESOLVED\] nginx-requests test/);

    const history = await eventually(async () => {
      const { body } = await api('GET', '/api/v1/rules/history?limit=10');
      const { data } = body as { data: { values: [number[], Json[], Json[]] } };
      return data.values[1].length >= 3 ? data.values[1] : undefined;
    });
    assert.deepEqual(
      history
        .map(({ previous, current }) => `${previous} -> ${current}`)
        .reverse()
        .slice(0, 3),
      ['Normal -> Pending', 'Pending -> Alerting', 'Alerting -> Normal'],
    );
  });

  it('is not changed by what is equal, and refuses a pending period below the interval', async () => {
    const { body } = await api('GET', '/api/ruler/grafana/api/v1/rules');
    const group = (body as Record<string, Json[]>)['test']![0]! as Json & { rules: Json[] };
    const alert = group.rules[0]!['grafana_alert'] as Json;
    const url = `/api/ruler/grafana/api/v1/rules/${alert['namespace_uid']}`;
    const same = await api('POST', url, group);
    assert.deepEqual(
      [same.status, same.body],
      [202, { message: 'no changes detected in the rule group' }],
    );
    const refused = await api('POST', url, { ...group, interval: '1m' });
    assert.equal(refused.status, 400);
    assert.match(
      refused.text,
      /Pending period must be greater than or equal to the evaluation interval\./,
    );
  });

  it('is over logs as well: each value of a field is an alert', async () => {
    const lines = [
      '{"app":"shop","level":"error"}',
      '{"app":"shop","level":"error"}',
      '{"app":"cart","level":"error"}',
    ];
    const pushed = await fetch(`${nunchi.url}/nunchi/logs/ingest?group=apps&stream=s`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: `${lines.join('\n')}\n`,
    });
    assert.ok(pushed.ok, await pushed.text());
    const { status, body, text } = await api('POST', '/api/v1/rule/test/grafana', {
      folderTitle: 'test',
      rule: {
        annotations: { summary: '{{ $labels.app }} had {{ $values.A.Value }} errors' },
        grafana_alert: {
          title: 'errors',
          condition: 'B',
          data: [
            {
              refId: 'A',
              relativeTimeRange: { from: 600, to: 0 },
              datasourceUid: 'cloudwatch',
              model: {
                queryMode: 'Logs',
                logGroups: [{ name: 'apps' }],
                expression: 'filter level = "error" | stats count(*) as errors by app',
              },
            },
            {
              refId: 'B',
              datasourceUid: '__expr__',
              model: { type: 'math', expression: '$A > 1' },
            },
          ],
        },
      },
    });
    assert.equal(status, 200, text);
    const alerts = body as { labels: Json; annotations: Json }[];
    assert.deepEqual(
      alerts.map(({ labels, annotations }) => [labels['app'], annotations['summary']]),
      [['shop', 'shop had 2 errors']],
    );
  });

  it('goes past the policies where the rule names its contact point', async () => {
    const point = await api('POST', '/api/v1/provisioning/contact-points', {
      name: 'direct',
      type: 'webhook',
      settings: { url: `${slack.url}/direct` },
    });
    assert.equal(point.status, 202, point.text);
    const { body } = await api('GET', '/api/folders');
    const folder = (body as { uid: string; title: string }[]).find(
      ({ title }) => title === 'test',
    )!;
    const own = rule({
      title: 'direct',
      notification_settings: { receiver: 'direct', group_wait: '1s' },
    });
    const alert = own['grafana_alert'] as { data: { model: object }[] };
    const [query, ...others] = alert.data;
    const data = [{ ...query, model: { expr: 'vector(1)', instant: true } }, ...others];
    const saved = await api('POST', `/api/ruler/grafana/api/v1/rules/${folder.uid}`, {
      name: 'direct',
      interval: '10s',
      rules: [{ ...own, for: '0s', grafana_alert: { ...alert, data } }],
    });
    assert.equal(saved.status, 202, saved.text);
    const told = await eventually(() => slack.seen.find(({ path }) => path === '/direct'), 60_000);
    assert.equal((told.body['commonLabels'] as Json)['alertname'], 'direct');
    assert.equal(told.body['version'], '1');
    assert.doesNotMatch(JSON.stringify(told.body['commonLabels']), /__/);
  });

  it('answers each call of the API with the status that clients expect', async () => {
    const wrong: string[] = [];
    for (const { call, status, body, has } of table) {
      const [method = '', path = ''] = call.split(' ');
      const answer = await api(method, path, body);
      if (answer.status === status && has?.test(answer.text) !== false) continue;
      wrong.push(`${call}: ${answer.status} ${answer.text.slice(0, 300)}`);
    }
    assert.deepEqual(wrong, []);
  });
});
