/**
 * Debian's Prometheus, Alertmanager and node exporter around a server process: each end of each
 * protocol is held by a program that is not ours.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../eventually.ts';
import { freePort } from '../faults/rig.ts';
import { skipWithout } from './aws-tool.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';
import {
  askInstant,
  findProgram,
  type ProgramResult,
  Programs,
  type QuerySeries,
  runProgram,
} from './prometheus-tool.ts';

const prometheus = findProgram('prometheus');
const promtool = findProgram('promtool');
const alertmanager = findProgram('prometheus-alertmanager', 'alertmanager');
const amtool = findProgram('amtool');
const nodeExporter = findProgram('prometheus-node-exporter', 'node_exporter');

const withoutPrometheus =
  skipWithout('prometheus', prometheus) || skipWithout('prometheus', promtool);
const withoutAlertmanager =
  withoutPrometheus || skipWithout('amtool', alertmanager) || skipWithout('amtool', amtool);
const withoutNodeExporter = withoutPrometheus || skipWithout('node-exporter', nodeExporter);

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Other programs and this one share the machine; what is waited for takes a second when it is idle. */
const patienceMs = 120_000;
const oldMs = 30 * 60_000;
const startMs = Date.now();

describe('programs of Prometheus', { skip: withoutPrometheus }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-prometheus-'));
  const programs = new Programs();
  let target: Server;
  let nunchi: NunchiProcess;
  let startOurs: () => Promise<void>;
  let startTheirs: () => Promise<void>;
  let killTheirs: () => Promise<void>;
  let prometheusUrl: string;
  let alertmanagerUrl: string;
  let configFile: string;
  let rulesFile: string;

  before(async () => {
    target = createServer(answerScrape);
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const targetAddress = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    const address = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
    const nunchiAddress = await address();
    const prometheusAddress = await address();
    const alertmanagerAddress = await address();
    const exporterAddress = await address();
    prometheusUrl = `http://${prometheusAddress}`;
    alertmanagerUrl = `http://${alertmanagerAddress}`;

    rulesFile = write('rules.yml', rules);
    configFile = write(
      'prometheus.yml',
      `global:
  scrape_interval: 1s
  evaluation_interval: 1s
  external_labels: {cluster: nunchi}
rule_files: [${rulesFile}]
alerting:
  alertmanagers: [{static_configs: [{targets: ['${alertmanagerAddress}']}]}]
remote_write:
  - url: ${prometheusUrl}/api/v1/write
    write_relabel_configs: [{source_labels: [job], regex: nunchi, action: keep}]
    queue_config: {batch_send_deadline: 200ms}
scrape_configs:
  - job_name: nunchi
    static_configs: [{targets: ['${nunchiAddress}']}]
  - job_name: node
    static_configs: [{targets: ['${exporterAddress}']}]
  - job_name: past
    metrics_path: /past
    static_configs: [{targets: ['${targetAddress}']}]
  - job_name: shared
    metrics_path: /shared
    static_configs: [{targets: ['${targetAddress}']}]
`,
    );
    const theirs = write(
      'theirs.yml',
      `global: {scrape_interval: 1s}
remote_write:
  - url: http://${nunchiAddress}/api/v1/write
    write_relabel_configs: [{source_labels: [job], regex: theirs, action: keep}]
    queue_config: {batch_send_deadline: 200ms}
remote_read:
  - url: http://${nunchiAddress}/api/v1/read
    required_matchers: {job: past}
scrape_configs:
  - job_name: theirs
    metrics_path: /theirs
    static_configs: [{targets: ['${targetAddress}']}]
  - job_name: federate
    honor_labels: true
    metrics_path: /federate
    params: {'match[]': ['{job="shared"}']}
    static_configs: [{targets: ['${nunchiAddress}']}]
`,
    );
    startOurs = async () => {
      nunchi = await startNunchi({
        config: JSON.stringify({ metrics: { prometheusConfig: configFile } }),
        listen: nunchiAddress,
        dataDir: join(folder, 'ours'),
      });
    };
    startTheirs = async () => {
      killTheirs = await programs.start(
        prometheus!,
        [
          ...[`--config.file=${theirs}`, `--storage.tsdb.path=${join(folder, 'theirs')}`],
          ...[`--web.listen-address=${prometheusAddress}`, '--web.enable-remote-write-receiver'],
          '--log.level=warn',
        ],
        `${prometheusUrl}/-/ready`,
      );
    };
    const starting: Promise<unknown>[] = [startOurs(), startTheirs()];
    if (withoutNodeExporter === false) {
      starting.push(
        programs.start(
          nodeExporter!,
          [`--web.listen-address=${exporterAddress}`, '--log.level=error'],
          `http://${exporterAddress}/`,
        ),
      );
    }
    if (withoutAlertmanager === false) {
      const routes = write(
        'alertmanager.yml',
        'route: {receiver: none}\nreceivers: [{name: none}]',
      );
      starting.push(
        programs.start(
          alertmanager!,
          [
            ...[`--config.file=${routes}`, `--storage.path=${join(folder, 'alertmanager')}`],
            ...[`--web.listen-address=${alertmanagerAddress}`, '--cluster.listen-address='],
            '--log.level=warn',
          ],
          `${alertmanagerUrl}/-/ready`,
        ),
      );
    }
    // All have an end before anything is thrown: what has started is known and can be ended.
    const failed = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  });

  after(async () => {
    await programs[Symbol.asyncDispose]();
    await nunchi?.[Symbol.asyncDispose]();
    target.closeAllConnections();
    target.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  async function promtoolPrints(...args: string[]): Promise<string> {
    const result = await runProgram(promtool!, args, { cwd: folder });
    assert.equal(result.code, 0, told(args, result));
    return result.stdout;
  }

  /** Until the condition holds for what is asked of the server. */
  const untilSeries = (url: string, query: string): Promise<QuerySeries[]> =>
    eventually(async () => {
      const found = await askInstant(url, query, Math.floor(Date.now() / 1000) * 1000);
      return found.length > 0 ? found : undefined;
    }, patienceMs);

  /** The same samples here and there, at whole seconds that have passed; at least `least` of one since then. */
  async function sameOfBoth(
    query: (url: string) => string,
    least: number,
    change: (series: QuerySeries) => QuerySeries = (series) => series,
    sinceMs = 0,
  ): Promise<QuerySeries[]> {
    let ours: QuerySeries[] = [];
    let others: QuerySeries[] = [];
    try {
      return await eventually(async () => {
        const atMs = Math.floor(Date.now() / 1000 - 4) * 1000;
        ours = (await askInstant(nunchi.url, query(nunchi.url), atMs)).map(change);
        others = await askInstant(prometheusUrl, query(prometheusUrl), atMs);
        const enough = ours.some((series) => samplesAfter(sinceMs, series) >= least);
        return enough && isDeepStrictEqual(ours, others) ? ours : undefined;
      }, patienceMs);
    } catch {
      const at = ours.findIndex((one, index) => !isDeepStrictEqual(one, others[index]));
      assert.deepEqual(
        ours[at],
        others[at],
        `of ${ours.length} series here, ${others.length} there`,
      );
      assert.equal(ours.length, others.length);
      throw new Error(`never as many as ${least} samples of ${query(nunchi.url)}`);
    }
  }

  it('promtool accepts the configuration and the rules that are used here', async () => {
    assert.match(await promtoolPrints('check', 'config', configFile), /SUCCESS/);
    assert.match(await promtoolPrints('check', 'rules', rulesFile), /SUCCESS: 2 rules found/);
  });

  it('promtool queries', async () => {
    await untilSeries(nunchi.url, 'up{job="nunchi"} == 1');
    const instant = await promtoolPrints('query', 'instant', nunchi.url, 'up{job="nunchi"}');
    assert.match(instant, /^up\{instance="[^"]+", job="nunchi"\} => 1 @\[\d+(\.\d+)?\]\n$/);
    const json = await promtoolPrints('query', 'instant', '-o', 'json', nunchi.url, 'vector(1)');
    assert.equal((JSON.parse(json) as QuerySeries[])[0]?.value?.[1], '1');
    const range = await promtoolPrints(
      'query',
      'range',
      '--step=1s',
      nunchi.url,
      'up{job="nunchi"}',
    );
    assert.match(range, /up\{instance="[^"]+", job="nunchi"\} =>\n1 @\[\d/);
    const series = await promtoolPrints('query', 'series', '--match=up', nunchi.url);
    assert.match(series, /\{__name__="up", instance="[^"]+", job="nunchi"\}/);
    const jobs = ['node', 'nunchi', 'shared'];
    // Each is scraped at its own moment.
    for (const job of jobs) await untilSeries(nunchi.url, `up{job="${job}"}`);
    const labels = (await promtoolPrints('query', 'labels', nunchi.url, 'job')).trim().split('\n');
    for (const job of jobs) assert.ok(labels.includes(job), labels.join());
    const wrong = await runProgram(promtool!, ['query', 'instant', nunchi.url, 'sum(']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /bad_data: .*1:5: parse error: /);
  });

  it('promtool reads the metrics of the server', async () => {
    await promtoolPrints('debug', 'metrics', nunchi.url);
    assert.ok(readdirSync(folder).includes('debug.tar.gz'));
    const text = await (await fetch(`${nunchi.url}/metrics`)).text();
    const checked = await runProgram(promtool!, ['check', 'metrics'], { input: text });
    // 3: names that its linter would like otherwise.
    assert.ok([0, 3].includes(checked.code), told(['check', 'metrics'], checked));
  });

  it('a node-exporter is scraped whole', { skip: withoutNodeExporter }, async () => {
    await untilSeries(nunchi.url, 'node_cpu_seconds_total{job="node", mode="idle"}');
    const scraped = await untilSeries(nunchi.url, 'scrape_samples_scraped{job="node"} > 300');
    const count = await untilSeries(nunchi.url, 'count({job="node", __name__!~"up|scrape_.*"})');
    assert.equal(count[0]!.value![1], scraped[0]!.value![1]);
  });

  /** The server's own series as they are here, and as they are where it writes to. */
  const oursOf =
    (range: string) =>
    (url: string): string =>
      `{job="nunchi"${url === prometheusUrl ? ', cluster="nunchi"' : ''}}[${range}]`;
  const withExternal = ({ metric, ...rest }: QuerySeries): QuerySeries => ({
    ...rest,
    metric: Object.fromEntries(Object.entries({ ...metric, cluster: 'nunchi' }).sort()),
  });

  it('what a Prometheus writes to us is the same when asked of both', async () => {
    const series = await sameOfBoth(() => '{job="theirs"}[1m]', 3);
    const names = new Set(series.map(({ metric }) => metric['__name__']));
    for (const name of ['odd_total', 'took_seconds_bucket', 'up', 'special', 'short_lived']) {
      assert.ok(names.has(name), `${name} is missing in ${[...names].join()}`);
    }
    const odd = series.find(({ metric }) => metric['__name__'] === 'odd_total');
    assert.equal(odd?.metric['text'], 'ünï\n"x"\\');
    // Its marker of the end came along: nobody finds it now, though a sample is a few seconds old.
    const atMs = Math.floor(Date.now() / 1000) * 1000;
    for (const url of [nunchi.url, prometheusUrl]) {
      assert.deepEqual(await askInstant(url, 'short_lived', atMs), []);
      assert.equal((await askInstant(url, 'short_lived[5m]', atMs))[0]?.values?.length, 1);
    }
  });

  it('what we write to a Prometheus is the same when asked of both', async () => {
    const series = await sameOfBoth(oursOf('20s'), 3, withExternal);
    assert.ok(series.length > 50, `${series.length} series`);
  });

  it('a Prometheus federates from us', async () => {
    const federated = await untilSeries(
      prometheusUrl,
      'shared_total{job="shared", cluster="nunchi"}[1m]',
    );
    const atMs = Math.floor(Date.now() / 1000) * 1000;
    const [ours] = await askInstant(nunchi.url, 'shared_total[2m]', atMs + 1000);
    const own = new Map(ours!.values);
    for (const [time, value] of federated[0]!.values!) assert.equal(own.get(time), value);
    assert.equal(federated[0]!.metric['instance'], ours!.metric['instance']);
  });

  it('a Prometheus reads from us what was before its time', async () => {
    await untilSeries(nunchi.url, `past_total offset ${oldMs / 1000 - 60}s`);
    const atMs = Math.floor((startMs - oldMs) / 1000) * 1000 + 2000;
    const [read] = await askInstant(prometheusUrl, 'past_total{job="past"}[1m]', atMs);
    assert.deepEqual(read?.values, [[Math.floor(startMs / 1000) - oldMs / 1000, '42']]);
    assert.equal(read?.metric['cluster'], 'nunchi');
  });

  it('the command line asks a Prometheus as it asks us', async () => {
    const nunchiPrints = async (...args: string[]): Promise<string> => {
      const result = await runProgram(process.execPath, [main, ...args]);
      assert.equal(result.code, 0, told(args, result));
      return result.stdout;
    };
    for (const url of [nunchi.url, prometheusUrl]) {
      const sum = await nunchiPrints('promql', 'sum(up > bool -1)', '--server', url);
      assert.match(sum, /^value\n\d\n$/);
      const analysis = await nunchiPrints('tsdb', 'analyze', '--server', url);
      assert.match(analysis, /Series by metric\nmetric +count\n/);
      assert.match(analysis, /\njob=nunchi +\d+\n/);
    }
  });

  it('alerts arrive in an Alertmanager', { skip: withoutAlertmanager }, async () => {
    const query = ['alert', 'query', `--alertmanager.url=${alertmanagerUrl}`, '-o', 'json'];
    const alerts = await eventually(async () => {
      const result = await runProgram(amtool!, [...query, 'alertname=ServerIsUp']);
      assert.equal(result.code, 0, told(query, result));
      const found = JSON.parse(result.stdout) as readonly Alert[];
      return found.length > 0 ? found : undefined;
    }, patienceMs);
    const [alert] = alerts;
    assert.equal(alert!.labels['severity'], 'test');
    assert.equal(alert!.labels['cluster'], 'nunchi');
    assert.equal(alert!.annotations['summary'], 'nunchi says 1');
    assert.match(alert!.generatorURL, /^http:\/\/.*\/graph\?g0\.expr=/);
    assert.equal(alert!.status.state, 'active');
  });

  it('after a restart of ours nothing is missing, here or there', async () => {
    await nunchi[Symbol.asyncDispose]();
    const beforeMs = Date.now();
    await eventually(async () => {
      const [up] = await askInstant(prometheusUrl, 'up{job="theirs"}[1m]', Date.now());
      return samplesAfter(beforeMs, up) >= 2 ? true : undefined;
    }, patienceMs);
    await startOurs();
    const unchanged = (series: QuerySeries): QuerySeries => series;
    await sameOfBoth(() => '{job="theirs"}[1m]', 3, unchanged, beforeMs);
    await sameOfBoth(oursOf('1m'), 2, withExternal, beforeMs);
  });

  it('a Prometheus that was killed gets what it missed', async () => {
    await killTheirs();
    const beforeMs = Date.now();
    await eventually(async () => {
      const [up] = await askInstant(nunchi.url, 'up{job="nunchi"}[1m]', Date.now());
      return samplesAfter(beforeMs, up) >= 3 ? true : undefined;
    }, patienceMs);
    await startTheirs();
    await sameOfBoth(oursOf('1m'), 3, withExternal, beforeMs);
  });
});

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorURL: string;
  readonly status: { readonly state: string };
}

const rules = `groups:
  - name: test
    rules:
      - record: jobs:up:sum
        expr: sum(up)
      - alert: ServerIsUp
        expr: up{job="nunchi"} == 1
        labels: {severity: test}
        annotations: {summary: '{{ $labels.job }} says {{ $value }}'}
`;

const samplesAfter = (ms: number, series: QuerySeries | undefined): number =>
  (series?.values ?? []).filter(([time]) => time * 1000 > ms).length;

const scrapes = new Map<string, number>();

function answerScrape(
  { url = '' }: { readonly url?: string | undefined },
  response: import('node:http').ServerResponse,
): void {
  const count = (scrapes.get(url) ?? 0) + 1;
  scrapes.set(url, count);
  const text = {
    '/theirs': `# TYPE odd_total counter
odd_total{text="ünï\\n\\"x\\"\\\\"} ${count / 3}
# TYPE took_seconds histogram
took_seconds_bucket{le="0.1"} ${count}
took_seconds_bucket{le="+Inf"} ${count * 2}
took_seconds_sum ${count * 1e-7}
took_seconds_count ${count * 2}
special{of="nan"} NaN
special{of="minus"} -Inf
special{of="large"} 1.7976931348623157e308
${count === 1 ? 'short_lived 1' : ''}
`,
    '/shared': `shared_total ${count}\n`,
    '/past': `past_total 42 ${Math.floor(startMs / 1000) * 1000 - oldMs}\n`,
  }[url];
  response.statusCode = text === undefined ? 404 : 200;
  response.setHeader('content-type', 'text/plain; version=0.0.4').end(text ?? '');
}

const told = (args: readonly string[], { code, stdout, stderr }: ProgramResult): string =>
  `${args.join(' ')} ended with ${code}: ${stdout}${stderr}`;
