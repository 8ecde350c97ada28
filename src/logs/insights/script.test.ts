import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  compileQuery,
  diagnosticCodes,
  formatCell,
  joinOf,
  type Plan,
  type PlanSource,
  printLookupTable,
  printRows,
} from './index.ts';

/**
 * Runs testdata/*.test. A script gives events, then queries with the rows they must give:
 *
 *     stream GROUP STREAM
 *     TIME MESSAGE
 *     range TIME TIME
 *     table NAME       a lookup table: its columns, then its rows, up to an empty line; `-` as below
 *     a,b
 *     1,2
 *     query NAME
 *     fields a | …
 *     =>
 *     a | b            the columns, then one line a row; `-` is a missing value
 *     warning TEXT     or error LINE:COLUMN TEXT instead of rows
 *
 * A line that begins with two spaces goes on with the message above; `#` begins a comment.
 */
interface Step {
  readonly name: string;
  readonly line: number;
  readonly query: string;
  readonly wanted: readonly string[];
}

interface Script {
  readonly events: { group: string; stream: string; ms: number; message: string }[];
  readonly steps: Step[];
  readonly tables: Map<string, { columns: string[]; rows: (string | null)[][] }>;
  fromMs: number;
  toMs: number;
}

function parseScript(text: string): Script {
  const script: Script = { events: [], steps: [], tables: new Map(), fromMs: 0, toMs: 0 };
  const lines = text.split('\n');
  let group = '';
  let stream = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [word, ...rest] = line.split(' ');
    if (line.trim() === '' || line.startsWith('# ')) continue;
    if (word === 'stream') {
      group = rest[0]!;
      stream = rest[1]!;
    } else if (word === 'range') {
      script.fromMs = Date.parse(rest[0]!);
      script.toMs = Date.parse(rest[1]!);
    } else if (word === 'table') {
      const table: string[][] = [];
      while (lines[at + 1]?.trim()) table.push(lines[++at]!.split(','));
      const [columns = [], ...rows] = table;
      const cells = rows.map((row) => row.map((cell) => (cell === '-' ? null : cell)));
      script.tables.set(rest[0]!, { columns, rows: cells });
    } else if (word === 'query') {
      const start = at + 1;
      const query: string[] = [];
      while (lines[++at] !== '=>') query.push(lines[at]!);
      const wanted: string[] = [];
      while (at + 1 < lines.length && lines[at + 1]!.trim() !== '') wanted.push(lines[++at]!);
      script.steps.push({ name: rest.join(' '), line: start, query: query.join('\n'), wanted });
    } else if (line.startsWith('  ')) {
      script.events.at(-1)!.message += `\n${line.slice(2)}`;
    } else {
      script.events.push({ group, stream, ms: Date.parse(word!), message: rest.join(' ') });
    }
  }
  return script;
}

const folder = new URL('testdata/', import.meta.url);
for (const file of readdirSync(folder).filter((name) => name.endsWith('.test'))) {
  describe(`testdata/${file}`, () => {
    const script = parseScript(readFileSync(new URL(file, folder), 'utf8'));
    let instance: DuckDBInstance;
    let connection: DuckDBConnection;

    before(async () => {
      instance = await DuckDBInstance.create(':memory:');
      connection = await instance.connect();
      await connection.run(
        'CREATE TABLE events (log_group VARCHAR, log_stream VARCHAR, ts_ms BIGINT, ingest_ms BIGINT, seq BIGINT, message VARCHAR)',
      );
      let seq = 0;
      for (const { group, stream, ms, message } of script.events) {
        await connection.run('INSERT INTO events VALUES ($1, $2, $3, $4, $5, $6)', [
          group,
          stream,
          BigInt(ms),
          BigInt(ms + 1000),
          BigInt(++seq),
          message,
        ]);
      }
    });
    after(() => {
      connection.closeSync();
      instance.closeSync();
    });

    for (const step of script.steps) {
      it(`line ${step.line}: ${step.name}`, async () => {
        const { fromMs, toMs, tables } = script;
        const lookupTables = new Map([...tables].map(([name, { columns }]) => [name, columns]));
        const context = { fromMs, toMs, nowMs: toMs, lookupTables };
        const { plan, diagnostics } = compileQuery(step.query, context);
        const told = diagnostics.map(
          (one) =>
            `${one.severity} ${one.line}:${one.column} ${one.message}${one.hint === undefined ? '' : ` (${one.hint})`}`,
        );
        for (const one of diagnostics) {
          const words = Object.values(one.params).map(String);
          assert.ok(diagnosticCodes.includes(one.code), one.code);
          assert.doesNotMatch(`${one.message} ${one.hint}`, /undefined\b(?!$)|\{\w+\}/);
          assert.ok(!words.includes('undefined'), JSON.stringify(one));
        }
        const wantedTold = step.wanted.filter((line) => /^(warning|error) /.test(line));
        assert.deepEqual(told, wantedTold);
        const wantedRows = step.wanted.filter((line) => !/^(warning|error) /.test(line));
        if (plan === undefined) return;
        assert.deepEqual(await rowsOf(plan, context), wantedRows);
      });
    }

    /** A query without SOURCE is one over the script's first group. */
    function groupsOf(source: PlanSource | undefined): readonly string[] {
      if (source === undefined) return [script.events[0]!.group];
      const groups = [...new Set(script.events.map(({ group }) => group))];
      return source.names.length > 0
        ? source.names
        : groups.filter((name) => source.namePrefixes.some((prefix) => name.startsWith(prefix)));
    }

    async function rowsOf(
      plan: Plan,
      context: { fromMs: number; toMs: number; nowMs: number },
      subqueryValues: string[][] = [],
    ): Promise<string[]> {
      for (const subquery of plan.subqueries) {
        const rows = await rowsOf(subquery.plan, context);
        subqueryValues.push(rows.slice(1));
      }
      for (const [index, { table, keys, outputs }] of plan.lookups.entries()) {
        const { columns, rows } = script.tables.get(table)!;
        const places = [...keys, ...outputs].map((name) => columns.indexOf(name));
        const cells = rows.map((row) => places.map((place) => row[place] ?? null));
        await connection.run(printLookupTable(plan, index), [JSON.stringify(cells)]);
      }
      const join = joinOf(plan);
      const sql = printRows(plan, {
        relation: `(SELECT * FROM events WHERE ts_ms BETWEEN ${context.fromMs} AND ${context.toMs})`,
        accountId: '000000000000',
        context,
        maxRows: 10_000,
        subqueryValues,
        ...(join && { sides: { own: groupsOf(plan.source), joined: groupsOf(join.right.source) } }),
      });
      const result = await connection.runAndReadAll(sql).catch((error: unknown) => {
        throw new Error(`${String(error)}\nin ${sql}`);
      });
      const header = plan.output.map((one) => one.name).join(' | ');
      const rows = result.getRowsJS().map((row) =>
        plan.output
          .map(({ expression }, index) => {
            const value = row[index] as string | number | bigint | boolean | null;
            return formatCell(expression.type, value) ?? '-';
          })
          .join(' | '),
      );
      return [header, ...rows];
    }
  });
}
