import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { Rig } from './rig.ts';

interface Hooked {
  readonly status: string;
  readonly groupLabels: { readonly alertname: string };
  readonly commonLabels: Readonly<Record<string, string>>;
}

const waitMs = 120_000;

describe('alerts over kill -9', () => {
  it('tells nothing twice, forgets nothing, keeps silences', async () => {
    const hooks: Hooked[] = [];
    const hook = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      hooks.push(JSON.parse(Buffer.concat(chunks).toString()) as Hooked);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => {
      hook.close();
      hook.closeAllConnections();
    });
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-alerting-kill-'));
    cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
    const rules = join(folder, 'rules.json');
    const rule = { alert: 'AlwaysOn', expr: 'vector(1)' };
    writeFileSync(rules, JSON.stringify({ groups: [{ name: 'g', rules: [rule] }] }));
    const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
    await using rig = await Rig.open({
      serverConfig: {
        metrics: {
          prometheus: {
            global: { evaluation_interval: '1s', external_labels: { cluster: 'c' } },
            rule_files: [rules],
          },
        },
        alerting: {
          alertmanager: {
            route: {
              receiver: 'r',
              group_by: ['alertname'],
              group_wait: '0s',
              group_interval: '1s',
            },
            receivers: [{ name: 'r', webhook_configs: [{ url }] }],
          },
        },
      },
    });
    const api = async (path: string, body?: unknown): Promise<unknown> => {
      const answer = await fetch(`${rig.url}/api/v2${path}`, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: { 'content-type': 'application/json' },
      });
      assert.ok(answer.ok, `${path}: ${answer.status}`);
      const text = await answer.text();
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    };
    const about = (alertname: string): Hooked[] =>
      hooks.filter(({ groupLabels }) => groupLabels.alertname === alertname);
    const told = (alertname: string, count: number): Promise<true> =>
      eventually(
        () => (about(alertname).length >= count ? true : undefined),
        waitMs,
        () => `Told: ${JSON.stringify(hooks)}\n${rig.server.log}`,
      );
    // Between a receiver's answer and the note of it a kill repeats a message: that is the one moment.
    const noted = (alertname: string): Promise<true> =>
      eventually(() => {
        const journal = readFileSync(join(rig.folder, 'server/alerting/journal.ndjson'), 'utf8');
        return journal.includes(`["notified","{}:{alertname=\\"${alertname}\\"`) ? true : undefined;
      }, waitMs);
    const up = (): Promise<unknown> => eventually(() => api('/status'), waitMs);
    const hourMs = 3_600_000;
    const silence = {
      matchers: [{ name: 'alertname', value: 'Hushed', isRegex: false, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + hourMs).toISOString(),
      createdBy: 'me',
      comment: 'c',
    };

    rig.server.start();
    await up();
    await api('/silences', silence);
    await told('AlwaysOn', 1);
    await noted('AlwaysOn');
    assert.deepEqual(about('AlwaysOn')[0]?.commonLabels, { alertname: 'AlwaysOn', cluster: 'c' });
    for (const marker of ['First', 'Second', 'Third']) {
      await rig.server.kill();
      rig.server.start();
      await up();
      await api('/alerts', [
        { labels: { alertname: marker } },
        { labels: { alertname: 'Hushed' } },
      ]);
      // Its group comes after those of before.
      await told(marker, 1);
      await noted(marker);
    }
    assert.equal(about('AlwaysOn').length, 1, 'told again after a kill');
    assert.equal(about('First').length, 1, 'told again after a kill');
    assert.equal(about('Hushed').length, 0, 'a silence was forgotten');
    const endsAt = new Date().toISOString();
    await api('/alerts', [{ labels: { alertname: 'First' }, endsAt }]);
    await told('First', 2);
    assert.equal(about('First')[1]?.status, 'resolved');
    assert.equal(await rig.server.stop(), true, rig.server.log);
  });
});
