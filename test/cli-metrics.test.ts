import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { skipWithout } from './clients/aws-tool.ts';
import { startNunchi } from './clients/nunchi-process.ts';
import { findProgram, type ProgramResult, runProgram } from './clients/prometheus-tool.ts';
import { eventually } from './eventually.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nunchi-cli-metrics-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const nunchi = (...args: string[]): Promise<ProgramResult> =>
  runProgram(process.execPath, [main, ...args], { cwd: folder });

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

write(
  'rules.yml',
  `groups:
  - name: second
    rules:
      - record: instances:up:sum
        expr: sum(job:up:sum)
  - name: first
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: page, place: '{{ $externalLabels.cluster }}'}
        annotations: {summary: '{{ $labels.instance }} is down: {{ $externalURL }}'}
`,
);

const test = (body: string, head = ''): string => `rule_files: ['rul*.yml']
evaluation_interval: 1m
${head}
tests:
  - name: machines
    interval: 1m
    external_labels: {cluster: c1}
    external_url: http://prometheus.example
    input_series:
      - series: up{job="a", instance="i"}
        values: 1 0x5 _ stale 3
      - series: 'count_total{le="1"}'
        values: 0+10x10
${body}`;

/** Test files, and whether they hold. */
const files: Readonly<Record<string, readonly [isGood: boolean, text: string]>> = {
  'alert-fires': [
    true,
    test(`    alert_rule_test:
      - {eval_time: 2m, alertname: Down}
      - eval_time: 4m30s
        alertname: Down
        exp_alerts:
          - exp_labels: {severity: page, job: a, instance: i, place: c1}
            exp_annotations: {summary: 'i is down: http://prometheus.example'}
      - {eval_time: 8m, alertname: Down}`),
  ],
  'alert-that-is-missing': [false, test('    alert_rule_test: [{eval_time: 4m, alertname: Down}]')],
  'alert-with-another-label': [
    false,
    test(`    alert_rule_test:
      - eval_time: 4m
        alertname: Down
        exp_alerts:
          - exp_labels: {severity: none, job: a, instance: i, place: c1}
            exp_annotations: {summary: 'i is down: http://prometheus.example'}`),
  ],
  samples: [
    true,
    test(`    promql_expr_test:
      - {expr: up, eval_time: 8m, exp_samples: []}
      - {expr: up, eval_time: 9m, exp_samples: [{labels: 'up{job="a", instance="i"}', value: 3}]}
      - {expr: job:up:sum, eval_time: 0, exp_samples: [{labels: 'job:up:sum{job="a"}', value: 1}]}
      - {expr: 'count(ALERTS{alertstate="pending"})', eval_time: 1m, exp_samples: [{labels: '{}', value: 1}]}
      - {expr: vector(1e3) + 1, eval_time: 1m, exp_samples: [{value: 1_001}]}
      - {expr: 'max_over_time(count_total[2m:])', eval_time: 5m, exp_samples: [{labels: '{le="1"}', value: 50}]}
      - {expr: time(), eval_time: 1h, exp_samples: [{value: 3600}]}`),
  ],
  'sample-that-differs': [
    false,
    test(
      `    promql_expr_test: [{expr: count_total, eval_time: 5m, exp_samples: [{labels: 'count_total{le="1"}', value: 51}]}]`,
    ),
  ],
  'groups-in-order': [
    true,
    test(
      `    promql_expr_test: [{expr: instances:up:sum, eval_time: 0, exp_samples: [{labels: 'instances:up:sum', value: 1}]}]`,
      'group_eval_order: [first, second]',
    ),
  ],
  'query-that-does-not-parse': [false, test('    promql_expr_test: [{expr: sum(, eval_time: 1m}]')],
  'unknown-key': [false, test('    promql_expr_tests: []')],
  'no-rules': [true, test('').replace('rul*.yml', 'none*.yml')],
};
for (const [name, [, text]] of Object.entries(files)) write(`${name}.test.yml`, text);
const fileNames = Object.keys(files).map((name) => `${name}.test.yml`);

describe('nunchi test-rules', () => {
  it('tells of each file whether it holds, and what differs', async () => {
    const result = await nunchi('test-rules', ...fileNames);
    assert.equal(result.code, 1);
    const verdicts = result.stdout
      .split(/^(?=\S+\.yml$)/m)
      .map((part) => [/^\S+(?=\.test)/.exec(part)?.[0], !part.includes('FAILED')] as const);
    assert.deepEqual(
      Object.fromEntries(verdicts),
      Object.fromEntries(Object.entries(files).map(([name, [isGood]]) => [name, isGood])),
      result.stdout,
    );
    assert.match(result.stderr, /5 of 9 files failed/);
    assert.match(
      result.stdout,
      /sample-that-differs\.test\.yml:14: count_total at 5m\n +\+ count_total\{le="1"\} 50\n +- count_total\{le="1"\} 51\n/,
    );
    assert.match(result.stdout, /unknown key "promql_expr_tests".*did you mean "promql_expr_test"/);
  });

  it('ends with 0 when all hold; --run leaves tests out', async () => {
    const good = await nunchi('test-rules', 'samples.test.yml', 'alert-fires.test.yml');
    assert.equal(good.code, 0, good.stdout + good.stderr);
    const none = await nunchi('test-rules', '--run', '^other', 'sample-that-differs.test.yml');
    assert.match(none.stdout, /passed: 0 of 0/);
    assert.equal(none.code, 0);
  });

  const promtool = findProgram('promtool');
  it('agrees with promtool', { skip: skipWithout('prometheus', promtool) }, async () => {
    for (const [name, [isGood]] of Object.entries(files)) {
      const args = ['test', 'rules', `${name}.test.yml`];
      const result = await runProgram(promtool!, args, { cwd: folder });
      assert.equal(result.code, isGood ? 0 : 1, `${name}: ${result.stdout}${result.stderr}`);
    }
  });
});

describe('nunchi promql and tsdb analyze', () => {
  it('ask a running server, and the folder it leaves', async () => {
    const target = createServer((_, response) =>
      response.setHeader('content-type', 'text/plain').end('jobs{of="a"} 1e3\njobs{of="b"} 1e3\n'),
    );
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const { port } = target.address() as AddressInfo;
    const config = `metrics:
  prometheus:
    global: {scrape_interval: 500ms}
    scrape_configs:
      - {job_name: j, static_configs: [{targets: ['127.0.0.1:${port}']}]}
`;
    const data = join(folder, 'kept');
    {
      await using server = await startNunchi({ config, dataDir: data });
      const at = ['--server', server.url];
      const table = await eventually(async () => {
        const { stdout } = await nunchi('promql', 'jobs', ...at);
        return stdout.includes('jobs') ? stdout : undefined;
      });
      const own = `127.0.0.1:${port}`;
      assert.equal(
        table,
        [
          `metric  instance${' '.repeat(own.length - 8)}  job  of  value`,
          ...[`jobs    ${own}  j    a   1000`, `jobs    ${own}  j    b   1000`, ''],
        ].join('\n'),
      );
      const csv = await nunchi('promql', 'sum by (of) (jobs) / 3', '-o', 'csv', ...at);
      assert.equal(csv.stdout, 'of,value\r\na,333.3333333333333\r\nb,333.3333333333333\r\n');
      const json = await nunchi('promql', '1 + 1', '-o', 'json', '--time', '2026-01-01', ...at);
      assert.deepEqual(JSON.parse(json.stdout), {
        resultType: 'scalar',
        result: [1_767_225_600, '2'],
      });
      const range = ['--start', '2026-01-01T00:00:00Z', '--end', '2026-01-01T00:01:00Z'];
      const rows = await nunchi('promql', 'vector(time())', ...range, '--step', '30s', ...at);
      assert.equal(
        rows.stdout,
        `time                      value
2026-01-01T00:00:00.000Z  1767225600
2026-01-01T00:00:30.000Z  1767225630
2026-01-01T00:01:00.000Z  1767225660
`,
      );
      const graph = await nunchi('promql', 'time() - 1767225600', '-o', 'graph', ...range, ...at);
      assert.match(graph.stdout, /^60 ┤ +[\u2801-\u28ff]+\n/);
      assert.match(graph.stdout, /00:00:00 +00:00:30 +00:01:00Z\n━ \{\} {2}60\n$/);
      const wrong = await nunchi('promql', 'sum(', ...at);
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /1:5: parse error: /);
      const both = await nunchi('promql', 'up', '--time', '0', '--step', '1m', ...at);
      assert.match(both.stderr, /--time is for a query at one time/);

      const analysis = await nunchi('tsdb', 'analyze', ...at);
      assert.match(analysis.stdout, /Series by metric\nmetric +count\n(.*\n)*?jobs +2\n/);
      assert.match(analysis.stdout, /of=a +1\n/);
      const held = await nunchi('tsdb', 'analyze', data);
      assert.equal(held.code, 1);
      assert.match(held.stderr, /Another Nunchi \(process \d+\) uses/);
    }
    target.closeAllConnections();
    target.close();
    const left = await nunchi('tsdb', 'analyze', data);
    assert.equal(left.code, 0, left.stderr);
    assert.match(left.stdout, /jobs +2\n/);
    const nothing = await nunchi('tsdb', 'analyze', folder);
    assert.match(nothing.stderr, /There are no metrics in /);
  });
});
