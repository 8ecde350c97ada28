import { AppError, describeError, isAbortError, isAppError } from '#base';
import type { ScrapeConfig } from '#metrics/config';
import { acceptHeader, type ExpositionFormat, formatOfContentType } from '#metrics/exposition';
import { createHttpClient, type HttpClient, type HttpClientDeps } from '#metrics/http';
import type { Target } from './target.ts';

/** Without `body_size_limit`: no exporter answers with more, and one that does must not end us. */
const defaultBodyLimitBytes = 512 * 1024 * 1024;

export interface FetchedBody {
  readonly bytes: Buffer;
  readonly format: ExpositionFormat;
}

/** Gets the bodies of one job's targets. */
export interface Fetcher extends Disposable {
  /** @throws {AppError} with the words for `lastError` */
  fetch(target: Target, signal: AbortSignal): Promise<FetchedBody>;
}

/** A body that somebody else brings. */
export type LocalBody = (signal: AbortSignal) => Promise<string | Buffer> | string;

/** Bodies that this process has itself, or gets in a way of its own, by URL. */
export interface LocalTargets {
  get(url: string): LocalBody | undefined;
}

export function createFetcher(
  config: ScrapeConfig,
  deps: HttpClientDeps & { readonly local?: LocalTargets | undefined },
): Fetcher {
  const client: HttpClient = createHttpClient(config, deps);
  const { fallbackScrapeProtocol } = config;
  const maxBytes = config.bodySizeLimitBytes || defaultBodyLimitBytes;
  const accept = acceptHeader(config.scrapeProtocols, config.metricNameEscapingScheme);
  const fixed = {
    accept,
    'accept-encoding': config.enableCompression ? 'gzip' : 'identity',
  };
  return {
    fetch: async (target, signal) => {
      const local = deps.local?.get(target.url);
      const limit = new AbortController();
      const timer = setTimeout(
        () => limit.abort(new DOMException('context deadline exceeded', 'TimeoutError')),
        target.timeoutMs,
      );
      try {
        if (local !== undefined) {
          const body = await local(AbortSignal.any([signal, limit.signal]));
          return { bytes: typeof body === 'string' ? Buffer.from(body) : body, format: 'text' };
        }
        const answer = await client.request({
          url: target.url,
          headers: {
            ...fixed,
            'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
          },
          socketPath: target.socketPath,
          maxBytes,
          signal: AbortSignal.any([signal, limit.signal]),
        });
        if (answer.status !== 200) {
          throw new AppError(
            'SCRAPE_FAILED',
            `server returned HTTP status ${answer.status} ${answer.statusText}`.trim(),
          );
        }
        const type = answer.headers['content-type'];
        const format = formatOfContentType(
          Array.isArray(type) ? type[0] : type,
          fallbackScrapeProtocol,
        );
        return { bytes: answer.body, format };
      } catch (error) {
        if (signal.aborted || isAppError(error)) throw error;
        const reason = isAbortError(error) ? 'context deadline exceeded' : describeError(error);
        throw new AppError('SCRAPE_FAILED', `Get "${shownUrl(target.url)}": ${reason}`, {
          cause: error,
        });
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

/** A query may hold what nobody else should read. */
const shownUrl = (url: string): string => url.split('?')[0]!;
