import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { ManualClock } from '#base';
import { JsonSplitter } from '#wire';
import { eventTimeMs } from './event-time.ts';
import { type IngestReport, linesEdge } from './lines.ts';
import { serveEdge, testDeps } from './testing.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);

describe('linesEdge()', () => {
  const post = async (
    body: string | Uint8Array,
    {
      path = '/nunchi/logs/ingest/%2Fapp%2Fweb/pod-1',
      headers = {} as Record<string, string>,
      fullFor = 0,
    } = {},
  ) => {
    const deps = testDeps(new ManualClock(nowMs));
    deps.store.fullFor = fullFor;
    await using server = await serveEdge(linesEdge(deps));
    const response = await fetch(server.url + path, {
      method: 'POST',
      // As bytes: fetch would call a string text/plain.
      body: Buffer.from(body as string),
      headers,
    });
    return {
      status: response.status,
      headers: response.headers,
      report: (await response.json()) as IngestReport,
      events: deps.store.events,
    };
  };
  const messages = (result: Awaited<ReturnType<typeof post>>): string[] =>
    result.events.map((event) => event.message);

  it('takes NDJSON and finds the time', async () => {
    const result = await post(
      '{"time":"2026-01-15T01:02:03.5Z","a":1.0}\n\n{"b":2}\r\n{"ts":1768435200.25}',
    );
    assert.equal(result.status, 200);
    assert.deepEqual(result.report, { accepted: 3, rejected: 0, errors: [] });
    assert.deepEqual(result.events, [
      {
        group: '/app/web',
        stream: 'pod-1',
        timeMs: Date.UTC(2026, 0, 15, 1, 2, 3, 500),
        message: '{"time":"2026-01-15T01:02:03.5Z","a":1.0}',
      },
      { group: '/app/web', stream: 'pod-1', timeMs: nowMs, message: '{"b":2}' },
      {
        group: '/app/web',
        stream: 'pod-1',
        timeMs: 1768435200250,
        message: '{"ts":1768435200.25}',
      },
    ]);
  });

  it('names the lines that it rejects and takes the others', async () => {
    const result = await post('{"when":1768435200000}\n{nope\n{"when":"x"}\n', {
      path: '/nunchi/logs/ingest?group=g&stream=s&timeField=when',
    });
    assert.equal(result.status, 200);
    assert.equal(result.report.accepted, 1);
    assert.deepEqual(
      result.report.errors.map(({ line }) => line),
      [2, 3],
    );
    assert.match(result.report.errors[1]!.message, /"when" holds no time/);
    assert.equal(result.events[0]!.timeMs, 1768435200000);
  });

  it('takes an array, elements as they were written', async () => {
    const result = await post(' [ {"a" : 1e2}, "plain 한글", 7 ,[1,"]"]]\n');
    assert.deepEqual(messages(result), ['{"a" : 1e2}', 'plain 한글', '7', '[1,"]"]']);
  });

  it('says when an array has no end', async () => {
    const result = await post('[{"a":1},{"b":');
    assert.equal(result.report.accepted, 1);
    assert.equal(result.report.rejected, 1);
  });

  it('takes text lines', async () => {
    const result = await post('first\nsecond 둘째\n', {
      headers: { 'content-type': 'text/plain' },
    });
    assert.deepEqual(messages(result), ['first', 'second 둘째']);
  });

  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    it(`takes ${encoding}, streaming`, async () => {
      const lines = Array.from(
        { length: 50_000 },
        (_, i) => `{"n":${i},"pad":"${'x'.repeat(200)}"}`,
      );
      const result = await post(compress(lines.join('\n')), {
        headers: { 'content-encoding': encoding },
      });
      assert.equal(result.report.accepted, 50_000);
      assert.deepEqual(messages(result), lines);
    });
  }

  it('rejects one line that is too long, and no other', async () => {
    const result = await post(`a\n${'x'.repeat(1024 * 1024 + 1)}\nb`, {
      headers: { 'content-type': 'text/plain' },
    });
    assert.deepEqual(messages(result), ['a', 'b']);
    assert.deepEqual(
      result.report.errors.map(({ line }) => line),
      [2],
    );
  });

  it('asks to come back when the store is full', async () => {
    const result = await post('a', { fullFor: 1 });
    assert.equal(result.status, 503);
    assert.equal(result.headers.get('retry-after'), '5');
  });

  it('refuses what it cannot read', async () => {
    assert.equal((await post('a', { path: '/nunchi/logs/ingest' })).status, 400);
    assert.equal((await post('a', { headers: { 'content-encoding': 'br' } })).status, 415);
    assert.equal((await post('noise', { headers: { 'content-encoding': 'gzip' } })).status, 400);
    assert.equal((await post('{x', {})).status, 400);
  });
});

describe('JsonSplitter', () => {
  it('finds the same values however the bytes are cut', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (values, cuts) => {
          const bytes = Buffer.from(`[${values.join(' , ')}]`);
          const splitter = new JsonSplitter(true, 10_000);
          const found: string[] = [];
          for (let offset = 0, i = 0; offset < bytes.length; i++) {
            const size = cuts[i % cuts.length]!;
            for (const value of splitter.push(bytes.subarray(offset, offset + size)))
              found.push(value.toString());
            offset += size;
          }
          assert.deepEqual(found, values);
          assert.ok(splitter.closed);
        },
      ),
    );
  });
});

describe('eventTimeMs()', () => {
  const f = (value: unknown, want: number | undefined): void =>
    void it(JSON.stringify(value), () => assert.equal(eventTimeMs(value), want));
  f(1768435200, 1768435200000);
  f(1768435200123, 1768435200123);
  f(1768435200123456, 1768435200123.456);
  f('1768435200123456789', 1768435200123.4568);
  f('2026-01-15T00:00:00Z', 1768435200000);
  f('2026-01-15T09:00:00.000000001+09:00', 1768435200000);
  f('2026-01-15 00:00:00,250', 1768435200250);
  f('2026-01-15', 1768435200000);
  f('yesterday', undefined);
  f(-1, undefined);
  f(null, undefined);
});
