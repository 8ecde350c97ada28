import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import { Alertmanager, loadAlertmanagerYaml, matcherOf } from '#alerting';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { alertingEdge } from './own-edge.ts';
import type { WireExplanation, WireRouting, WireTemplatePreview } from './wire.ts';

const yaml = `
route:
  receiver: all
  group_by: [alertname]
  group_wait: 10ms
  group_interval: 1h
  routes:
    - matchers: [team="a"]
      receiver: broken
      continue: true
    - matchers: [team=~"a|b"]
      receiver: none
      routes: [{matchers: [night="yes"], mute_time_intervals: [always]}]
receivers:
  - {name: all, webhook_configs: [{url: 'http://h'}]}
  - {name: broken, webhook_configs: [{url: 'http://h'}]}
  - name: none
inhibit_rules: [{source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}]
time_intervals: [{name: always, time_intervals: [{years: ['2000:3000']}]}]
`;
const hourMs = 3_600_000;

/** A running one over a folder, whose receivers only count what they are told. */
async function openApi(folder: string) {
  const told: string[] = [];
  const manager = await Alertmanager.open(
    loadAlertmanagerYaml({ text: yaml, file: 'a.yml', firstLine: 1, key: '' }),
    {
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      env: {},
      version: '1',
      externalUrl: 'http://n',
      folder,
      openSender: ({ receiver }) => ({
        send: async () => {
          if (receiver === 'broken') throw new Error('no way');
          told.push(receiver);
        },
        [Symbol.dispose]: () => {},
      }),
    },
  );
  manager.start();
  const app = Fastify();
  await alertingEdge({
    alertmanager: manager,
    routingOwner: () => ({ owner: 'file', file: 'a.yml' }),
  }).register(app);
  const post = async <T>(url: string, body: unknown) => {
    const answer = await app.inject({ method: 'POST', url, payload: body as object });
    return { status: answer.statusCode, body: answer.json() as T };
  };
  return { manager, told, app, post, [Symbol.asyncDispose]: () => manager[Symbol.asyncDispose]() };
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'nunchi-alerting-api-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Polls until it holds. */
async function eventually(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 6000) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the API of alerting', () => {
  it('explains the way of an alert through the tree and what came of it', async () => {
    await using folder = await temporaryFolder();
    await using api = await openApi(folder.path);
    const labels = { alertname: 'A', team: 'a' };
    await api.manager.put([{ labels, startsAtMs: Date.now() - hourMs }]);
    await eventually(() => api.manager.channels('broken')[0]?.lastAttempt !== undefined);
    const { body } = await api.post<WireExplanation>('/nunchi/alerting/explain', { labels });
    assert.equal(body.isKnown, true);
    assert.deepEqual(
      body.routes.map((route) => [route.path, route.receiver, route.groupKey, route.alerts]),
      [
        [[0, 1], 'broken', '{}/{team="a"}:{alertname="A"}', 1],
        [[0, 2], 'none', '{}/{team=~"a|b"}:{alertname="A"}', 1],
      ],
    );
    assert.equal(body.routes[0]?.integrations[0]?.lastAttempt?.error, 'no way');
    assert.equal(body.routes[0]?.integrations[0]?.told, undefined);
    assert.deepEqual(body.routes[1]?.integrations, []);
  });

  it('says what was told, and what holds an alert back', async () => {
    await using folder = await temporaryFolder();
    await using api = await openApi(folder.path);
    const labels = { alertname: 'A', severity: 'warning' };
    const source = { alertname: 'A', severity: 'critical' };
    await api.manager.put([{ labels }]);
    await eventually(() => api.told.length === 1);
    await eventually(() => api.manager.told('{}:{alertname="A"}', 'all/webhook/0') !== undefined);
    const told = (await api.post<WireExplanation>('/nunchi/alerting/explain', { labels })).body;
    assert.equal(told.routes[0]?.integrations[0]?.told?.as, 'firing');
    await api.manager.put([{ labels: source }]);
    await api.manager.setSilence({
      matchers: [matcherOf('severity', '=', 'warning')],
      startsAtMs: Date.now(),
      endsAtMs: Date.now() + hourMs,
      createdBy: 'me',
      comment: 'quiet',
    });
    const held = (await api.post<WireExplanation>('/nunchi/alerting/explain', { labels })).body;
    assert.equal(held.silencedBy[0]?.comment, 'quiet');
    assert.deepEqual(held.inhibitedBy[0]?.labels, source);
    const muted = await api.post<WireExplanation>('/nunchi/alerting/explain', {
      labels: { team: 'b', night: 'yes' },
    });
    assert.equal(muted.body.isKnown, false);
    assert.deepEqual(muted.body.routes[0]?.path, [0, 2, 3]);
    assert.deepEqual(muted.body.routes[0]?.mutedBy, ['always']);
  });

  it('counts what fires and what is held back', async () => {
    await using folder = await temporaryFolder();
    await using api = await openApi(folder.path);
    await api.manager.put([
      { labels: { alertname: 'A', severity: 'critical' } },
      { labels: { alertname: 'A', severity: 'warning' } },
      { labels: { alertname: 'B' } },
      { labels: { alertname: 'C' }, endsAtMs: Date.now() - 1 },
      // Muted on its only route.
      { labels: { alertname: 'D', team: 'b', night: 'yes' } },
    ]);
    const answer = await api.app.inject('/nunchi/alerting/summary');
    assert.deepEqual(answer.json(), { firing: 2, suppressed: 2 });
  });

  it('shows the tree in force with what goes by', async () => {
    await using folder = await temporaryFolder();
    await using api = await openApi(folder.path);
    await api.manager.put([{ labels: { alertname: 'A' } }, { labels: { alertname: 'B' } }]);
    const answer = (await api.app.inject('/nunchi/alerting/routing')).json() as WireRouting;
    assert.equal(answer.owner, 'file');
    assert.deepEqual([answer.route.groups, answer.route.alerts], [2, 2]);
    assert.deepEqual(answer.route.routes[1]?.matchers, [
      { name: 'team', operator: '=~', value: 'a|b' },
    ]);
    assert.deepEqual(
      answer.receivers.map(({ name }) => name),
      ['all', 'broken', 'none'],
    );
    assert.deepEqual(
      answer.timeIntervals.map(({ name, isNow }) => [name, isNow]),
      [['always', true]],
    );
  });

  const alerts = [{ labels: { alertname: 'A', pod: 'x' }, annotations: { summary: 'bad' } }];
  const cases: readonly [string, string, unknown][] = [
    ['a text', '{{ .CommonLabels.pod }}!', [{ name: '', text: 'x!' }]],
    [
      'definitions that call each other and the built-in ones',
      '{{ define "a" }}{{ template "b" . }} {{ template "slack.default.username" . }}{{ end }}{{ define "b" }}{{ len .Alerts.Firing }}{{ end }}',
      [
        { name: 'a', text: '1 Alertmanager' },
        { name: 'b', text: '1' },
      ],
    ],
  ];
  for (const [name, template, want] of cases) {
    it(`previews ${name}`, async () => {
      await using folder = await temporaryFolder();
      await using api = await openApi(folder.path);
      const { body } = await api.post<WireTemplatePreview>('/nunchi/alerting/templates/preview', {
        template,
        alerts,
      });
      assert.deepEqual(body.results, want);
    });
  }

  it('says what is wrong with a template, and with a request', async () => {
    await using folder = await temporaryFolder();
    await using api = await openApi(folder.path);
    const url = '/nunchi/alerting/templates/preview';
    const broken = await api.post<WireTemplatePreview>(url, { template: '{{ if }}', alerts });
    assert.match(broken.body.results[0]?.error ?? '', /if/);
    const failing = await api.post<WireTemplatePreview>(url, {
      template: '{{ define "a" }}{{ template "gone" . }}{{ end }}',
      alerts,
    });
    assert.match(failing.body.results[0]?.error ?? '', /gone/);
    assert.notEqual(
      (await api.post<WireTemplatePreview>(url, { template: 'x', alerts: [] })).status,
      200,
    );
  });
});
