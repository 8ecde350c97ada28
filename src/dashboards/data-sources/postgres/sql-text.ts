import { dataError } from '../errors.ts';

/** A piece of an SQL text. `code` is what is neither a literal, nor a quoted name, nor a comment. */
export interface SqlPiece {
  readonly kind: 'code' | 'literal' | 'name' | 'comment';
  readonly text: string;
}

/**
 * Splits an SQL text of PostgreSQL into pieces that together are the text again, as the server's own
 * lexer tells them apart (`standard_conforming_strings` on).
 * @throws {AppError} DATA_QUERY_INVALID where a literal, name or comment does not end
 */
export function splitSql(sql: string): readonly SqlPiece[] {
  const pieces: SqlPiece[] = [];
  let start = 0;
  let at = 0;
  const push = (kind: SqlPiece['kind'], end: number): void => {
    if (at > start) pieces.push({ kind: 'code', text: sql.slice(start, at) });
    pieces.push({ kind, text: sql.slice(at, end) });
    at = end;
    start = end;
  };
  while (at < sql.length) {
    const char = sql[at]!;
    const next = sql[at + 1];
    if (char === "'") push('literal', endOfLiteral(sql, at, hasEscapes(sql, at)));
    else if (char === '"') push('name', endOfQuoted(sql, at, '"'));
    else if (char === '-' && next === '-') push('comment', endOfLine(sql, at));
    else if (char === '/' && next === '*') push('comment', endOfBlockComment(sql, at));
    else if (char === '$' && !/[\w$]/.test(sql[at - 1] ?? '')) {
      const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(sql.slice(at, at + 70));
      if (tag === null) at++;
      else push('literal', endOfDollar(sql, at, tag[0]));
    } else at++;
  }
  if (at > start) pieces.push({ kind: 'code', text: sql.slice(start) });
  return pieces;
}

/** `E'…'`: a backslash keeps the quote from ending the text. */
function hasEscapes(sql: string, at: number): boolean {
  return /[eE]/.test(sql[at - 1] ?? '') && !/[\w$]/.test(sql[at - 2] ?? '');
}

function endOfLiteral(sql: string, from: number, escapes: boolean): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  throw unended('A text', sql, from);
}

function endOfQuoted(sql: string, from: number, quote: string): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] !== quote) return at + 1;
    at++;
  }
  throw unended('A quoted name', sql, from);
}

function endOfLine(sql: string, from: number): number {
  const end = sql.slice(from).search(/[\r\n]/);
  return end < 0 ? sql.length : from + end;
}

/** They nest. */
function endOfBlockComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') {
      depth++;
      at++;
    } else if (pair === '*/') {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  throw unended('A comment', sql, from);
}

function endOfDollar(sql: string, from: number, tag: string): number {
  const end = sql.indexOf(tag, from + tag.length);
  if (end < 0) throw unended('A text', sql, from);
  return end + tag.length;
}

function unended(what: string, sql: string, at: number): Error {
  const line = sql.slice(0, at).split('\n').length;
  return dataError('DATA_QUERY_INVALID', `line ${line}: ${what} does not end`, {
    details: { line },
  });
}

/** What a statement that only reads begins with. */
const readingWords: ReadonlySet<string> = new Set(['select', 'with', 'values', 'table']);

/**
 * The statement without what ends it. Refuses whatever does not read: the server's own read-only
 * transaction is the wall, this is the sign before it, with words.
 * @throws {AppError} DATA_QUERY_INVALID
 */
export function mustRead(pieces: readonly SqlPiece[]): readonly SqlPiece[] {
  const kept = [...pieces];
  while (kept.length > 0) {
    const last = kept.at(-1)!;
    const rest = last.kind === 'code' ? last.text.replace(/[\s;]+$/, '') : last.text;
    if (last.kind !== 'comment' && rest !== '') {
      kept[kept.length - 1] = { kind: last.kind, text: rest };
      break;
    }
    kept.pop();
  }
  const code = kept.filter(({ kind }) => kind === 'code').map(({ text }) => text);
  if (code.some((text) => text.includes(';'))) {
    throw dataError('DATA_QUERY_INVALID', 'There are several statements (allowed: one)');
  }
  const word = /^[\s(]*([A-Za-z]+)/.exec(code.join(' '))?.[1]?.toLowerCase() ?? '';
  if (readingWords.has(word)) return kept;
  const problem = word === '' ? 'The query is empty' : `"${word.toUpperCase()}" does not only read`;
  throw dataError('DATA_QUERY_INVALID', `${problem} (allowed: SELECT, WITH, VALUES, TABLE)`);
}
