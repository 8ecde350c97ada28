/** The one place where values become SQL text. */

/**
 * Some functions need their argument several times, so that calls inside calls multiply, and the
 * engine's planner takes seconds over what is longer. No query that a person means comes near this.
 */
const maxExpressionChars = 128 * 1024;

export class TooComplexError extends Error {}

/** @throws {TooComplexError} */
export function boundedSql(sql: string): string {
  if (sql.length > maxExpressionChars) throw new TooComplexError('The statement is too long');
  return sql;
}

/** A string literal of standard SQL: nothing but the quote is special inside. */
export function sqlString(value: string): string {
  const wellFormed = value.toWellFormed();
  // The engine's text cannot hold a literal NUL; chr(0) can make one.
  if (!wellFormed.includes('\0')) return `'${wellFormed.replaceAll("'", "''")}'`;
  const parts = wellFormed.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return `(${parts.join(' || chr(0) || ')})`;
}

/** Not finite becomes NULL: no arithmetic of the language makes anything else. */
export function sqlNumber(value: number): string {
  if (!Number.isFinite(value)) return 'CAST(NULL AS DOUBLE)';
  return Number.isSafeInteger(value)
    ? `CAST(${value} AS BIGINT)`
    : `CAST(${sqlString(String(value))} AS DOUBLE)`;
}

/** A whole number of ms or rows that this program computed itself. */
export function sqlInteger(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Not a whole number: ${value}`);
  return String(value);
}

export function sqlIdentifier(name: string): string {
  return `"${name.toWellFormed().replaceAll('\0', '').replaceAll('"', '""')}"`;
}

/** Elements of a JSON list as texts. */
export function listOfTexts(json: string): string {
  return `TRY_CAST(${json} AS VARCHAR[])`;
}
