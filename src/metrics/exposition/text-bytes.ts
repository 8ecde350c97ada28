import { isUtf8 } from 'node:buffer';
import type { MetricType } from '#metrics/model';
import { formatBoundary, parseGoFloat } from './number.ts';

export const newline = 0x0a;
export const space = 0x20;
export const tab = 0x09;
export const quote = 0x22;
export const backslash = 0x5c;

/** Bytes that may begin a name (1), and go on in it (2); the colon is for metric names only (4). */
export const nameClass: Uint8Array = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) {
  const char = String.fromCharCode(byte);
  if (/[a-zA-Z_]/.test(char)) nameClass[byte] = 3;
  else if (/[0-9]/.test(char)) nameClass[byte] = 2;
  else if (char === ':') nameClass[byte] = 4;
}

export const textTypes: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  untyped: 'unknown',
};
export const openMetricsTypes: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
};

/** Whether the bytes are UTF-8. */
export function isText(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (body[at]! >= 0x80) return isUtf8(body.subarray(at, end));
  }
  return true;
}

/** Bytes to text, escapes `\\`, `\"` and `\n` replaced; any other backslash stays. */
export function textOf(body: Buffer, start: number, end: number): string {
  let isPlain = true;
  let isEscaped = false;
  for (let at = start; at < end; at++) {
    const byte = body[at]!;
    if (byte >= 0x80) isPlain = false;
    else if (byte === backslash) isEscaped = true;
  }
  const text = isPlain ? body.toString('latin1', start, end) : body.toString('utf8', start, end);
  if (!isEscaped) return text;
  return text.replace(/\\([\\"n])/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

/** The value of `le` or `quantile` in the one form that it is stored in; what is no number stays. */
export function normalisedBoundary(value: string): string {
  try {
    return formatBoundary(parseGoFloat(value));
  } catch {
    return value;
  }
}
