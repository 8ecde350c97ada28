/** A DuckDB string literal. The one place where a value becomes SQL text. */
export function sqlText(value: string): string {
  if (!value.includes('\0')) return `'${value.replaceAll("'", "''")}'`;
  // A NUL would end the statement on its way through C.
  return `(${value
    .split('\0')
    .map((piece) => sqlText(piece))
    .join(' || chr(0) || ')})`;
}

/** A BIGINT literal. */
export function sqlInteger(value: number): string {
  // Beyond the safe range a bound is open: no stored value lies there.
  const bounded = Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  return `${Math.trunc(bounded)}::BIGINT`;
}
