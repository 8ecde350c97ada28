import { AppError } from '#base';

/** What a page is asked by. */
export interface PageRequest<Row> {
  readonly sort: string;
  readonly order: 'asc' | 'desc' | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly columns: Columns<Row>;
  /** Names a row for ever; ends every comparison. */
  readonly keyOf: (row: Row) => string;
}

export type SortValue = string | number | undefined;

/** Columns that rows may be sorted by; numbers come with the largest first unless asked otherwise. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => SortValue>>;

interface Place {
  readonly sort: string;
  readonly order: 'asc' | 'desc';
  readonly value: string | number | null;
  readonly key: string;
}

/**
 * One page of rows. A page begins after the last row of the page before, by its values: rows that come
 * and go meanwhile neither repeat nor hide others. Rows without a value come last in both orders.
 * @throws {AppError} CURSOR_INVALID
 */
export function pageRows<Row>(
  rows: readonly Row[],
  request: PageRequest<Row>,
): { readonly items: Row[]; readonly next: string | undefined } {
  const { sort, limit, columns, keyOf } = request;
  const column = columns[sort];
  if (column === undefined) throw new AppError('CURSOR_INVALID', `There is no column ${sort}`);
  const place = request.cursor === undefined ? undefined : readCursor(request.cursor, sort);
  const order = place?.order ?? request.order ?? naturalOrder(rows, column);
  const sign = order === 'asc' ? 1 : -1;
  const compare = (a: Place, b: Place): number =>
    compareValues(a.value, b.value, sign) || compareTexts(a.key, b.key);
  const found = rows.map((row) => ({
    row,
    at: { sort, order, value: column(row) ?? null, key: keyOf(row) },
  }));
  const after = place === undefined ? found : found.filter(({ at }) => compare(at, place) > 0);
  after.sort((a, b) => compare(a.at, b.at));
  const page = after.slice(0, limit);
  const last = page.at(-1);
  const next = after.length > limit && last !== undefined ? writeCursor(last.at) : undefined;
  return { items: page.map(({ row }) => row), next };
}

/** Of numbers one wants to see the largest, of names the first. */
function naturalOrder<Row>(rows: readonly Row[], column: (row: Row) => SortValue): 'asc' | 'desc' {
  const one = rows.find((row) => column(row) !== undefined);
  return one !== undefined && typeof column(one) === 'number' ? 'desc' : 'asc';
}

function compareValues(a: Place['value'], b: Place['value'], sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * sign;
  return compareTexts(String(a), String(b)) * sign;
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const writeCursor = ({ order, value, key, sort }: Place): string =>
  Buffer.from(JSON.stringify([sort, order, value, key])).toString('base64url');

function readCursor(text: string, sort: string): Place {
  const [column, order, value, key] = parsed(text);
  const isValue = value === null || typeof value === 'string' || typeof value === 'number';
  if (column !== sort || (order !== 'asc' && order !== 'desc') || !isValue) throw invalid();
  if (typeof key !== 'string') throw invalid();
  return { sort, order, value, key };
}

function parsed(text: string): readonly unknown[] {
  try {
    const found: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

const invalid = (): AppError =>
  new AppError('CURSOR_INVALID', 'The cursor is not one of a page with this order', {
    hint: 'Take `next` of the page before, with the same `sort`, or none for the first page',
  });
