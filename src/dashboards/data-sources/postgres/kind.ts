import type { Pool } from 'pg';
import { queryStep } from '#dashboards/variables';
import type { DataQuery, Frame, Health, ResourceAnswer, ResourceRequest } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';
import { timeoutOf } from '../http-settings.ts';
import type {
  DataSourceKind,
  KindDeps,
  OpenDataSource,
  QueryContext,
  SourceConfig,
} from '../kind.ts';
import { jsonAnswer } from '../resource-answer.ts';
import { seriesFrame, tableFrame } from '../tabular/frames.ts';
import { sqlColumns } from './columns.ts';
import { checkSettings, databaseOf, hostOf, poolConfig } from './connection.ts';
import { healthOf } from './health.ts';
import { expandMacros } from './macros.ts';
import { type ReadRequest, type ReadRows, readRows } from './reader.ts';

const maxSqlLength = 256 * 1024;
const maxCompletionColumns = 5000;

/** Tables and columns that may be read, for the editor. */
const schemaSql = `SELECT table_schema, table_name, column_name, data_type
  FROM information_schema.columns
  WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
  ORDER BY table_schema, table_name, ordinal_position`;

/** PostgreSQL and what speaks as it does. */
export function postgresKind(deps: KindDeps): DataSourceKind {
  return {
    types: ['grafana-postgresql-datasource', 'postgres'],
    secretNames: ['password', 'tlsCACert', 'tlsClientCert', 'tlsClientKey'],
    target: (source) => {
      const { host, port } = hostOf(source);
      return `${host}:${port}/${databaseOf(source)}`;
    },
    check: checkSettings,
    open: async (config) => {
      const { Pool: MadePool } = await import('pg');
      const pool = new MadePool(poolConfig(config, deps));
      // A connection that breaks while nobody uses it is made anew when it is needed.
      pool.on('error', (error) =>
        deps.log.debug('An idle connection to a database broke', { err: error }),
      );
      return new Postgres(config, pool);
    },
  };
}

class Postgres implements OpenDataSource {
  readonly #config: SourceConfig;
  readonly #pool: Pool;

  constructor(config: SourceConfig, pool: Pool) {
    this.#config = config;
    this.#pool = pool;
  }

  async query(query: DataQuery, context: QueryContext): Promise<readonly Frame[]> {
    const { fromMs, toMs, limits } = context;
    const sql = query['rawSql'];
    if (typeof sql !== 'string' || sql.length > maxSqlLength) {
      throw invalidKey(
        'DATA_QUERY_INVALID',
        'rawSql',
        'is no query',
        `SQL of at most ${maxSqlLength} characters`,
      );
    }
    const { intervalMs, maxDataPoints } = query;
    const { stepMs } = queryStep({
      fromMs,
      toMs,
      intervalMs,
      maxDataPoints,
      sourceIntervalMs: 1000,
    });
    const { text, parameters, fill } = expandMacros(sql, { fromMs, toMs, intervalMs: stepMs });
    const rows = await this.#read(text, parameters, context);
    const columns = sqlColumns(rows);
    const options = {
      executedQueryString: text,
      notices: rows.isCut ? [`The first ${rows.rows.length} rows are shown`] : [],
    };
    const isTable = query['format'] === 'table' || query['format'] === 1;
    return [
      isTable
        ? tableFrame(columns, options)
        : seriesFrame(columns, { ...options, fill, fromMs, toMs, limits }),
    ];
  }

  health(context: QueryContext): Promise<Health> {
    return healthOf((sql) => this.#read(sql, [], context));
  }

  async resource(
    { method, path }: ResourceRequest,
    context: QueryContext,
  ): Promise<ResourceAnswer> {
    if (method !== 'GET' || path !== 'schema') {
      throw dataError('DATA_RESOURCE_NOT_FOUND', `There is nothing at ${method} ${path}`);
    }
    const limits = { ...context.limits, maxRows: maxCompletionColumns };
    const { rows } = await this.#read(schemaSql, [], { ...context, limits });
    const tables = new Map<string, { name: string; type: string }[]>();
    for (const [schema, table, name, type] of rows) {
      const key = schema === 'public' ? String(table) : `${schema}.${table}`;
      const columns = tables.get(key) ?? [];
      columns.push({ name: String(name), type: String(type) });
      tables.set(key, columns);
    }
    return jsonAnswer([...tables].map(([name, columns]) => ({ name, columns })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }

  #read(sql: string, parameters: readonly string[], context: QueryContext): Promise<ReadRows> {
    const { limits, signal } = context;
    const request: ReadRequest = {
      sql,
      parameters,
      maxRows: limits.maxRows,
      maxBytes: limits.maxAnswerBytes,
      timeoutMs: timeoutOf(this.#config.source.jsonData, limits.timeoutMs),
      signal,
    };
    return readRows(this.#pool, request);
  }
}
