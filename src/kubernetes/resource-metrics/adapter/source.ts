import { readFileSync } from 'node:fs';
import { AppError, type Clock, describeError, type Logger } from '#base';
import { parseAdapterConfig } from './config.ts';
import type { AdapterConfig } from './contract.ts';

/** A file that is replaced counts after this. */
const checkMs = 10_000;

/** Where the rules are: a file, or a text within another. */
export type AdapterText =
  | { readonly path: string }
  | { readonly text: string; readonly source: string; readonly line: number };

/**
 * The rules in force: a file is followed; one with a mistake is told of, and changes nothing.
 * @throws {AppError} METRICS_ADAPTER_INVALID, METRICS_ADAPTER_UNREADABLE at the first load
 */
export function openAdapterConfig(
  from: AdapterText,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): () => AdapterConfig {
  if (!('path' in from)) {
    const config = parseAdapterConfig(from.source, from.text, from.line);
    return () => config;
  }
  const { path } = from;
  let text = read(path);
  let config = parseAdapterConfig(path, text);
  let checkedMs = clock.monotonicMs();
  let trouble = '';
  return () => {
    if (clock.monotonicMs() - checkedMs < checkMs) return config;
    checkedMs = clock.monotonicMs();
    try {
      const now = read(path);
      if (now === text) return config;
      config = parseAdapterConfig(path, now);
      text = now;
      trouble = '';
      log.info('Loaded the rules of the metrics API', { path });
    } catch (error) {
      const reason = describeError(error);
      if (reason !== trouble) {
        log.error('Refused the rules of the metrics API, the old ones stay in force', { reason });
      }
      trouble = reason;
    }
    return config;
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'METRICS_ADAPTER_UNREADABLE',
      `Cannot read ${path}: ${describeError(error)}`,
      { hint: 'It is named by kubernetes.metricsApi.adapterConfig', cause: error },
    );
  }
}
