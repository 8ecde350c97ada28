import type Http from 'node:http';
import { AppError, type Clock } from '#base';
import type { OutputCounts, PipelineStats } from '../pipeline/stats.ts';
import type { ServiceSettings } from './service.ts';

export interface MonitorDeps {
  readonly clock: Clock;
  readonly stats: PipelineStats;
  /** The agent's version. */
  readonly version: string;
  readonly hostname: string;
  /** Starts a reload; rejects when the new configuration is not good. Absent: not enabled. */
  readonly reload?: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: 'json' | 'text';
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface HealthPoint {
  readonly atMs: number;
  readonly errors: number;
  readonly retriesFailed: number;
}

/** Serves Fluent Bit's monitoring endpoints. Disposing closes the port. */
export class MonitorServer implements AsyncDisposable {
  readonly #server: Http.Server;

  private constructor(server: Http.Server) {
    this.#server = server;
  }

  /** Port in use; differs from the one asked for where that was 0. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** @throws {AppError} MONITOR_LISTEN_FAILED when the port is taken */
  static async open(service: ServiceSettings, deps: MonitorDeps): Promise<MonitorServer> {
    const handler = new MonitorHandler(service, deps);
    const server = process.getBuiltinModule('node:http').createServer((request, response) => {
      request.resume();
      void handler
        .answer(request.method ?? 'GET', (request.url ?? '/').split('?')[0]!)
        .then((answer) => {
          const type = answer.type === 'json' ? 'application/json' : 'text/plain; version=0.0.4';
          response
            .writeHead(answer.status, { 'content-type': type, ...answer.headers })
            .end(answer.body);
        });
    });
    const { host, port } = service.http ?? { host: '127.0.0.1', port: 0 };
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        reject(
          new AppError('MONITOR_LISTEN_FAILED', `Cannot serve monitoring at ${host}:${port}`, {
            hint: 'Another agent may run on this node with host networking; change HTTP_Port',
            cause,
          }),
        );
      });
      server.listen(port, host, resolve);
    });
    return new MonitorServer(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  type: 'json',
  body: JSON.stringify(value),
});
const text = (body: string, status = 200): Answer => ({ status, type: 'text', body });

class MonitorHandler {
  readonly #service: ServiceSettings;
  readonly #deps: MonitorDeps;
  readonly #startMs: number;
  /** Totals at earlier moments, so that those of the last period can be told. */
  #points: HealthPoint[] = [];
  #reloads = 0;
  #isReloading = false;

  constructor(service: ServiceSettings, deps: MonitorDeps) {
    this.#service = service;
    this.#deps = deps;
    this.#startMs = deps.clock.nowMs();
  }

  async answer(method: string, path: string): Promise<Answer> {
    switch (path.replace(/(.)\/$/, '$1')) {
      case '/':
        return json({
          'fluent-bit': { version: this.#deps.version, edition: 'Nunchi', flags: [] },
        });
      case '/api/v1/uptime': {
        const seconds = this.#uptimeSeconds();
        return json({
          uptime_sec: seconds,
          uptime_hr: `Fluent Bit has been running: ${uptimeText(seconds)}`,
        });
      }
      case '/api/v1/metrics':
        return json(this.#metrics());
      case '/api/v1/metrics/prometheus':
      case '/api/v2/metrics/prometheus':
      case '/api/v2/metrics':
        return text(this.#prometheus());
      case '/api/v1/health': {
        const isHealthy = this.#health().isHealthy;
        return isHealthy ? text('ok\n') : text('error\n', 500);
      }
      case '/api/v2/health': {
        const { isHealthy, errors, retriesFailed } = this.#health();
        const limits = this.#service.health;
        return json(
          {
            status: isHealthy ? 'ok' : 'error',
            errors,
            retries_failed: retriesFailed,
            error_limit: limits?.maxErrors ?? 5,
            retry_failure_limit: limits?.maxRetryFailures ?? 5,
            period_limit: (limits?.periodMs ?? 60_000) / 1000,
          },
          isHealthy ? 200 : 500,
        );
      }
      case '/api/v2/reload':
        return await this.#reload(method);
      default:
        return text('not found\n', 404);
    }
  }

  #uptimeSeconds(): number {
    return Math.floor((this.#deps.clock.nowMs() - this.#startMs) / 1000);
  }

  #metrics(): unknown {
    const { inputs, filters, outputs } = this.#deps.stats;
    return {
      input: mapValues(inputs, ({ records, bytes }) => ({ records, bytes })),
      filter: mapValues(filters, ({ added, dropped }) => ({
        drop_records: dropped,
        add_records: added,
      })),
      output: mapValues(outputs, outputFields),
    };
  }

  #prometheus(): string {
    const { stats, clock, hostname, version } = this.#deps;
    const lines: string[] = [];
    const family = (
      name: string,
      kind: string,
      help: string,
      rows: Iterable<readonly [string, number]>,
    ): void => {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
      for (const [labels, value] of rows) lines.push(`${name}${labels} ${value}`);
    };
    const rows = <T>(
      map: ReadonlyMap<string, T>,
      read: (counts: T) => number,
    ): [string, number][] =>
      [...map].map(([name, counts]) => [`{name=${JSON.stringify(name)}}`, read(counts)]);
    const counter = <T>(
      name: string,
      help: string,
      map: ReadonlyMap<string, T>,
      read: (counts: T) => number,
    ): void => family(`fluentbit_${name}_total`, 'counter', help, rows(map, read));
    const { inputs, filters, outputs } = stats;
    family('fluentbit_uptime', 'counter', 'Number of seconds that Fluent Bit has been running.', [
      [`{hostname=${JSON.stringify(hostname)}}`, this.#uptimeSeconds()],
    ]);
    family(
      'fluentbit_process_start_time_seconds',
      'gauge',
      'Start time of the process since unix epoch in seconds.',
      [['', Math.floor(this.#startMs / 1000)]],
    );
    family('fluentbit_build_info', 'gauge', 'Build version information.', [
      [
        `{hostname=${JSON.stringify(hostname)},version=${JSON.stringify(version)},os=${JSON.stringify(process.platform)}}`,
        Math.floor(clock.nowMs() / 1000),
      ],
    ]);
    counter('input_records', 'Number of input records.', inputs, ({ records }) => records);
    counter('input_bytes', 'Number of input bytes.', inputs, ({ bytes }) => bytes);
    counter(
      'filter_add_records',
      'Total number of new added records.',
      filters,
      ({ added }) => added,
    );
    counter(
      'filter_drop_records',
      'Total number of dropped records.',
      filters,
      ({ dropped }) => dropped,
    );
    for (const [field, help] of outputMetrics) {
      counter(`output_${field}`, help, outputs, (counts) => outputFields(counts)[field]);
    }
    return `${lines.join('\n')}\n`;
  }

  #health(): { isHealthy: boolean; errors: number; retriesFailed: number } {
    const limits = this.#service.health;
    const nowMs = this.#deps.clock.nowMs();
    let errors = 0;
    let retriesFailed = 0;
    for (const counts of this.#deps.stats.outputs.values()) {
      errors += counts.errors;
      retriesFailed += counts.retriesFailed;
    }
    if (limits === undefined) return { isHealthy: true, errors, retriesFailed };
    this.#points.push({ atMs: nowMs, errors, retriesFailed });
    // The oldest point stays at the edge of the period: it is what the totals are compared with.
    const edge = this.#points.findLastIndex(({ atMs }) => nowMs - atMs >= limits.periodMs);
    this.#points = this.#points.slice(Math.max(0, edge)).slice(-1000);
    const isFresh = nowMs - this.#startMs < limits.periodMs;
    const base = isFresh ? { errors: 0, retriesFailed: 0 } : this.#points[0]!;
    const recent = {
      errors: errors - base.errors,
      retriesFailed: retriesFailed - base.retriesFailed,
    };
    const isHealthy =
      recent.errors <= limits.maxErrors && recent.retriesFailed <= limits.maxRetryFailures;
    return { isHealthy, ...recent };
  }

  async #reload(method: string): Promise<Answer> {
    if (method === 'GET') return json({ hot_reload_count: this.#reloads });
    if (method !== 'PUT' && method !== 'POST') {
      return { ...text('', 405), headers: { allow: 'GET, POST, PUT' } };
    }
    const { reload } = this.#deps;
    if (reload === undefined || !this.#service.hotReload)
      return json({ reload: 'not enabled', status: -1 }, 400);
    if (this.#isReloading) return json({ reload: 'in progress', status: -2 }, 400);
    this.#isReloading = true;
    try {
      await reload();
      this.#reloads++;
      return json({ reload: 'done', status: 0 });
    } catch {
      return json({ reload: 'failed', status: -3 }, 400);
    } finally {
      this.#isReloading = false;
    }
  }
}

const outputMetrics = [
  ['proc_records', 'Number of processed output records.'],
  ['proc_bytes', 'Number of processed output bytes.'],
  ['errors', 'Number of output errors.'],
  ['retries', 'Number of output retries.'],
  [
    'retries_failed',
    'Number of abandoned batches because the maximum number of re-tries was reached.',
  ],
  ['dropped_records', 'Number of dropped records.'],
  ['retried_records', 'Number of retried records.'],
] as const;

type OutputField = (typeof outputMetrics)[number][0];

function outputFields(counts: OutputCounts): Record<OutputField, number> {
  return {
    proc_records: counts.procRecords,
    proc_bytes: counts.procBytes,
    errors: counts.errors,
    retries: counts.retries,
    retries_failed: counts.retriesFailed,
    dropped_records: counts.droppedRecords,
    retried_records: counts.retriedRecords,
  };
}

function mapValues<T, U>(map: ReadonlyMap<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries([...map].map(([key, value]) => [key, change(value)]));
}

function uptimeText(seconds: number): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, size] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (name === 'second' && parts.length === 0))
      parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
  }
  return parts.join(', ');
}
