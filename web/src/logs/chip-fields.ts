/** More than these of a line nobody reads in passing. */
const maxChips = 16;

/** The keys in which JSON loggers put what a person reads first. */
const mainKeys = new Set(['message', 'msg', 'log', 'error', 'err']);
/** Shown by the line itself. */
const skippedKeys = new Set([
  'time',
  'timestamp',
  'ts',
  '@timestamp',
  'level',
  'severity',
  'lvl',
  '_p',
]);
/** The same on every line of an audit log, or of interest to nobody who skims: they come last. */
const quietKeys = new Set(['kind', 'apiVersion', 'auditID', 'stage', 'stream', 'logtag']);

export type Fields = readonly (readonly [string, string])[];

/** Under this an agent puts what it parsed out of `log`. */
const processed = 'log_processed.';

/** What the program wrote in front of what its agent put around it; its text once, not twice. */
function unwrapped(fields: Fields): Fields {
  const inner = fields.filter(([key]) => key.startsWith(processed));
  if (inner.length === 0) return fields;
  const own = inner.map(([key, value]) => [key.slice(processed.length), value] as const);
  const told = new Set(['log', ...own.map(([key]) => key)]);
  return [...own, ...fields.filter(([key]) => !told.has(key) && !key.startsWith(processed))];
}

/** How a JSON message is told in one line: its sentence first, then `key=value` each. */
export function chipsOf(fields: Fields): {
  readonly main: Fields;
  readonly chips: Fields;
  /** Fields that are left out. */
  readonly more: number;
} {
  const main: (readonly [string, string])[] = [];
  const loud: (readonly [string, string])[] = [];
  const quiet: (readonly [string, string])[] = [];
  for (const field of unwrapped(fields)) {
    const key = field[0];
    if (mainKeys.has(key)) main.push(field);
    else if (quietKeys.has(key) || key.startsWith('kubernetes.')) quiet.push(field);
    else if (!skippedKeys.has(key)) loud.push(field);
  }
  const rest = quiet.length === 0 ? loud : loud.concat(quiet);
  return { main, chips: rest.slice(0, maxChips), more: Math.max(0, rest.length - maxChips) };
}
