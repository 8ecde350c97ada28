import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { browse, type ConsoleUnderTest, endProcess } from './console.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The program itself with a Prometheus configuration: it scrapes an exporter of this process every
 * second, a target that does not answer, and drops a third one; it evaluates rules.
 */
export async function startMetricsConsole(): Promise<ConsoleUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-metrics-'));
  const exporter = await startExporter();
  const { port } = exporter.address() as AddressInfo;
  writeFileSync(join(folder, 'prometheus.yml'), prometheusYaml(port));
  writeFileSync(join(folder, 'rules.yml'), rulesYaml);
  writeFileSync(
    join(folder, 'nunchi.yaml'),
    'metrics: {prometheusConfig: prometheus.yml}\nagent: {enabled: false}\n',
  );
  const server = spawn(
    process.execPath,
    [
      join(root, 'src/main.ts'),
      'server',
      ...['--config', join(folder, 'nunchi.yaml')],
      ...['--data-dir', join(folder, 'data')],
      ...['--listen', '127.0.0.1:0'],
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const close = async (): Promise<void> => {
    await endProcess(server);
    exporter.closeAllConnections();
    exporter.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(server.stderr);
    await untilScraped(url);
    return await browse(url.replace(/\/$/, ''), close);
  } catch (error) {
    // An exporter that goes on listening would keep this process alive.
    await close();
    throw error;
  }
}

/** Where the program says it is ready; it logs before and after. */
async function addressOf(output: Readable): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: output })) {
    const url = /ready at (https?:\/\/\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      // Whatever it says later must not fill the pipe.
      output.resume();
      return url;
    }
    lines.push(line);
  }
  throw new Error(`The server ended: ${lines.join('\n')}`);
}

/** A rate needs two samples: until the server has them. */
async function untilScraped(url: string): Promise<void> {
  const query = 'rate(shop_orders_total[1m]) and on () ALERTS{alertstate="firing"}';
  const deadlineMs = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(new URL(`api/v1/query?query=${encodeURIComponent(query)}`, url));
    const body = (await answer.json()) as { data?: { result?: unknown[] } };
    if ((body.data?.result?.length ?? 0) > 0) return;
    if (Date.now() > deadlineMs) throw new Error('Nothing was scraped in a minute');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function startExporter(): Promise<Server> {
  let turn = 0;
  const server = createServer((_request, response) => {
    turn++;
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(exposition(turn));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function exposition(turn: number): string {
  const lines = [
    '# HELP shop_orders_total Orders that were placed.',
    '# TYPE shop_orders_total counter',
    ...['/cart', '/pay', '/list'].map(
      (path, index) => `shop_orders_total{path="${path}",pod="web-1"} ${turn * (index + 1) * 7}`,
    ),
    '# HELP shop_stock_bytes Size of the stock.',
    '# TYPE shop_stock_bytes gauge',
    `shop_stock_bytes ${1_000_000 + turn * 1024}`,
    '# HELP shop_wait_seconds How long people waited.',
    '# TYPE shop_wait_seconds histogram',
    ...['0.1', '0.5', '1', '+Inf'].map(
      (le, index) => `shop_wait_seconds_bucket{le="${le}"} ${turn * (index + 1) * 5}`,
    ),
    `shop_wait_seconds_sum ${turn * 4}`,
    `shop_wait_seconds_count ${turn * 20}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Port 1 is nobody's: connections to it are refused. */
const prometheusYaml = (port: number): string => `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ['127.0.0.1:${port}']
        labels: {env: prod}
    relabel_configs:
      - {source_labels: [__address__], regex: '(.*):.*', target_label: host}
  - job_name: gone
    static_configs: [{targets: ['127.0.0.1:1']}]
  - job_name: unwanted
    static_configs: [{targets: ['127.0.0.1:2']}]
    relabel_configs: [{action: drop, source_labels: [job], regex: unwanted}]
`;

const rulesYaml = `
groups:
  - name: shop
    rules:
      - record: path:orders:rate1m
        expr: sum by (path) (rate(shop_orders_total[1m]))
      - alert: TargetDown
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: '{{ $labels.instance }} does not answer'}
  - name: wrong
    rules:
      - record: ambiguous
        expr: shop_orders_total * on (instance) shop_orders_total
`;
