import { createHash } from 'node:crypto';
import type { DashboardDocument } from '#dashboards/store';

/** A document, or the line where it is none. */
export type ParsedText =
  | { readonly document: DashboardDocument; readonly checksum: string }
  | { readonly problem: string; readonly line: number | undefined };

/** Reads the text of a dashboard, also one that is wrapped as an answer of the API. */
export function parseDashboardText(text: string, maxSizeBytes: number): ParsedText {
  if (Buffer.byteLength(text) > maxSizeBytes) {
    return { problem: `larger than ${maxSizeBytes} bytes (dashboards.maxSize)`, line: undefined };
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const words = (error as Error).message;
    const problem = words.replace(
      / in JSON at position.*$|, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s,
      '',
    );
    return { problem: `is not JSON: ${problem}`, line: lineOf(words, text) };
  }
  const document = unwrapped(value);
  if (document === undefined) {
    return { problem: 'is no dashboard: expected an object with "title" and "panels"', line: 1 };
  }
  return { document, checksum: checksumOf(text) };
}

/** The runtime tells a line, or the text around the place, or that the text ends too early. */
function lineOf(words: string, text: string): number | undefined {
  const given = /\(line (\d+) column \d+\)/.exec(words)?.[1];
  if (given !== undefined) return Number(given);
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  if (words.startsWith('Unexpected end')) return lineAt(text.trimEnd().length);
  const around = /^Unexpected token '(.+?)', (\.\.\.)?"(.*?)"(?:\.\.\.)? is not valid JSON$/su.exec(
    words,
  );
  if (around === null) return undefined;
  const [, token = '', isWithin, context = ''] = around;
  const start = text.indexOf(context);
  if (start < 0) return undefined;
  // Ten characters stand before the place, where there are so many.
  return lineAt(start + (isWithin === undefined ? context.lastIndexOf(token) : 10));
}

export const checksumOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 22);

function unwrapped(value: unknown): DashboardDocument | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { dashboard } = value as { readonly dashboard?: unknown };
  const isWrapped = !('title' in value) && typeof dashboard === 'object' && dashboard !== null;
  return (isWrapped ? dashboard : value) as DashboardDocument;
}
