import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordMap, TextParser } from '../contract.ts';
import { builtinMultiline } from '../multiline/builtin.ts';
import type { TailOptions } from '../tail/options.ts';
import { RecordHandler } from './record-handler.ts';

const makeHandler = (options: Partial<TailOptions>, path = '/var/log/a.log'): RecordHandler =>
  new RecordHandler({ name: 'tail.0', paths: [], ...options }, path, {
    nowMs: () => 0,
    wallMs: () => 0,
    onCut: () => {},
    filled: new Set(),
  });

/** The records of a text that stands at the offset 100 of its file, as JSON. */
function records(options: Partial<TailOptions>, text: string): string[] {
  const handler = makeHandler(options);
  const bytes = Buffer.from(text);
  handler.lines(bytes, 0, bytes.length, { path: '/var/log/a.log', offset: 100 });
  handler.finish();
  return handler.takeEvents().map(({ record }) => JSON.stringify(Object.fromEntries(record)));
}

const keys = { pathKey: 'file', offsetKey: 'at' };
const cri = [builtinMultiline.get('cri')!];
const parser: TextParser = {
  name: 'p',
  parse: (text) =>
    text.startsWith('=') ? { record: new Map([['v', text.slice(1)]]) as RecordMap } : undefined,
};

describe('Path_Key and Offset_Key', () => {
  const f = (
    what: string,
    options: Partial<TailOptions>,
    text: string,
    ...want: readonly string[]
  ): void =>
    void it(`stand ${what}`, () => assert.deepEqual(records({ ...keys, ...options }, text), want));
  f(
    'before a line',
    {},
    'one\ntwo\n',
    '{"file":"/var/log/a.log","at":100,"log":"one"}',
    '{"file":"/var/log/a.log","at":104,"log":"two"}',
  );
  f(
    'the other way round before what a parser made of a line',
    { parser },
    '=x\ny\n',
    '{"at":100,"file":"/var/log/a.log","v":"x"}',
    '{"file":"/var/log/a.log","at":103,"log":"y"}',
  );
  const time = '2024-03-25T00:00:00Z';
  const from = { time, stream: 'stdout' };
  const file = '/var/log/a.log';
  f(
    'after what a multiline parser joined, with the offset of its first line',
    { multiline: cri },
    `${time} stdout P a\n${time} stdout F b\n${time} stdout F c\nno line of the CRI\n`,
    JSON.stringify({ ...from, _p: 'P', log: 'ab', file, at: 100 }),
    JSON.stringify({ ...from, _p: 'F', log: 'c', file, at: 164 }),
    JSON.stringify({ log: 'no line of the CRI', file, at: 196 }),
  );

  it('an event that is finished after a restart has the offset where it began', () => {
    const before = makeHandler({ ...keys, multiline: cri });
    const bytes = Buffer.from(`${time} stdout P a\n`);
    before.lines(bytes, 0, bytes.length, { path: file, offset: 500 });
    const after = makeHandler({ ...keys, multiline: cri });
    after.restoreState(JSON.parse(JSON.stringify(before.saveState())));
    after.finish();
    assert.equal(after.takeEvents()[0]?.record.get('at'), 500);
  });
});

describe('the tag', () => {
  const f = (tag: string | undefined, path: string, want: string): void =>
    void it(`of ${path} by ${tag ?? 'nothing'} is ${want}`, () =>
      assert.equal(makeHandler(tag === undefined ? {} : { tag }, path).tag, want));
  f(undefined, '/var/log/a.log', 'tail.0');
  f('app', '/var/log/a.log', 'app');
  f('app.*', '/var/log/a.log', 'app.var.log.a.log');
  f('app*', '/var/log/a.log', 'app.var.log.a.log');
  f('*', '/var/log/a.log', 'var.log.a.log');
  f('*.x', '/var/log/a.log', 'var.log.a.log.x');
  f('a.*.b*', '/x:y/c*..log.', 'a.x.y.c.log.b');
  f('a/b:c', '/x', 'a/b:c');
});
