import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';
import { findProgram, Programs } from './prometheus-tool.ts';

const alertmanagerPath = findProgram('prometheus-alertmanager', 'alertmanager');

/** `chat`, `db` … are paths of one hook; `side` is whose they are. */
const config = (hook: string, side: string): string => `
global: {resolve_timeout: 1h}
templates: []
route:
  receiver: fallback
  group_by: [alertname, cluster]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - receiver: db
      matchers: ['service=~"db.*"', severity!="info"]
      continue: true
    - receiver: all-labels
      match: {team: wide}
      group_by: ['...']
    - receiver: chat
      match_re: {team: 'chat|talk'}
      routes: [{receiver: pager, matchers: [severity=critical], group_by: []}]
    - receiver: muted
      matchers: [team=muted]
      mute_time_intervals: [always]
    - receiver: active
      matchers: [team=active]
      active_time_intervals: [always]
receivers:
${['fallback', 'db', 'all-labels', 'chat', 'pager', 'muted', 'active']
  .map(
    (name) => `  - name: ${name}
    webhook_configs: [{url: '${hook}/${side}/${name}', send_resolved: ${name !== 'db'}, max_alerts: ${name === 'pager' ? 1 : 0}}]`,
  )
  .join('\n')}
inhibit_rules:
  - source_matchers: [severity=critical]
    target_matchers: [severity=~"warning|critical"]
    equal: [alertname, cluster]
time_intervals:
  - name: always
    time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]
`;

const hourMs = 3_600_000;
const startsAt = new Date(Date.now() - hourMs).toISOString();
const inAnHour = new Date(Date.now() + hourMs).toISOString();

const alert = (labels: Record<string, string>, rest: object = {}) => ({
  labels,
  annotations: { summary: `${labels['alertname']} of "${labels['cluster'] ?? 'none'}"` },
  startsAt,
  endsAt: inAnHour,
  generatorURL: 'http://prometheus/graph?g0.expr=up',
  ...rest,
});

const first = [
  alert({ alertname: 'A', cluster: 'x', severity: 'critical', instance: '1' }),
  alert({ alertname: 'A', cluster: 'x', severity: 'critical', instance: '2' }),
  alert({ alertname: 'A', cluster: 'x', severity: 'warning', instance: '3' }),
  alert({ alertname: 'A', cluster: 'y', severity: 'warning', instance: '4' }),
  alert({ alertname: 'B', service: 'db-main', severity: 'error', job: 'z' }),
  alert({ alertname: 'B', service: 'db-main', severity: 'info', job: 'a', empty: '' }),
  alert({ alertname: 'C', team: 'chat', severity: 'warning' }),
  alert({ alertname: 'D', team: 'talk', severity: 'critical', cluster: 'p' }),
  alert({ alertname: 'E', team: 'talk', severity: 'critical', cluster: 'q' }),
  alert({ alertname: 'F', team: 'wide', pod: 'p-1' }),
  alert({ alertname: 'F', team: 'wide', pod: 'p-2' }),
  alert({ alertname: 'G', team: 'muted' }),
  alert({ alertname: 'H', team: 'active' }),
  alert({ alertname: 'Quiet', team: 'chat' }),
  alert({ alertname: '한글 "quoted"\n', cluster: 'utf\\8' }),
];
const now = () => new Date().toISOString();
const second = () => [
  alert({ alertname: 'A', cluster: 'x', severity: 'critical', instance: '1' }, { endsAt: now() }),
  alert({ alertname: 'C', team: 'chat', severity: 'warning' }, { endsAt: now() }),
  alert({ alertname: 'F', team: 'wide', pod: 'p-1' }, { endsAt: now() }),
  alert({ alertname: 'B', service: 'db-main', severity: 'error', job: 'z' }, { endsAt: now() }),
  alert({ alertname: 'New', cluster: 'x' }),
];

type Json = Record<string, unknown>;

describe('Alertmanager and the server on the same alerts', {
  skip: alertmanagerPath === undefined && 'no prometheus-alertmanager',
}, () => {
  const programs = new Programs();
  const hooks = new Map<string, Json[]>();
  let hookServer: Server;
  let nunchi: NunchiProcess;
  let folder: string;
  let urls: Readonly<Record<string, string>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nunchi-alertmanager-'));
    hookServer = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const [, side = '', receiver = ''] = (request.url ?? '').split('/');
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Json;
      assert.equal(body['receiver'], receiver);
      hooks.set(side, [...(hooks.get(side) ?? []), body]);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(hookServer, 'listening');
    const hook = `http://127.0.0.1:${(hookServer.address() as AddressInfo).port}`;
    const port = await freePort();
    const [theirs, ours] = [join(folder, 'theirs.yml'), join(folder, 'ours.yml')];
    await writeFile(theirs, config(hook, 'theirs'));
    await writeFile(ours, config(hook, 'ours'));
    const url = `http://127.0.0.1:${port}`;
    await programs.start(
      alertmanagerPath ?? '',
      [
        `--config.file=${theirs}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.external-url=http://external',
        '--cluster.listen-address=',
      ],
      `${url}/-/ready`,
    );
    nunchi = await startNunchi({
      config: `server: {publicUrl: 'http://external'}\nalerting: {alertmanagerConfig: ${ours}}\n`,
    });
    urls = { theirs: url, ours: nunchi.url };
  });
  after(async () => {
    await programs[Symbol.asyncDispose]();
    await nunchi?.[Symbol.asyncDispose]();
    hookServer?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const both = async <T>(ask: (url: string) => Promise<T>): Promise<{ theirs: T; ours: T }> => ({
    theirs: await ask(urls['theirs'] ?? ''),
    ours: await ask(urls['ours'] ?? ''),
  });
  const post = async (url: string, path: string, body: unknown) => {
    const answer = await fetch(`${url}/api/v2${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.text() };
  };
  const get = async (url: string, path: string): Promise<unknown> =>
    (await fetch(`${url}/api/v2${path}`)).json();

  /** What receivers know in the end: the last message of each group, and all alerts ever told. */
  const heard = (side: string): Json => {
    const groups: Record<string, Json> = {};
    for (const body of hooks.get(side) ?? []) {
      const { alerts, ...rest } = body;
      const key = `${body['receiver']} ${body['groupKey']}`;
      const lines = (alerts as Json[]).map((one) => JSON.stringify(plain(one)));
      const known = (groups[key]?.['everTold'] as string[] | undefined) ?? [];
      groups[key] = { ...rest, alerts: lines, everTold: [...new Set([...known, ...lines])].sort() };
    }
    return groups;
  };

  it('tell receivers the same', async () => {
    await both((url) =>
      post(url, '/silences', {
        matchers: [{ name: 'alertname', value: 'Qui.t', isRegex: true, isEqual: true }],
        startsAt: now(),
        endsAt: inAnHour,
        createdBy: 'me',
        comment: 'c',
      }),
    );
    // Alerts that are older than group_wait are told at once, and Alertmanager learns beside that
    // what inhibits them: the sources go first, or it may tell an alert before it knows.
    const sources = first.filter(({ labels }) => labels['severity'] === 'critical');
    for (const [alerts, groups] of [
      [sources, 3],
      [first, 11],
    ] as const) {
      const posted = await both((url) => post(url, '/alerts', alerts));
      assert.deepEqual(posted.ours, posted.theirs);
      await same(() => [heard('theirs'), heard('ours')], groups);
    }
    const again = second();
    await both((url) => post(url, '/alerts', again));
    await same(
      () => [heard('theirs'), heard('ours')],
      12,
      (json) => JSON.stringify(json).includes('"status\\":\\"resolved'),
    );
  });

  for (const path of [
    '/alerts',
    '/alerts?silenced=false&inhibited=false',
    '/alerts?active=false',
    '/alerts?filter=team%3D%22wide%22&filter=pod%21~%22.*2%22',
    '/alerts?receiver=chat|pager',
    '/alerts/groups',
    '/alerts/groups?receiver=db',
    '/receivers',
  ]) {
    it(`answer the same to ${path}`, async () => {
      const answers = await both((url) => get(url, path));
      assert.deepEqual(sorted(answers.ours), sorted(answers.theirs));
    });
  }

  it('refuse the same', async () => {
    const bodies: readonly (readonly [path: string, body: unknown])[] = [
      ['/alerts', [{ labels: {} }]],
      ['/alerts', [{ labels: { a: 'b' }, startsAt: inAnHour, endsAt: startsAt }]],
      ['/alerts', [{ annotations: {} }]],
      ['/alerts', { labels: {} }],
      ['/alerts', [{ labels: { a: 'b' }, startsAt: 'yesterday' }]],
      ['/silences', {}],
      ['/silences', silence({ endsAt: startsAt })],
      ['/silences', silence({ startsAt: inAnHour, endsAt: startsAt })],
      ['/silences', silence({ matchers: [{ name: 'a', value: '(', isRegex: true }] })],
      ['/silences', silence({ matchers: [{ name: 'a', value: '', isRegex: false }] })],
      ['/silences', silence({ id: '00000000-0000-0000-0000-000000000000' })],
    ];
    for (const [path, body] of bodies) {
      const { ours, theirs } = await both((url) => post(url, path, body));
      assert.equal(ours.status, theirs.status, `${JSON.stringify(body)}: ${theirs.body}`);
    }
    const gone = await both(async (url) => (await fetch(`${url}/api/v2/silence/x`)).status);
    assert.ok(gone.ours >= 400 && gone.theirs >= 400);
    const bad = await both(async (url) => (await fetch(`${url}/api/v2/alerts?filter=a`)).status);
    assert.deepEqual(bad.ours, bad.theirs);
  });
});

const silence = (rest: object) => ({
  matchers: [{ name: 'a', value: 'b', isRegex: false, isEqual: true }],
  startsAt: now(),
  endsAt: inAnHour,
  createdBy: 'me',
  comment: 'c',
  ...rest,
});

/** Waits until both sides have so many groups and are the same; says where they differ otherwise. */
async function same(
  ask: () => readonly [Json, Json],
  groups: number,
  isDone: (json: Json) => boolean = () => true,
): Promise<void> {
  try {
    await eventually(() => {
      const [theirs, ours] = ask();
      const isReady = Object.keys(theirs).length >= groups && isDone(theirs);
      const isSame = JSON.stringify(sorted(theirs)) === JSON.stringify(sorted(ours));
      return isReady && isSame ? true : undefined;
    }, 60_000);
  } catch {
    const [theirs, ours] = ask();
    assert.deepEqual(sorted(ours), sorted(theirs));
    assert.fail(`only ${Object.keys(theirs).length} groups: ${Object.keys(theirs).join(' ')}`);
  }
}

/** Without what two programs cannot have in common: moments, ids, and keys of later versions. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    if (key === 'status' && isMuted(item))
      return [[key, { inhibitedBy: [], silencedBy: 0, state: 'active' }]];
    if (key === 'mutedBy' || key === 'updatedAt') return [];
    if (key === 'silencedBy') return [[key, (item as unknown[]).length]];
    return [[key, plain(item)]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Later versions say of a group that a time interval mutes it. */
const isMuted = (status: unknown): boolean =>
  typeof status === 'object' &&
  ((status as Json)['mutedBy'] as unknown[] | undefined)?.length === 1;

function sorted(value: unknown): unknown {
  const json = plain(value);
  if (!Array.isArray(json)) return json;
  const inner = json.map((one) =>
    typeof one === 'object' && one !== null && 'alerts' in one
      ? { ...one, alerts: sorted((one as Json)['alerts']) }
      : one,
  );
  return inner.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
