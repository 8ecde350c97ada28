import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browse, type ConsoleUnderTest, endProcess } from './console.ts';
import { addressOf, startProgram } from './program.ts';

/** Somebody that messages go to: remembers what came, and says what Slack says. */
export interface MessageReceiver extends AsyncDisposable {
  readonly url: string;
  /** Bodies in the order in which they came. */
  readonly messages: readonly Record<string, unknown>[];
  /** Resolves with the first message that fits, also one that came already. */
  first(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

export async function startReceiver(): Promise<MessageReceiver> {
  const messages: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      messages.push(JSON.parse(text) as Record<string, unknown>);
      response.setHeader('content-type', 'text/plain');
      response.end('ok');
      for (const wake of waiting) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    messages,
    first: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = messages.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** An exporter whose one gauge a test sets: what makes rules fire and resolve. */
export interface Exporter extends AsyncDisposable {
  readonly port: number;
  set(name: string, value: number): void;
}

export async function startExporter(): Promise<Exporter> {
  const values = new Map<string, number>();
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end([...values].map(([name, value]) => `${name} ${value}\n`).join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set: (name, value) => void values.set(name, value),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface AlertingConsole extends ConsoleUnderTest {
  readonly exporter: Exporter;
  readonly receiver: MessageReceiver;
}

/**
 * The program with rules that fire, and a receiver.
 * @param routing `file`: an alertmanager.yml has the routes; `api`: they are made in the console
 */
export async function startAlertingConsole(routing: 'file' | 'api'): Promise<AlertingConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-alerting-'));
  const exporter = await startExporter();
  const receiver = await startReceiver();
  exporter.set('shop_queue_length', 42);
  exporter.set('nginx_http_requests_total', 0);
  writeFileSync(join(folder, 'prometheus.yml'), prometheusYaml(exporter.port));
  writeFileSync(join(folder, 'rules.yml'), rulesYaml);
  writeFileSync(join(folder, 'alertmanager.yml'), alertmanagerYaml(receiver.url));
  const config = [
    'metrics: {prometheusConfig: prometheus.yml}',
    ...(routing === 'file' ? ['alerting: {alertmanagerConfig: alertmanager.yml}'] : []),
  ];
  const server = startProgram(folder, config.join('\n'));
  const close = async (): Promise<void> => {
    await endProcess(server);
    await exporter[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = (await addressOf(server)).replace(/\/$/, '');
    await untilFiring(url);
    return Object.assign(await browse(url, close), { exporter, receiver });
  } catch (error) {
    await close();
    throw error;
  }
}

/** Until the rules have been evaluated and their alerts have come. */
async function untilFiring(url: string): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${url}/api/v2/alerts`);
    if (((await answer.json()) as unknown[]).length >= firingAlerts) return;
    if (Date.now() > deadlineMs) throw new Error('No rule fired in a minute');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Of the rules below: one for each target that is down, the queue, the rest of the node. */
const firingAlerts = 5;

/** Ports 1 to 3 are nobody's: connections to them are refused. */
const prometheusYaml = (port: number): string => `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{targets: ['127.0.0.1:${port}']}]
  - job_name: gone
    static_configs:
      - {targets: ['127.0.0.1:1'], labels: {namespace: shop, pod: web-1}}
      - {targets: ['127.0.0.1:2'], labels: {namespace: shop, pod: web-2}}
      - {targets: ['127.0.0.1:3'], labels: {namespace: pay, pod: pay-1}}
`;

const rulesYaml = `
groups:
  - name: shop
    rules:
      - alert: TargetDown
        expr: up == 0
        labels: {severity: critical}
        annotations:
          summary: '{{ $labels.pod }} in {{ $labels.namespace }} does not answer'
          runbook_url: https://runbooks.example.com/TargetDown
      - alert: QueueLong
        expr: shop_queue_length > 10
        labels: {severity: warning, team: shop}
        annotations: {summary: 'The queue has {{ $value }} orders'}
      - alert: QueueGrowing
        expr: shop_queue_length > 20
        for: 1h
        labels: {severity: warning, team: shop}
      - record: shop:queue
        expr: shop_queue_length
  - name: node
    rules:
      - alert: NodeSlow
        expr: vector(1)
        labels: {severity: info, team: night}
        annotations: {summary: 'The node answers slowly'}
      - alert: Ambiguous
        expr: up * on (job) up
`;

const alertmanagerYaml = (url: string): string => `
route:
  receiver: everybody
  group_by: [alertname, namespace]
  group_wait: 100ms
  group_interval: 1s
  routes:
    - matchers: [team="shop"]
      receiver: shop
      group_by: [alertname]
    - matchers: [team="night"]
      receiver: everybody
      mute_time_intervals: [always]
receivers:
  - name: everybody
    webhook_configs: [{url: '${url}'}]
  - name: shop
    slack_configs: [{api_url: 'http://127.0.0.1:1/', channel: '#shop'}]
inhibit_rules:
  - {source_matchers: [severity="critical"], target_matchers: [severity="minor"], equal: [alertname]}
time_intervals:
  - {name: always, time_intervals: [{years: ['2000:3000']}]}
  - name: nights
    time_intervals:
      - {times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}], location: Asia/Seoul}
      - {weekdays: [saturday, sunday], location: Asia/Seoul}
`;
