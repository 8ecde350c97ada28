import { AppError } from '#base';
import { didYouMean, sqlIdentifier, sqlInteger, sqlString } from '#logs/insights';
import type { LogScan } from '#logs/store';
import type { QueryDiagnostic } from './contract.ts';
import { allowedFunctions } from './sql-functions.ts';

/**
 * SQL over the same events: one SELECT over the table `logs` (timestamp, message, log_group,
 * log_stream, ingestion_time, message_json) and over the groups' names as quoted tables. The engine
 * parses it; what it names must be on a list, or it does not run.
 */

const maxSqlChars = 10_000;

/** What can be told without the engine: length, emptiness, the first word. */
export function checkSqlText(text: string): readonly QueryDiagnostic[] {
  const fault = (
    code: string,
    params: Readonly<Record<string, number>>,
    hint: string,
  ): readonly QueryDiagnostic[] => [
    {
      severity: 'error',
      code,
      params,
      message: 'Query cannot be compiled',
      startOffset: 0,
      endOffset: Math.min(text.length, 20),
      line: 1,
      column: 1,
      hint,
    },
  ];
  if (text.length > maxSqlChars) {
    return fault(
      'QUERY_TOO_LONG',
      { max: maxSqlChars },
      `A query is at most ${maxSqlChars} characters long.`,
    );
  }
  const bare = text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').trim();
  if (!/^\(*\s*(select|with|from|values)\b/i.test(bare)) {
    return fault('SQL_NOT_SELECT', {}, 'Only one SELECT statement can run here.');
  }
  return [];
}

/**
 * SQL that gives the statement's rows over these parts.
 * @throws {AppError} QUERY_MALFORMED when it is not one allowed SELECT
 */
export async function prepareSql(
  text: string,
  options: {
    readonly scan: LogScan;
    readonly groups: readonly string[];
    readonly maxRows: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const { scan, groups, maxRows, signal } = options;
  const statement = text.replace(/;\s*(?:--[^\n]*\s*)*$/, '').trim();
  let serialized = '';
  const sql = `SELECT CAST(json_serialize_sql(${sqlString(statement)}) AS VARCHAR)`;
  for await (const rows of scan.run(sql, { signal }))
    serialized += String(rows.columns[0]?.[0] ?? '');
  const tree = JSON.parse(serialized) as SerializedSql;
  if (tree.error) {
    throw refused(tree.error_message ?? 'The statement cannot be read', statement, tree.position);
  }
  if (tree.statements?.length !== 1)
    throw refused('Only one SELECT statement can run here', statement);
  const checker = new StatementChecker(statement, new Set(['logs', ...groups]));
  checker.collectNames(tree.statements);
  checker.check(tree.statements);
  const columns =
    'make_timestamp(ts_ms * 1000) AS "timestamp", message, log_group, log_stream, make_timestamp(ingest_ms * 1000) AS ingestion_time,' +
    ` CASE WHEN starts_with(message, '{') THEN TRY(CAST(message AS JSON)) END AS message_json`;
  const tables = [
    `logs AS NOT MATERIALIZED (SELECT ${columns} FROM ${scan.relationOf(scan.parts)})`,
    ...groups
      .filter((group) => group.toLowerCase() !== 'logs' && checker.uses(group))
      .map(
        (group) =>
          `${sqlIdentifier(group)} AS NOT MATERIALIZED (SELECT * FROM logs WHERE log_group = ${sqlString(group)})`,
      ),
  ];
  const limit = maxRows === undefined ? '' : ` LIMIT ${sqlInteger(maxRows)}`;
  // The newline ends a comment on the statement's last line.
  return `WITH ${tables.join(', ')} SELECT * FROM (${statement}\n) AS result${limit}`;
}

interface SerializedSql {
  readonly error: boolean;
  readonly error_message?: string;
  readonly position?: string;
  readonly statements?: readonly unknown[];
}

/** Kinds of things that may stand after FROM. */
const allowedSources = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'EMPTY',
  'EMPTY_FROM',
  'EXPRESSION_LIST',
  'TABLE_FUNCTION',
  'CTE',
]);
const allowedNodes = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'CTE_NODE']);

class StatementChecker {
  readonly #statement: string;
  readonly #tables: ReadonlySet<string>;
  readonly #own = new Set<string>();
  readonly #used = new Set<string>();

  constructor(statement: string, tables: ReadonlySet<string>) {
    this.#statement = statement;
    this.#tables = new Set([...tables].map((name) => name.toLowerCase()));
  }

  uses(table: string): boolean {
    return this.#used.has(table.toLowerCase());
  }

  /** Names of the statement's own WITH tables. */
  collectNames(node: unknown): void {
    if (Array.isArray(node)) {
      for (const one of node) this.collectNames(one);
    } else if (typeof node === 'object' && node !== null) {
      const map = (node as { cte_map?: { map?: readonly { key?: unknown }[] } }).cte_map?.map;
      for (const entry of map ?? []) this.#addOwn(String(entry.key));
      for (const value of Object.values(node)) this.collectNames(value);
    }
  }

  /**
   * Outside the part where it is known, a WITH name that looks like a file would be read as one:
   * plain names only.
   */
  #addOwn(name: string): void {
    if (!/^[a-z_][a-z0-9_]*$/i.test(name)) {
      throw refused(`The WITH name ${name} must be letters, digits and _`, this.#statement);
    }
    this.#own.add(name.toLowerCase());
  }

  check(node: unknown): void {
    if (Array.isArray(node)) {
      for (const one of node) this.check(one);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const fields = node as Readonly<Record<string, unknown>>;
    const place = fields['query_location'];
    if (typeof fields['function_name'] === 'string') this.#function(fields, place);
    if ('table_name' in fields && 'schema_name' in fields) this.#table(fields, place);
    for (const key of ['from_table', 'left', 'right']) this.#source(key, fields, place);
    const inner = fields['node'];
    if (typeof inner === 'object' && inner !== null) this.#queryNode(inner);
    for (const value of Object.values(fields)) this.check(value);
  }

  #queryNode(node: object): void {
    const type = String((node as Record<string, unknown>)['type'] ?? '');
    if (type.endsWith('_NODE') && !allowedNodes.has(type)) {
      throw refused(`${type.replace('_NODE', '').toLowerCase()} is not allowed`, this.#statement);
    }
  }

  #source(key: string, fields: Readonly<Record<string, unknown>>, place: unknown): void {
    const source = fields[key];
    if (typeof source !== 'object' || source === null || 'class' in source) return;
    const type = (source as Record<string, unknown>)['type'];
    if (typeof type !== 'string' || type.endsWith('_NODE')) return;
    if (!allowedSources.has(type)) {
      throw refused(`${type.toLowerCase()} cannot stand after FROM`, this.#statement, place);
    }
  }

  #function(fields: Readonly<Record<string, unknown>>, place: unknown): void {
    const name = String(fields['function_name']).toLowerCase();
    const schema = String(fields['schema'] ?? '');
    const isOperator = fields['is_operator'] === true && !/[a-z]/.test(name);
    if (schema !== '' && schema !== 'main') {
      throw refused(`Functions of the schema ${schema} cannot be called`, this.#statement, place);
    }
    if (isOperator || allowedFunctions.has(name) || /^[^a-z0-9_]+$/.test(name)) return;
    throw refused(
      `The function ${name} is not allowed`,
      this.#statement,
      place,
      didYouMean(name, allowedFunctions),
    );
  }

  #table(fields: Readonly<Record<string, unknown>>, place: unknown): void {
    const name = String(fields['table_name']);
    const known = name.toLowerCase();
    const qualified = `${fields['schema_name'] ?? ''}${fields['catalog_name'] ?? ''}` !== '';
    if (!qualified && (this.#own.has(known) || this.#tables.has(known))) {
      this.#used.add(known);
      return;
    }
    throw refused(
      `There is no table named ${name}`,
      this.#statement,
      place,
      'The tables are logs and the chosen log groups, their names in double quotes.',
    );
  }
}

function refused(message: string, statement: string, place?: unknown, hint?: string): AppError {
  // The engine counts bytes.
  const bytes = Number(place);
  const offset =
    Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= Buffer.byteLength(statement)
      ? Buffer.from(statement).subarray(0, bytes).toString().length
      : 0;
  const before = statement.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  const diagnostic: QueryDiagnostic = {
    severity: 'error',
    // In the engine's own words, or ours about what it found.
    code: 'SQL_REFUSED',
    params: { message },
    message,
    startOffset: offset,
    endOffset: Math.min(statement.length, offset + 1),
    line,
    column,
    ...(hint === undefined ? {} : { hint }),
  };
  return new AppError('QUERY_MALFORMED', `${message} at line ${line} and position ${column}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { diagnostics: [diagnostic] },
  });
}
