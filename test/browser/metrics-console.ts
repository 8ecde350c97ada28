import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browse, type ConsoleUnderTest, endProcess } from './console.ts';
import { writeHistory } from './metrics-history.ts';
import { addressOf, startProgram } from './program.ts';

/**
 * The program itself with a Prometheus configuration: it scrapes an exporter of this process every
 * second, a target that does not answer, and drops others, thousands of them; it evaluates rules; and
 * it has the past of a shop.
 */
export async function startMetricsConsole(): Promise<ConsoleUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-metrics-'));
  const exporter = await startExporter();
  const { port } = exporter.address() as AddressInfo;
  writeFileSync(join(folder, 'prometheus.yml'), prometheusYaml(port));
  writeFileSync(join(folder, 'rules.yml'), rulesYaml);
  const server = startProgram(folder, 'metrics: {prometheusConfig: prometheus.yml}');
  const close = async (): Promise<void> => {
    await endProcess(server);
    exporter.closeAllConnections();
    exporter.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(server);
    await writeHistory(url, Date.now());
    await untilScraped(url);
    return await browse(url.replace(/\/$/, ''), close);
  } catch (error) {
    // An exporter that goes on listening would keep this process alive.
    await close();
    throw error;
  }
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

/** Never asked within a test: their first scrape is somewhere in twenty days. */
const manyTargets = Array.from(
  { length: 4000 },
  (_, at) => `10.${at % 4}.${(at >> 8) % 256}.${at % 256}:9100`,
);

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
  - job_name: many
    scrape_interval: 20d
    static_configs:
      - targets: [${manyTargets.map((address) => `'${address}'`).join(', ')}]
        labels: {zone: a, env: prod}
    relabel_configs:
      - {action: keep, source_labels: [__address__], regex: '10\\.[01]\\..*'}
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

/** Explore with these queries; `more` begins with `&`. */
export function exploreUrl(
  url: string,
  exprs: readonly string[],
  more: string,
  from: string,
): string {
  const queries = exprs.map((expr) => `&q=${encodeURIComponent(expr)}`).join('');
  return `${url}/metrics/explore?from=${from}&to=now${more}${queries}`;
}
