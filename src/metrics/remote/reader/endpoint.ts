import { compress, uncompress } from 'snappy';
import { AppError, describeError, isAbortError, type MetricsRegistry } from '#base';
import type { RemoteReadConfig } from '#metrics/config';
import { createHttpClient, type HttpClient, type HttpClientDeps } from '#metrics/http';
import { type LabelMatcher, labelMatcher, type SelectRequest } from '#metrics/model';
import { decodeSamples, decodeStreamed } from './decode-read.ts';
import { encodeReadRequest } from './read-request.ts';
import { type RemoteSeries, RemoteSeriesSet } from './remote-series.ts';

/** What an answer may have, packed or unpacked: it stands in memory as a whole. */
const maxAnswerBytes = 256 * 1024 * 1024;
/** Of an error's text in a warning. */
const maxErrorText = 500;

export interface RemoteEndpointDeps extends HttpClientDeps {
  readonly metrics: MetricsRegistry;
  /** Samples of one answer. */
  readonly maxSamples: number;
  /** Unix ms, where what is stored here begins, a margin included; asked at each query. */
  readonly localStartMs: () => number;
}

/** One `remote_read` of a prometheus.yml: asks for the samples of series over a time range. */
export class RemoteEndpoint implements Disposable {
  readonly #config: RemoteReadConfig;
  readonly #externalLabels: Readonly<Record<string, string>>;
  readonly #deps: RemoteEndpointDeps;
  readonly #client: HttpClient;
  readonly #labels: { readonly remote_name: string; readonly url: string };

  constructor(
    config: RemoteReadConfig,
    externalLabels: Readonly<Record<string, string>>,
    deps: RemoteEndpointDeps,
  ) {
    this.#config = config;
    this.#externalLabels = config.filterExternalLabels ? externalLabels : {};
    this.#deps = deps;
    this.#client = createHttpClient(config, deps);
    this.#labels = { remote_name: config.name, url: shownUrl(config.url) };
  }

  /** For warnings: its name, or where it is. */
  get name(): string {
    return this.#config.name || this.#labels.url;
  }

  /**
   * Series with samples in the range, in label order; none where this server is not to be asked.
   * @throws {AppError} REMOTE_READ_FAILED with words for a warning; what the signal aborts with
   */
  async read(
    request: SelectRequest,
    wantsLabelsOnly: boolean,
    signal: AbortSignal,
  ): Promise<RemoteSeries[]> {
    const fromMs = Math.floor(request.fromMs);
    const toMs = this.#newestWanted(fromMs, Math.ceil(request.toMs));
    if (toMs === undefined || !this.#isRequired(request.matchers)) return [];
    const { matchers, added } = this.#withExternalLabels(request.matchers);
    const query = { matchers, fromMs, toMs, hints: request.hints, wantsLabelsOnly };
    const set = new RemoteSeriesSet(query, this.#deps.maxSamples);
    try {
      await this.#ask(encodeReadRequest(query), set, added, signal);
      return set.take();
    } catch (error) {
      if (signal.aborted) throw error;
      throw new AppError(
        'REMOTE_READ_FAILED',
        `remote read of ${this.name}: ${this.#reason(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }

  /** Newer data is here; undefined: all of the range is. */
  #newestWanted(fromMs: number, toMs: number): number | undefined {
    if (this.#config.readRecent) return toMs;
    const localStartMs = this.#deps.localStartMs();
    return fromMs > localStartMs ? undefined : Math.min(toMs, localStartMs);
  }

  #isRequired(matchers: readonly LabelMatcher[]): boolean {
    return Object.entries(this.#config.requiredMatchers).every(([name, value]) =>
      matchers.some(
        (matcher) => matcher.operator === '=' && matcher.name === name && matcher.value === value,
      ),
    );
  }

  /** The other server sees our series with our external labels: it is asked for those. */
  #withExternalLabels(matchers: readonly LabelMatcher[]): {
    readonly matchers: readonly LabelMatcher[];
    readonly added: readonly string[];
  } {
    const asked = new Set(matchers.map(({ name }) => name));
    const added = Object.entries(this.#externalLabels).filter(([name]) => !asked.has(name));
    return {
      matchers: [...matchers, ...added.map(([name, value]) => labelMatcher(name, '=', value))],
      added: added.map(([name]) => name),
    };
  }

  async #ask(
    body: Buffer,
    into: RemoteSeriesSet,
    added: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const { url, headers, remoteTimeoutMs, chunkedReadLimit } = this.#config;
    const { metrics } = this.#deps;
    const queries = metrics.counter(
      'prometheus_remote_storage_read_queries_total',
      'Queries sent to remote servers, by HTTP status',
    );
    const seconds = metrics.histogram(
      'prometheus_remote_storage_read_request_duration_seconds',
      'Time until the answer of a remote server was read',
    );
    const strip = (labels: Map<string, string>): void => {
      for (const name of added) labels.delete(name);
    };
    const began = performance.now();
    let code = 'none';
    try {
      const answer = await this.#client.request({
        url,
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'accept-encoding': 'snappy',
          'x-prometheus-remote-read-version': '0.1.0',
        },
        body: await compress(body),
        maxBytes: maxAnswerBytes,
        signal: AbortSignal.any([signal, AbortSignal.timeout(remoteTimeoutMs)]),
      });
      code = String(answer.status);
      if (answer.status < 200 || answer.status > 299) {
        const text = answer.body.toString('utf8', 0, maxErrorText).trim();
        throw new AppError(
          'REMOTE_READ_FAILED',
          `server returned HTTP status ${answer.status} ${answer.statusText}: ${text}`,
        );
      }
      const type = String(answer.headers['content-type'] ?? '').toLowerCase();
      if (type.startsWith('application/x-streamed-protobuf')) {
        decodeStreamed(answer.body, chunkedReadLimit, into, strip);
      } else if (type.startsWith('application/x-protobuf')) {
        const isPacked = answer.headers['content-encoding'] === undefined;
        decodeSamples(isPacked ? await unpacked(answer.body) : answer.body, into, strip);
      } else {
        throw new AppError(
          'REMOTE_READ_FAILED',
          `unsupported content type: ${JSON.stringify(type)}`,
        );
      }
    } finally {
      queries.add(1, { ...this.#labels, code });
      seconds.observe((performance.now() - began) / 1000, this.#labels);
    }
  }

  #reason(error: unknown): string {
    if (isAbortError(error) || (error as Error)?.name === 'TimeoutError') {
      return `no answer within ${this.#config.remoteTimeoutMs} ms (remote_timeout)`;
    }
    if (error instanceof AppError && error.code === 'HTTP_BODY_TOO_LARGE') {
      return `the answer is larger than ${maxAnswerBytes / 1024 ** 2} MiB; ask for fewer series or less time`;
    }
    return describeError(error);
  }
}

/** An answer whose server does not say that it is packed. */
async function unpacked(body: Buffer): Promise<Buffer> {
  // The length of what comes out stands first: a small body must not ask for all memory.
  let length = 0;
  for (let at = 0, scale = 1; at < Math.min(5, body.length); at++, scale *= 128) {
    length += (body[at]! & 0x7f) * scale;
    if (body[at]! < 0x80) break;
  }
  if (length > maxAnswerBytes)
    throw new AppError('HTTP_BODY_TOO_LARGE', 'body size limit exceeded');
  return (await uncompress(body, { asBuffer: true })) as Buffer;
}

/** Without what may be secret. */
function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
