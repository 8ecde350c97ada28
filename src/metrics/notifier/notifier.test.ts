import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { loadPrometheusConfig } from '#metrics/config';
import { labelsOfRecord } from '#metrics/model';
import type { OutgoingAlert } from '#metrics/rules';
import { AlertNotifier } from './index.ts';

const alert = (name: string): OutgoingAlert => ({
  labels: labelsOfRecord({ alertname: name, replica: 'r1' }),
  annotations: labelsOfRecord({ summary: 's' }),
  startsAtMs: 0,
  endsAtMs: 60_000,
  generatorUrl: 'http://n/graph',
});

async function open(statuses: readonly number[] = []) {
  const bodies: { url: string | undefined; alerts: Record<string, unknown>[] }[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push({ url: request.url, alerts: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(statuses[count++] ?? 200).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const metrics = new MetricsRegistry();
  const notifier = new AlertNotifier({
    clock: systemClock,
    log: silentLogger,
    metrics,
    env: {},
    version: '1',
  });
  const { config } = loadPrometheusConfig(
    {
      text: `global: {external_labels: {cluster: x}}
alerting:
  alert_relabel_configs: [{action: labeldrop, regex: replica}]
  alertmanagers:
  - path_prefix: /am/
    static_configs: [{targets: ['127.0.0.1:${port}']}]
    relabel_configs: [{source_labels: [__address__], regex: '.*:1', action: drop}]
  - static_configs: [{targets: ['127.0.0.1:1']}]
    relabel_configs: [{source_labels: [__address__], regex: '.*:1', action: drop}]
`,
      file: 'p.yml',
      firstLine: 1,
      key: '',
    },
    {},
  );
  notifier.apply(config);
  return {
    bodies,
    metrics,
    notifier,
    port,
    async [Symbol.asyncDispose]() {
      await notifier[Symbol.asyncDispose]();
      server.close();
    },
  };
}

async function eventually(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    assert.ok(tries < 3000, 'it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('AlertNotifier', () => {
  it('posts alerts with external labels, relabelled', async () => {
    await using rig = await open();
    await eventually(() => rig.notifier.alertmanagers().activeAlertmanagers.length === 1);
    const url = `http://127.0.0.1:${rig.port}/am/api/v2/alerts`;
    assert.deepEqual(rig.notifier.alertmanagers(), {
      activeAlertmanagers: [{ url }],
      droppedAlertmanagers: [{ url: 'http://127.0.0.1:1/api/v2/alerts' }],
    });
    rig.notifier.send([alert('A')]);
    await eventually(() => rig.bodies.length === 1);
    assert.deepEqual(rig.bodies[0], {
      url: '/am/api/v2/alerts',
      alerts: [
        {
          labels: { alertname: 'A', cluster: 'x' },
          annotations: { summary: 's' },
          startsAt: '1970-01-01T00:00:00.000Z',
          endsAt: '1970-01-01T00:01:00.000Z',
          generatorURL: 'http://n/graph',
        },
      ],
    });
  });

  it('sends in batches, and goes on after a refusal', async () => {
    await using rig = await open([500]);
    await eventually(() => rig.notifier.alertmanagers().activeAlertmanagers.length === 1);
    rig.notifier.send(Array.from({ length: 300 }, (_, at) => alert(`A${at}`)));
    await eventually(() => rig.bodies.length === 2);
    assert.deepEqual(
      rig.bodies.map(({ alerts }) => alerts.length),
      [256, 44],
    );
    await eventually(() => /notifications_sent_total\{[^}]*\} 44/.test(rig.metrics.render()));
    assert.match(rig.metrics.render(), /notifications_errors_total\{[^}]*\} 256/);
  });
});
