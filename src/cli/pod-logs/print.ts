import type { PodOfRecord } from './selector.ts';

export interface PrintOptions {
  readonly timestamps: boolean;
  readonly prefix: boolean;
}

/** A stored message as the record that it is; undefined for text. */
export interface PodRecord {
  readonly time?: unknown;
  readonly log?: unknown;
  readonly _p?: unknown;
  readonly kubernetes?: PodOfRecord;
}

export function recordOf(message: string): PodRecord | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? (value as PodRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** One line as `kubectl logs` prints it, with its end. */
export function formatLine(
  line: { readonly timestampMs: number; readonly message: string },
  source: { readonly pod: string; readonly container: string },
  { timestamps, prefix }: PrintOptions,
): string {
  const record = recordOf(line.message);
  const log = typeof record?.log === 'string' ? record.log : line.message;
  const time =
    typeof record?.time === 'string' ? record.time : new Date(line.timestampMs).toISOString();
  const head = prefix ? `[pod/${source.pod}/${source.container}] ` : '';
  return `${head}${timestamps ? `${time} ` : ''}${log.endsWith('\n') ? log : `${log}\n`}`;
}
