import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type NunchiProcess, startNunchi } from './clients/nunchi-process.ts';
import { eventually } from './eventually.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const group = '/aws/containerinsights/myeks/application';

interface Written {
  readonly pod: string;
  readonly container: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** 1 digit of the container's id: a restart gets another. */
  readonly run: number;
  /** Seconds after the start of the story, and the line. */
  readonly lines: readonly (readonly [seconds: number, text: string])[];
}

const startMs = Math.floor(Date.now() / 1000) * 1000 - 7_200_000;
const timeOf = (seconds: number): string =>
  new Date(startMs + seconds * 1000).toISOString().replace('Z', '123456Z');
const web = { app: 'web', 'shop.io/tier': 'front' };

/** Pods that came and went: one restarted, one was replaced, one has two containers. */
const story: readonly Written[] = [
  {
    pod: 'web-1',
    container: 'main',
    labels: web,
    run: 1,
    lines: [
      [0, 'one'],
      [1, 'two'],
      [2, '{"level":"error"}'],
    ],
  },
  {
    pod: 'web-1',
    container: 'main',
    labels: web,
    run: 2,
    lines: [
      [60, 'three'],
      [61, 'four'],
    ],
  },
  {
    pod: 'web-2',
    container: 'main',
    labels: web,
    run: 3,
    lines: Array.from({ length: 15 }, (_, i) => [30 + i, `line ${i}`] as const),
  },
  {
    pod: 'db-0',
    container: 'db',
    labels: { app: 'db' },
    run: 4,
    lines: [
      [5, 'ready'],
      [7000, 'late'],
    ],
  },
  { pod: 'db-0', container: 'sidecar', labels: { app: 'db' }, run: 5, lines: [[6, 'beside']] },
];

describe('nunchi logs', () => {
  let server: NunchiProcess;
  const write = async ({ pod, container, labels, run, lines }: Written): Promise<void> => {
    const id = String(run).repeat(64);
    const stream = `node-1-application.var.log.containers.${pod}_shop_${container}-${id}.log`;
    const kubernetes = {
      pod_name: pod,
      namespace_name: 'shop',
      labels,
      container_name: container,
      docker_id: id,
    };
    const body = lines
      .map(([seconds, log]) =>
        JSON.stringify({ time: timeOf(seconds), stream: 'stdout', _p: 'F', log, kubernetes }),
      )
      .join('\n');
    const query = new URLSearchParams({ group, stream, timeField: 'time' });
    const response = await fetch(`${server.url}/nunchi/logs/ingest?${query}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    assert.equal(response.status, 200, await response.text());
  };
  const start = (args: readonly string[]) => {
    const child = spawn(process.execPath, [
      main,
      'logs',
      '-n',
      'shop',
      '--server',
      server.url,
      ...args,
    ]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, ended, stdout: () => stdout, stderr: () => stderr };
  };
  const logs = async (
    ...args: string[]
  ): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const run = start(args);
    const code = await run.ended;
    return { code, stdout: run.stdout(), stderr: run.stderr() };
  };

  before(async () => {
    server = await startNunchi();
    for (const written of story) await write(written);
  });
  after(() => server?.[Symbol.asyncDispose]());

  const cases: readonly (readonly [
    name: string,
    args: readonly string[],
    stdout: string,
    stderr?: string,
  ])[] = [
    [
      'a pod, across the restart of its container',
      ['web-1'],
      'one\ntwo\n{"level":"error"}\nthree\nfour\n',
    ],
    ['the container before its restart', ['web-1', '--previous'], 'one\ntwo\n{"level":"error"}\n'],
    [
      'the last lines, also across a restart',
      ['pod/web-1', '--tail', '3'],
      '{"level":"error"}\nthree\nfour\n',
    ],
    ['no lines', ['web-1', '--tail=0'], ''],
    [
      'times as the runtime wrote them',
      ['web-1', '--timestamps', '--tail', '1'],
      `${timeOf(61)} four\n`,
    ],
    [
      'pods of a selector, ten lines each unless told otherwise, one after the other',
      ['-l', 'app=web', '--prefix'],
      [
        ...['one', 'two', '{"level":"error"}', 'three', 'four'].map(
          (line) => `[pod/web-1/main] ${line}\n`,
        ),
        ...Array.from({ length: 10 }, (_, i) => `[pod/web-2/main] line ${i + 5}\n`),
      ].join(''),
    ],
    [
      'sets of labels',
      ['-l', 'app in (web, x),shop.io/tier!=back,!canary', '--tail', '1'],
      'four\nline 14\n',
    ],
    ['a container of several', ['db-0', '-c', 'sidecar'], 'beside\n'],
    ['all containers', ['db-0', '--all-containers'], 'ready\nlate\nbeside\n'],
    [
      'the first container, saying so',
      ['db-0'],
      'ready\nlate\n',
      'Defaulted container "db" out of: db, sidecar\n',
    ],
    ['what is new enough', ['db-0', '--since', '10m', '--all-containers'], 'late\n'],
    [
      'a selector that nothing has',
      ['-l', 'app=none'],
      '',
      'No resources found in shop namespace.\n',
    ],
  ];
  for (const [name, args, stdout, stderr = ''] of cases) {
    it(`prints ${name}`, async () => {
      assert.deepEqual(await logs(...args), { code: 0, stdout, stderr });
    });
  }

  const refusals: readonly (readonly [name: string, args: readonly string[], stderr: RegExp])[] = [
    ['a pod that never was', ['none'], /^nunchi: pods "none" not found$/m],
    ['a container that never was', ['db-0', '-c', 'x'], /container x is not valid for pod db-0/],
    [
      'the container before, where there was none',
      ['web-2', '-p'],
      /previous terminated container "main" in pod "web-2" not found/,
    ],
    ['a broken selector', ['-l', 'app="x"'], /"app="x"" is not a label selector/],
    ['neither pod nor selector', [], /Name a pod, or select pods with -l/],
  ];
  for (const [name, args, stderr] of refusals) {
    it(`refuses ${name}`, async () => {
      const result = await logs(...args);
      assert.equal(result.code, 1);
      assert.match(result.stderr, stderr);
      assert.equal(result.stdout, '');
    });
  }

  it('follows, new pods too, prints each line once, and ends at Ctrl-C', async () => {
    const labels = { app: 'live' };
    const lines = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, i) => `live ${from + i}`);
    const writeLive = (pod: string, run: number, from: number, to: number): Promise<void> =>
      write({
        ...{ pod, container: 'main', labels, run },
        lines: lines(from, to).map((line, i) => [7100 + from + i / 1000, line] as const),
      });
    await writeLive('live-1', 6, 0, 5);
    const run = start(['-l', 'app=live', '-f', '--tail', '2']);
    await eventually(() => (run.stdout().includes('live 4\n') ? true : undefined));
    await writeLive('live-1', 6, 5, 8);
    await writeLive('live-2', 7, 8, 10);
    await write({
      pod: 'other',
      container: 'main',
      labels: web,
      run: 8,
      lines: [[7150, 'not mine']],
    });
    await writeLive('live-1', 9, 10, 12);
    await eventually(() => (run.stdout().includes('live 11\n') ? true : undefined));
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 0, run.stderr());
    assert.equal(run.stderr(), '');
    assert.deepEqual(run.stdout(), `${lines(3, 12).join('\n')}\n`);
  });
});
