import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { Rig } from './rig.ts';

const waitMs = 120_000;

interface Hooked {
  readonly path: string;
  readonly status: string;
  readonly groupLabels: { readonly alertname: string };
  readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

/** A webhook whose answers a test decides; `taken` are the bodies that it said yes to. */
async function openHook(answer: (hooked: Hooked, response: ServerResponse) => boolean) {
  const taken: Hooked[] = [];
  const asked: Hooked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Hooked;
    const hooked = { ...body, path: request.url ?? '' };
    asked.push(hooked);
    if (!answer(hooked, response)) return;
    taken.push(hooked);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    taken,
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const alertmanager = (url: string): object => ({
  route: {
    receiver: 'r',
    group_by: ['alertname'],
    group_wait: '0s',
    group_interval: '1s',
    repeat_interval: '4h',
  },
  receivers: [{ name: 'r', webhook_configs: [{ url }] }],
});

async function post(rig: Rig, alerts: readonly Readonly<Record<string, string>>[]): Promise<void> {
  await eventually(async () => {
    const answer = await fetch(`${rig.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
    });
    return answer.ok ? true : undefined;
  }, waitMs);
}

const told = (rig: Rig, taken: readonly Hooked[], count: number): Promise<true> =>
  eventually(
    () => (taken.length >= count ? true : undefined),
    waitMs,
    () => `Told ${taken.length} of ${count}\n${rig.server.log}`,
  );

/** Between a receiver's answer and the note of it a kill repeats a message: that is the one moment. */
const noted = (rig: Rig, alertname: string, firing: number): Promise<true> =>
  eventually(() => {
    const journal = readFileSync(join(rig.folder, 'server/alerting/journal.ndjson'), 'utf8');
    const last = journal
      .split('\n')
      .findLast((line) => line.startsWith(`["notified","{}:{alertname=\\"${alertname}\\"`));
    if (last === undefined) return undefined;
    const [, , entry] = JSON.parse(last) as [string, string, { readonly firing: unknown[] }];
    return entry.firing.length === firing ? true : undefined;
  }, waitMs);

describe('receivers that fail', () => {
  it('that is away over several intervals and a restart is told of all, once', async () => {
    let isAway = true;
    await using hook = await openHook((_, response) => {
      if (!isAway) return true;
      response.writeHead(503).end('maintenance');
      return false;
    });
    await using rig = await Rig.open({
      serverConfig: { alerting: { alertmanager: alertmanager(hook.url) } },
    });
    rig.server.start();
    await post(rig, [{ alertname: 'A', n: '1' }, { alertname: 'B' }]);
    await eventually(() => (hook.asked.length >= 3 ? true : undefined), waitMs);
    // In the middle of the group's tries.
    await rig.server.kill();
    rig.server.start();
    await post(rig, [{ alertname: 'A', n: '2' }]);
    const before = hook.asked.length;
    await eventually(() => (hook.asked.length > before ? true : undefined), waitMs);
    isAway = false;
    const seen = (name: string) =>
      hook.taken.filter(({ groupLabels }) => groupLabels.alertname === name);
    await eventually(
      () => {
        const known = new Set(
          seen('A').flatMap(({ alerts }) => alerts.map(({ labels }) => labels['n'])),
        );
        return known.has('1') && known.has('2') && seen('B').length > 0 ? true : undefined;
      },
      waitMs,
      () => rig.server.log,
    );
    await Promise.all([noted(rig, 'A', 2), noted(rig, 'B', 1)]);
    // Another restart tells nothing again.
    await rig.server.kill();
    const counts = [seen('A').length, seen('B').length];
    rig.server.start();
    await post(rig, [{ alertname: 'Marker' }]);
    await eventually(() => (seen('Marker').length > 0 ? true : undefined), waitMs);
    assert.deepEqual([seen('A').length, seen('B').length], counts);
    assert.equal(seen('B').length, 1, 'told twice');
    assert.equal(await rig.server.stop(), true, rig.server.log);
  });

  it('that asks for a pause is not stormed, and hears of every group once', async () => {
    const groups = 40;
    let nextMs = 0;
    await using hook = await openHook((_, response) => {
      // One message each 100 ms, with a second of silence for whoever asks earlier.
      if (performance.now() < nextMs) {
        response.writeHead(429, { 'retry-after': '1' }).end();
        return false;
      }
      nextMs = performance.now() + 100;
      return true;
    });
    await using rig = await Rig.open({
      serverConfig: { alerting: { alertmanager: alertmanager(hook.url) } },
    });
    rig.server.start();
    await post(
      rig,
      Array.from({ length: groups }, (_, at) => ({ alertname: `G${at}` })),
    );
    await told(rig, hook.taken, groups);
    const names = hook.taken.map(({ groupLabels }) => groupLabels.alertname);
    assert.equal(new Set(names).size, groups);
    assert.equal(names.length, groups, 'a group was told of twice');
    assert.ok(hook.asked.length < groups * 6, `asked ${hook.asked.length} times`);
    assert.equal(await rig.server.stop(), true, rig.server.log);
  });

  it('go on in the thread of before a restart, and begin anew after the end', async () => {
    const calls: { readonly path: string; readonly thread: unknown; readonly text: unknown }[] = [];
    const slack = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      calls.push({ path: request.url ?? '', thread: body['thread_ts'], text: body['text'] });
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ok: true, channel: 'C1', ts: `1.${calls.length}` }));
    }).listen(0, '127.0.0.1');
    await once(slack, 'listening');
    await using _ = {
      [Symbol.asyncDispose]: async () => {
        slack.close();
        slack.closeAllConnections();
      },
    };
    const url = `http://127.0.0.1:${(slack.address() as AddressInfo).port}/api/chat.postMessage`;
    const { route } = alertmanager('') as { readonly route: object };
    const config = {
      app_token: 'xoxb-1',
      app_url: url,
      channel: '#c',
      threads: true,
      send_resolved: true,
      message_text: '{{ .Status }} {{ len .Alerts }}',
    };
    await using rig = await Rig.open({
      serverConfig: {
        alerting: {
          alertmanager: { route, receivers: [{ name: 'r', slack_configs: [config] }] },
        },
      },
    });
    const made = (count: number): Promise<true> =>
      eventually(
        () => (calls.length >= count ? true : undefined),
        waitMs,
        () => rig.server.log,
      );
    rig.server.start();
    await post(rig, [{ alertname: 'A' }]);
    await made(1);
    await noted(rig, 'A', 1);
    await rig.server.kill();
    rig.server.start();
    await post(rig, [{ alertname: 'A', n: '2' }]);
    await made(2);
    await noted(rig, 'A', 2);
    const endsAt = new Date().toISOString();
    await fetch(`${rig.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        [{ alertname: 'A' }, { alertname: 'A', n: '2' }].map((labels) => ({ labels, endsAt })),
      ),
    });
    await eventually(
      () => (/^resolved/.test(String(calls.at(-1)?.text)) ? true : undefined),
      waitMs,
      () => JSON.stringify(calls),
    );
    await noted(rig, 'A', 0);
    const before = calls.length;
    await post(rig, [{ alertname: 'A' }]);
    await made(before + 1);
    assert.equal(calls[0]?.thread, undefined);
    for (const call of calls.slice(1, before)) assert.equal(call.thread, '1.1');
    assert.equal(calls[before]?.thread, undefined, JSON.stringify(calls));
    assert.equal(await rig.server.stop(), true, rig.server.log);
  });

  it('are changed by SIGHUP and POST /-/reload, all or nothing', async () => {
    await using hook = await openHook(() => true);
    await using rig = await Rig.open({
      serverConfig: { alerting: { alertmanagerConfig: '/dev/null' } },
    });
    const file = join(rig.folder, 'alertmanager.yml');
    const write = (path: string, more = ''): void =>
      writeFileSync(file, `${JSON.stringify(alertmanager(`${hook.url}${path}`))}${more}`);
    rig.config('server.yaml', { alerting: { alertmanagerConfig: file } });
    write('/one');
    rig.server.start();
    await post(rig, [{ alertname: 'One' }]);
    await told(rig, hook.taken, 1);
    const reload = (): Promise<Response> => fetch(`${rig.url}/-/reload`, { method: 'POST' });
    write('/two');
    assert.equal((await reload()).status, 200, rig.server.log);
    await post(rig, [{ alertname: 'Two' }]);
    await told(rig, hook.taken, 2);
    write('/three', '\nnonsense: {');
    const refused = await reload();
    assert.equal(refused.status, 500);
    assert.match(await refused.text(), /alertmanager\.yml:\d+/);
    await post(rig, [{ alertname: 'Three' }]);
    await told(rig, hook.taken, 3);
    write('/four');
    process.kill(rig.server.pid ?? 0, 'SIGHUP');
    // A group of its own until one goes the new way: the signal says nothing when it is done.
    for (let at = 0; hook.taken.at(-1)?.path !== '/four' && at < 200; at++) {
      const before = hook.taken.length;
      await post(rig, [{ alertname: `Four${at}` }]);
      await told(rig, hook.taken, before + 1);
    }
    assert.deepEqual(
      hook.taken.slice(0, 3).map(({ path }) => path),
      ['/one', '/two', '/two'],
    );
    assert.equal(hook.taken.at(-1)?.path, '/four');
    // Nobody is told again because of another configuration.
    const names = hook.taken.map(({ groupLabels }) => groupLabels.alertname);
    assert.equal(new Set(names).size, names.length);
    assert.equal(await rig.server.stop(), true, rig.server.log);
  });
});
