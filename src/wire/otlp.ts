/**
 * The logs part of OTLP as values. Field names follow the protocol's JSON form; ids are lower-case
 * hex, empty when absent; times are nanoseconds since the epoch, 0n when absent.
 */
export type OtlpValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly OtlpValue[]
  | OtlpAttributes;

/** In the sender's order. */
export type OtlpAttributes = ReadonlyMap<string, OtlpValue>;

export interface OtlpLogRecord {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  /** 0 when absent; TRACE 1, DEBUG 5, INFO 9, WARN 13, ERROR 17, FATAL 21. */
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: OtlpValue;
  readonly attributes: OtlpAttributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
}

export interface OtlpScopeLogs {
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: OtlpAttributes;
  readonly logRecords: readonly OtlpLogRecord[];
}

export interface OtlpResourceLogs {
  readonly resource: OtlpAttributes;
  readonly scopeLogs: readonly OtlpScopeLogs[];
}

export const noAttributes: OtlpAttributes = new Map();

/** Values nest a few levels; this is room enough. */
export const maxOtlpDepth = 100;

/** The answer's `partial_success`; nothing rejected and no message is a plain success. */
export interface OtlpPartialSuccess {
  readonly rejectedLogRecords: number;
  readonly errorMessage: string;
}

/** A value as plain JSON data: bytes as base64, integers past 2^53 as text. */
export function otlpValueToPlain(value: OtlpValue): unknown {
  if (value === null) return null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(otlpValueToPlain);
  return otlpAttributesToPlain(value as OtlpAttributes);
}

export function otlpAttributesToPlain(attributes: OtlpAttributes): Record<string, unknown> {
  // fromEntries defines properties, so that a key such as __proto__ is only a key.
  return Object.fromEntries([...attributes].map(([key, item]) => [key, otlpValueToPlain(item)]));
}
