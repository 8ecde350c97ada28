import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Alertmanager, loadAlertmanagerYaml } from '#alerting';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import type { NeededRight, Reply } from '#chat';
import { type ChangeRecord, changesLogGroup } from '#kubernetes/changes';
import { type EventRecord, eventsLogGroup } from '#kubernetes/events';
import { SectionBuilder } from '#logs/batch';
import { type LogStore, openLogStore } from '#logs/store';
import { labelsOfRecord } from '#metrics/model';
import type { PromqlEngine } from '#metrics/promql';
import type { Incident } from '#watch';
import type { LogColumn } from './log-commands.ts';
import { ownCommands } from './own-commands.ts';

const nowMs = Date.UTC(2026, 2, 31, 12);
const minuteMs = 60_000;
const podGroup = '/aws/containerinsights/c1/application';

const subject = { kind: 'Pod', namespace: 'shop', name: 'web-7d9f8c6b5d-x2x4z' };
const incident: Incident = {
  id: '1a2b3c4d-0000-4000-8000-000000000000',
  owner: { kind: 'Deployment', namespace: 'shop', name: 'web' },
  state: 'open',
  severity: 'high',
  cause: {
    reason: 'OOMKilled',
    severity: 'high',
    subject,
    owner: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    node: 'n1',
    image: 'shop/web:7',
    message: 'the memory is full',
    exitCode: 137,
    restarts: 3,
    sinceMs: nowMs - 10 * minuteMs,
  },
  reasons: ['OOMKilled'],
  members: [{ subject, troubles: [] }],
  peak: 2,
  startMs: nowMs - 10 * minuteMs,
  updatedMs: nowMs,
  told: 1,
};

const usage = (cpuCores: number, memoryMebibytes: number) => ({
  cpuCores,
  memoryBytes: memoryMebibytes * 2 ** 20,
});
const measured = { timeMs: nowMs, windowMs: minuteMs };

describe('commands that only Nunchi has', () => {
  let folder: string;
  let logs: LogStore;
  let alertmanager: Alertmanager;
  let commands: ReturnType<typeof ownCommands>;
  let open: readonly Incident[] = [incident];
  let columns: readonly LogColumn[] = [];
  const rights: NeededRight[] = [];
  const queries: { text: string; groups: readonly string[]; fromMs: number }[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nunchi-own-'));
    logs = await openLogStore({ directory: join(folder, 'logs'), reserveBytes: 0 });
    const section = (group: string, stream: string, lines: readonly string[]) => {
      const builder = new SectionBuilder(group, stream);
      lines.forEach((line, at) => {
        builder.add(nowMs - (20 - at) * minuteMs, line);
      });
      return builder.finish();
    };
    const streamOf = (pod: string, container: string): string =>
      `n1.containers.${pod}_shop_${container}-${'a'.repeat(64)}.log`;
    const change: ChangeRecord = {
      id: '1',
      change: 'rollout',
      severity: 'info',
      message: 'Deployment web: image shop/web:6 -> shop/web:7',
      object: { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u' },
      owners: [],
      workload: { kind: 'Deployment', name: 'web' },
    };
    const event = {
      ...{ type: 'Warning', reason: 'BackOff', message: 'Back-off restarting', count: 7 },
      involvedObject: subject,
      ...{ owners: [], workload: { kind: 'Deployment', name: 'web' } },
      metadata: { name: 'e', namespace: 'shop', uid: 'e', resourceVersion: '1' },
    } as unknown as EventRecord;
    await logs.append({
      sections: [
        section(podGroup, streamOf('web-7d9f8c6b5d-x2x4z', 'main'), [
          'one',
          'two timeout',
          'three',
        ]),
        section(podGroup, streamOf('web-7d9f8c6b5d-aaaaa', 'main'), ['other']),
        section(podGroup, streamOf('gone', 'main'), ['last words']),
        section(changesLogGroup('c1'), 's', [JSON.stringify(change)]),
        section(eventsLogGroup('c1'), 's', [
          JSON.stringify(event),
          JSON.stringify({ ...event, type: 'Normal', reason: 'Pulled', message: 'pulled' }),
        ]),
      ],
    });
    const clock = new ManualClock(nowMs);
    alertmanager = await Alertmanager.open(
      loadAlertmanagerYaml({
        text: 'route: {receiver: none}\nreceivers: [{name: none}]',
        ...{ file: 'a.yml', firstLine: 1, key: '' },
      }),
      {
        ...{ clock, log: silentLogger, metrics: new MetricsRegistry(), env: {}, version: '1' },
        ...{ externalUrl: 'http://n', folder: join(folder, 'alerts') },
      },
    );
    const series = (name: string, value: number) => ({
      labels: labelsOfRecord({ __name__: 'up', job: name }),
      timesMs: Float64Array.of(nowMs - minuteMs, nowMs),
      values: Float64Array.of(value, value),
    });
    const vector = [series('a', 1), series('b', 2)];
    const engine = {
      instant: async (query: string) => ({
        value:
          query === '1+1'
            ? { type: 'scalar', value: 2, timeMs: nowMs }
            : { type: 'vector', series: query === 'none' ? [] : vector },
      }),
      range: async (query: string) => ({
        value: { type: 'matrix', series: query === 'up - 1' ? vector : [] },
      }),
    } as unknown as PromqlEngine;
    commands = ownCommands({
      ...{ clock, logs, alertmanager, engine },
      incidents: () => open,
      findIncident: async (id) => (id === incident.id ? incident : undefined),
      clusterName: 'c1',
      publicUrl: () => 'https://nunchi.example',
      readUsage: async () => ({
        nodes: new Map([['n1', { ...measured, name: 'n1', usage: usage(1.5, 2048) }]]),
        pods: new Map(
          [
            {
              namespace: 'shop',
              name: 'web',
              containers: [{ name: 'main', usage: usage(0.1, 900) }],
            },
            {
              namespace: 'shop',
              name: 'api',
              containers: [{ name: 'main', usage: usage(0.2, 100) }],
            },
            { namespace: 'other', name: 'x', containers: [] },
          ].map((pod) => [`${pod.namespace}/${pod.name}`, { ...measured, ...pod }]),
        ),
      }),
      queryLogs: async (query) => {
        queries.push(query);
        return columns;
      },
      timeZone: () => 'UTC',
    });
  });
  after(async () => {
    await alertmanager[Symbol.asyncDispose]();
    await logs[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (text: string, more: object = {}): Promise<Reply> => {
    const [verb = '', ...words] = text.split(' ').filter((word) => word !== '');
    const entry = commands[verb];
    assert.ok(entry, verb);
    rights.length = 0;
    return await entry.run(words, {
      question: {
        place: { platform: 'slack', channelId: 'C1', channelName: 'alerts' },
        user: { id: 'U1', mention: '<@U1>' },
        ...{ text, isInteraction: false },
      },
      signal: AbortSignal.timeout(60_000),
      subject: undefined,
      check: async (right) => {
        rights.push(right);
      },
      ...more,
    });
  };
  const said = async (text: string, more: object = {}): Promise<string> => {
    const reply = await run(text, more);
    return [reply.text, reply.output].filter((part) => part !== undefined).join('\n');
  };

  const cases: readonly (readonly [text: string, answer: string | RegExp, right?: string])[] = [
    [
      'incidents',
      /^INCIDENT +SEVERITY[\s\S]*1a2b3c4d +high +Deployment shop\/web +OOMKilled +2 +10m$/,
      'list pods',
    ],
    ['incidents -n other', 'Nothing is wrong that I know of.', 'list pods in other'],
    [
      'explain 1a2b',
      /Why +the container used more memory than its limit[\s\S]*Image +shop\/web:7[\s\S]*Before +2026-03-31T11:40:00 {2}rollout {2}Deployment web: image[\s\S]*https:\/\/nunchi\.example\/incidents\/1a2b3c4d-/,
      'list pods in shop',
    ],
    ['alerts', 'No alerts fire.', 'list pods'],
    [
      'changes',
      /^WHEN \(UTC\) +CHANGE +WHAT\n2026-03-31T11:40:00 +rollout +Deployment web/,
      'list pods',
    ],
    ['changes web -n shop --since 1h', /rollout/, 'list pods in shop'],
    ['changes other', 'Nothing has changed in that time that I know of.'],
    ['changes -n other', /^Nothing has changed/],
    ['events', /BackOff +7 +Pod shop\/web-7d9f8c6b5d-x2x4z +Back-off restarting$/, 'list events'],
    ['events web --all', /Pulled[\s\S]*BackOff|BackOff[\s\S]*Pulled/],
    ['events nothing', 'No such events are stored in that time.'],
    ['logs web-7d9f8c6b5d-x2x4z -n shop', 'one\ntwo timeout\nthree', 'get pods/log in shop'],
    ['logs pod/gone -n shop -t', '2026-03-31T11:40:00.000Z last words'],
    ['logs deploy/web -n shop', /^web-7d9f8c6b5d-\w+ \w+[\s\S]*web-7d9f8c6b5d-aaaaa other/],
    ['logs deploy/web -n shop --grep timeout', 'two timeout'],
    [
      'logs deploy/web -n shop --grep nothing',
      /^No lines with "nothing" of deploy\/web in the namespace shop/,
    ],
    ['logs web', /^No lines of web in the namespace default are stored/],
    ['logs web-7d9f8c6b5d-x2x4z -n shop --tail 1', 'three'],
    [
      'top',
      /^NAMESPACE +POD +CPU +MEMORY\nshop +api +200m +100Mi\nshop +web +100m +900Mi\n/,
      'list pods',
    ],
    ['top pods -n shop --sort memory', /\nshop +web[\s\S]*\nshop +api/, 'list pods in shop'],
    ['top pods web --containers', /CONTAINER[\s\S]*shop +web +main +100m/],
    ['top nodes', /^NODE +CPU +MEMORY\nn1 +1500m +2048Mi$/, 'list nodes'],
    ['top pods nothing', 'Nothing was measured of such pods.'],
    ['promql 1+1', '2', 'list pods'],
    ['promql up', /^SERIES +VALUE\nup\{job="b"\} +2\nup\{job="a"\} +1$/],
    ['promql none', 'no data'],
    ['silences', 'Nothing is silenced.'],
    ['logs --help', /^last lines of a pod[\s\S]*logs POD[\s\S]*logs web-7d9f/],
    ['silence -h', /silence MATCHER/],
  ];
  for (const [text, wanted, right] of cases) {
    it(text, async () => {
      const answer = await said(text);
      if (typeof wanted === 'string') assert.equal(answer, wanted);
      else assert.match(answer, wanted);
      if (right === undefined) return;
      const asked = rights.map(
        ({ verb, resource, subresource, namespace }) =>
          `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}${namespace === undefined ? '' : ` in ${namespace}`}`,
      );
      assert.deepEqual(asked, [right]);
    });
  }

  const wrong: readonly (readonly [text: string, why: RegExp])[] = [
    ['logs', /Name a pod/],
    ['logs a b', /One pod at a time/],
    ['logs a --tail 0', /--tail is a number from 1 to 5000, not "0"/],
    ['logs a --tail x', /not "x"/],
    ['logs a --since soon', /"soon" is no duration such as 30m, 2h, 1d/],
    ['logs a --since 9999d', /no duration/],
    ['logs a --folow', /There is no flag "--folow" here; there are -n, /],
    ['logs a -n', /-n needs a value/],
    ['explain', /Name an incident/],
    ['explain web', /"web" is no incident/],
    ['explain abcd1234', /There is no incident abcd1234/],
    ['top deployments', /there are pods and nodes/],
    ['top pods --sort disk', /--sort is cpu or memory/],
    ['query', /Write a query/],
    ['query fields @message --group /aws/no', /There is no log group "\/aws\/no"/],
    ['query fields @message --group /aws/no*', /There is no log group/],
    ['promql', /Write an expression/],
    ['silence 2h', /Write what to silence and for how long/],
    ['silence namespace=shop soon', /"soon" is no duration/],
    ['silence namespace=shop 90d', /30d at most/],
    ['silence web 2h', /"web" is no incident/],
    ['ack', /Name an incident/],
    ['ack 1a2b3c4d 2h 3h', /Write ack INCIDENT/],
    ['unsilence', /Name a silence/],
    ['unsilence abcdef', /There is no silence abcdef/],
    ['changes a b', /One name at a time/],
    ['events --limit 9999', /--limit is a number from 1 to 200/],
  ];
  for (const [text, why] of wrong) {
    it(`says what is wrong with ${text}`, async () => assert.rejects(run(text), why));
  }

  it('draws an expression, with what looks like flags in it', async () => {
    const { picture } = await run('promql up - 1 --since=2h');
    assert.equal(picture?.name, 'promql.png');
    assert.deepEqual([...(picture?.png.slice(1, 4) ?? [])], [...Buffer.from('PNG')]);
    assert.equal((await run('promql up')).picture, undefined);
  });

  it('asks the log groups that are meant, shows rows, and draws counts over time', async () => {
    columns = [
      { name: 'bin(5m)', kind: 'time', values: [nowMs, nowMs - 5 * minuteMs] },
      { name: 'count(*)', kind: 'number', values: [3, 4] },
    ];
    const { output, picture } = await run(
      'query stats count(*) by bin(5m) --group /aws/* --since 15m',
    );
    assert.match(output ?? '', /^bin\(5m\) +count\(\*\)\n2026-03-31T12:00:00\.000Z +3\n/);
    assert.equal(picture?.name, 'query.png');
    assert.deepEqual(queries.at(-1)?.groups, [podGroup]);
    assert.equal(queries.at(-1)?.fromMs, nowMs - 15 * minuteMs);
    columns = [{ name: '@message', kind: 'text', values: Array(300).fill('a\nb') }];
    const many = await run(`query fields @message --group ${podGroup}`);
    assert.match(many.output ?? '', /a b\n… and 100 more rows$/);
    assert.equal(many.picture, undefined);
    columns = [];
    assert.equal(await said('query fields @message'), 'No rows.');
  });

  it('silences, shows silences, and ends them; incidents by their beginning', async () => {
    await alertmanager.put([
      {
        labels: { alertname: 'Slow', namespace: 'shop', severity: 'warning' },
        startsAtMs: nowMs - minuteMs,
      },
    ]);
    assert.match(await said('alerts'), /^ALERT.*\nSlow +warning +active +1m +namespace=shop$/);
    assert.match(await said('alerts nothing'), /No alerts with "nothing" fire/);
    const answer = await said('silence namespace=shop severity=~warn.* 2h --comment known');
    const id = /`unsilence (\w+)`/.exec(answer)?.[1] ?? '';
    assert.match(
      answer,
      /^Silenced namespace="shop", severity=~"warn\.\*" until 2026-03-31T14:00:00\.000Z; it fits 1 alert that fires now\./,
    );
    assert.match(
      await said('ack 1a2b'),
      /^Silenced incident="1a2b3c4d-[^"]*" until 2026-04-01T12:00/,
    );
    assert.match(await said('alerts shop'), /Slow +warning +silenced/);
    const table = await said('silences');
    assert.match(table, /active +\{namespace="shop",severity=~"warn\.\*"\} +2h0m +U1 +known/);
    assert.match(table, /\{incident="1a2b3c4d-[^"]*"\} +24h0m +U1 +acknowledged/);
    assert.match(await said(`unsilence ${id}`), /^The silence \{namespace="shop"/);
    assert.doesNotMatch(await said('silences'), /namespace/);
    assert.match(await said('silence namespace=a,severity!=b 1h'), /namespace="a", severity!="b"/);
    open = [];
    assert.equal(await said('incidents'), 'Nothing is wrong that I know of.');
    assert.match(await said(`explain ${incident.id}`), /Deployment shop\/web/);
  });
});
