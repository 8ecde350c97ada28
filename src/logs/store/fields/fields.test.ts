import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { BlockBuilder, type RowSource } from '../parquet/block.ts';
import { FieldChooser } from './choose.ts';
import { FieldsFileBuilder } from './fields-file.ts';

/** Rows of one stream, in the store's layout. */
function sourceOf(stream: string, texts: readonly string[], from = 0): RowSource {
  const bodies = texts.map((text) => Buffer.from(text));
  const messages = new Uint8Array(bodies.reduce((sum, body) => sum + 4 + body.length, 0));
  const view = new DataView(messages.buffer);
  const offsets = new Uint32Array(texts.length);
  let at = 0;
  bodies.forEach((body, row) => {
    offsets[row] = at;
    view.setUint32(at, body.length, true);
    messages.set(body, at + 4);
    at += 4 + body.length;
  });
  const numbers = (base: number): Float64Array =>
    Float64Array.from(texts, (_, row) => base + from + row);
  return {
    stream,
    rows: texts.length,
    bytes: at,
    timesMs: numbers(1_700_000_000_000),
    ingestsMs: numbers(1_700_000_000_500),
    sequences: numbers(1),
    offsets,
    messages,
  };
}

async function build(sources: readonly RowSource[]) {
  const chooser = new FieldChooser(sources.reduce((sum, source) => sum + source.rows, 0));
  for (const source of sources) chooser.look(source);
  const fields = new FieldsFileBuilder('/group', chooser.chosen, 3);
  const builder = new BlockBuilder('/group', 0, (block) => fields.add(block));
  for (const source of sources) builder.addRange(source, 0, source.rows);
  builder.flush();
  return await fields.finish();
}

describe('FieldsFileBuilder', () => {
  let directory: string;
  let connection: DuckDBConnection;
  let files = 0;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nunchi-fields-'));
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run('CREATE TABLE messages (i INTEGER, message VARCHAR)');
  });

  after(() => {
    connection.disconnectSync();
    rmSync(directory, { recursive: true, force: true });
  });

  /** What the file says of each field beside what the engine finds in the messages themselves. */
  async function compare(texts: readonly string[]): Promise<readonly string[]> {
    const made = await build([sourceOf('s', texts)]);
    if (made === undefined) return [];
    const path = join(directory, `${files++}.parquet`);
    writeFileSync(path, made.bytes);
    const rows = async (sql: string): Promise<unknown[][]> =>
      (await connection.runAndReadAll(sql)).getRows();
    await connection.run('DELETE FROM messages');
    const appender = await connection.createAppender('messages');
    texts.forEach((text, i) => {
      appender.appendInteger(i);
      appender.appendVarchar(text);
      appender.endRow();
    });
    appender.closeSync();
    const white = "' \t\r\n'";
    const looks =
      `((starts_with(message, '{') OR (message < '!' AND starts_with(ltrim(message, ${white}), '{')))` +
      ` AND (ends_with(message, '}') OR ends_with(rtrim(message, ${white}), '}')))`;
    for (const field of made.fields) {
      const alternatives = field
        .slice(1)
        .split('/')
        .map((_, i, keys) => [...keys.slice(0, i), keys.slice(i).join('.')])
        .map((keys) => `TRY(json_extract_string(message, '/${keys.join('/')}'))`)
        .reverse();
      const wanted = await rows(
        `SELECT CASE WHEN ${looks} THEN coalesce(${alternatives.join(', ')}) END,
         CASE WHEN ${looks} THEN coalesce(TRY(json_type(message, '${field}')), '') = 'BOOLEAN' END
         FROM messages ORDER BY i`,
      );
      const found = await rows(`SELECT "${field}" FROM read_parquet('${path}') ORDER BY seq`);
      assert.deepEqual(
        found.map((row) => row[0]),
        wanted.map((row) => row[0]),
        field,
      );
      assert.ok(!wanted.some((row) => row[1] === true), 'booleans are left to the engine');
    }
    return made.fields;
  }

  const f = (name: string, texts: readonly string[], wanted: readonly string[]): void =>
    void it(name, async () => assert.deepEqual(await compare(texts), wanted));
  const twice = (...texts: string[]): string[] => [...texts, ...texts, ...texts];

  f('keeps texts and whole numbers', twice('{"a":"x","b":12}', '{"a":"y"}'), ['/a', '/b']);
  f('keeps nested fields', twice('{"a":{"b":{"c":"x"}}}', '{"a":null}', '{"a":[1]}'), ['/a/b/c']);
  f(
    'leaves values out that hardly repeat',
    [
      '{"a":"1","b":"x"}',
      '{"a":"2","b":"x"}',
      '{"a":"3","b":"x"}',
      '{"a":"4","b":"x"}',
      '{"a":"5","b":"x"}',
    ],
    ['/b'],
  );
  f('tells null, missing and empty apart', twice('{"a":""}', '{"a":null}', '{}', '{"a":"x"}'), [
    '/a',
  ]);
  f('reads escapes', twice('{"a":"\\u00e9\\n\\"\\ud83d\\ude00","b":"1"}'), ['/a', '/b']);
  f('takes the first of equal keys', twice('{"a":"1","a":"2"}', '{"b":{"c":"1"},"b":{"d":"2"}}'), [
    '/a',
    '/b/d',
  ]);
  f(
    'leaves booleans, fractions and objects out',
    twice('{"a":true,"b":1.50,"c":{"d":"x"},"e":-0,"f":1e3}'),
    ['/c/d'],
  );
  f(
    'lines that only look like JSON hold nothing',
    twice('{"a":"x"}', '{a b}', '{"a":"x"', '{"a":"x"} ', ' {"a":"y"}', '{"a":"x"}}', 'plain'),
    ['/a'],
  );
  f('what the engine alone may read is left to it', twice('{"a":"x"}', '{"a":"x","b":NaN}'), []);
  f('a comma too many is left to the engine', twice('{"a":"x"}', '{"a":"x",}'), []);
  f(
    'half a pair of surrogates is left to the engine',
    twice('{"a":"x"}', '{"a":"x","b":"\\ud83d"}'),
    [],
  );
  f('keys with dots leave the nested field out', twice('{"a":{"b":"x"},"c":"z"}', '{"a.b":"y"}'), [
    '/c',
  ]);
  f(
    'keys with escapes leave all fields of their object out',
    twice('{"a":"x","b":{"c":"1"}}', '{"\\u0061":"y"}'),
    [],
  );
  f('Korean text', twice('{"메시지":"오류","level":"정보"}', '로그'), ['/level']);
  it('is not made where messages are no JSON', async () =>
    assert.equal(await build([sourceOf('s', ['a', 'b'])]), undefined));

  it('says what the engine says, whatever the messages are', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'level', 'a.b', 'user-agent', 'b.c', '0');
    const leaf = fc.oneof(
      fc.constantFrom('x', 'y', '', 'é', '한국', 'a"b', 'tab\t', '\u0001', '😀', 'a\\b'),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(null, 0, 1e15, -1),
      fc.constantFrom(true, 1.5, 1e21, [1], {}),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { arbitrary: leaf, weight: 5 },
        { arbitrary: fc.dictionary(key, tie('value'), { maxKeys: 4 }), weight: 2 },
        { arbitrary: fc.array(tie('value'), { maxLength: 2 }), weight: 1 },
      ),
    }));
    const object = fc.dictionary(key, value, { maxKeys: 5 });
    const text = fc
      .tuple(
        object,
        fc.constantFrom('', ' ', '\n'),
        fc.nat(9),
        fc.nat(200),
        fc.constantFrom('"', ',', '}', '\\', 'x', '\n'),
      )
      .map(([one, space, kind, place, noise]) => {
        const json = kind < 3 ? JSON.stringify(one, undefined, 1) : JSON.stringify(one);
        if (kind > 7) {
          const at = place % (json.length + 1);
          return json.slice(0, at) + noise + json.slice(at + (kind - 8));
        }
        return space + json + space;
      });
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 4, maxLength: 12 }), async (texts) => {
        kept += (await compare([...texts, ...texts, ...texts])).length;
      }),
      { numRuns: 300 },
    );
    assert.ok(kept > 50, `${kept} fields were kept`);
  });

  it('holds many rows, streams and values', async () => {
    const texts = Array.from({ length: 70_000 }, (_, i) =>
      i % 3 === 0
        ? 'text'
        : `{"user":"u${i % 300 < 200 ? i % 30 : i % 300}","code":${200 + (i % 7)},"one":"1"}`,
    );
    assert.deepEqual(await compare(texts), ['/code', '/one', '/user']);
    const made = await build([sourceOf('a', texts), sourceOf('b', texts, texts.length)]);
    const path = join(directory, 'streams.parquet');
    writeFileSync(path, made!.bytes);
    const reader = await connection.runAndReadAll(
      `SELECT log_group, log_stream, count(*), count("/user"), min(ts_ms), max(ingest_ms), count(DISTINCT seq)
       FROM read_parquet('${path}') GROUP BY ALL ORDER BY 2`,
    );
    const with_ = texts.filter((one) => one !== 'text').length;
    const n = BigInt(texts.length);
    assert.deepEqual(reader.getRows(), [
      ['/group', 'a', n, BigInt(with_), 1_700_000_000_000n, 1_700_000_000_499n + n, n],
      ['/group', 'b', n, BigInt(with_), 1_700_000_000_000n + n, 1_700_000_000_499n + n * 2n, n],
    ]);
  });
});
