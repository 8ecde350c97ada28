import { type DiagnosticCode, type DiagnosticParams, wordsOf } from './messages.ts';

/** A place in a query's text. Offsets count UTF-16 units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is wrong or odd in a query, and where: made for underlining and for error bodies. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stays the same from version to version: what a translation goes by. */
  readonly code: DiagnosticCode;
  /** The changing parts of message and hint. */
  readonly params: Readonly<Record<string, string | number>>;
  /** In English; the clients of AWS show nothing else. */
  readonly message: string;
  readonly startOffset: number;
  readonly endOffset: number;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** What to do about it, one sentence. */
  readonly hint?: string;
}

/** A text of thousands of errors helps nobody; the first ones do. */
const maxDiagnostics = 50;

/** Collects diagnostics for one query text. */
export class Diagnostics {
  readonly #text: string;
  readonly #list: Diagnostic[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** In order of position. */
  get list(): readonly Diagnostic[] {
    return this.#list.toSorted((a, b) => a.startOffset - b.startOffset);
  }

  get hasErrors(): boolean {
    return this.#list.some((one) => one.severity === 'error');
  }

  error(span: Span, code: DiagnosticCode, params: DiagnosticParams = {}): void {
    this.#add('error', span, code, params);
  }

  warn(span: Span, code: DiagnosticCode, params: DiagnosticParams = {}): void {
    this.#add('warning', span, code, params);
  }

  #add(
    severity: Diagnostic['severity'],
    span: Span,
    code: DiagnosticCode,
    given: DiagnosticParams,
  ): void {
    const { message, hint, params } = wordsOf(code, given);
    if (this.#list.length >= maxDiagnostics) return;
    const start = Math.min(Math.max(0, span.start), this.#text.length);
    const end = Math.max(start, Math.min(span.end, this.#text.length));
    if (this.#list.some((one) => one.startOffset === start && one.message === message)) return;
    const { line, column } = lineAndColumn(this.#text, start);
    this.#list.push({
      severity,
      code,
      params,
      message,
      startOffset: start,
      endOffset: end,
      line,
      column,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** Line and column of an offset, both 1-based. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** The known name that a person most likely meant, if one is near enough. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  // Of one or two letters any other is near: only the case may differ.
  let bestDistance = wanted.length < 3 ? 1 : Math.floor(wanted.length / 3) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const near = nearestName(name, known);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}

/** Levenshtein distance; gives up with `limit` once it cannot be below it. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + change));
    }
    previous = row;
  }
  return Math.min(limit, previous[b.length]!);
}
