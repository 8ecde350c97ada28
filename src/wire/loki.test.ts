import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  compress,
  decodeLokiJson,
  decodeLokiProto,
  decompress,
  encodeLokiJson,
  encodeLokiProto,
  formatLokiLabels,
  type LokiStream,
  parseLokiLabels,
} from './index.ts';

/** Records with the prototype that literals have, so that deepEqual can compare them. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const text = fc.string({ unit: 'binary', maxLength: 100 }).map((value) => value.toWellFormed());
const labels = fc
  .dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,10}$/), text, { maxKeys: 5 })
  .map((object) => new Map(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))));
const streams: fc.Arbitrary<LokiStream[]> = fc.array(
  plain({
    labels,
    entries: fc.array(
      plain({
        timestampNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 63n - 1n }),
        line: text,
        metadata: fc.option(
          labels.filter((map) => map.size > 0),
          { nil: undefined },
        ),
      }),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 3 },
);

describe('Loki push', () => {
  it('protobuf brings back any push', () => {
    fc.assert(
      fc.property(streams, (value) =>
        assert.deepEqual(decodeLokiProto(encodeLokiProto(value)), value),
      ),
    );
  });

  it('JSON brings back any push', () => {
    fc.assert(
      fc.property(streams, (value) =>
        assert.deepEqual(decodeLokiJson(encodeLokiJson(value)), value),
      ),
    );
  });

  it('writes the bytes of the protocol', () => {
    const bytes = encodeLokiProto([
      {
        labels: new Map([['a', 'b']]),
        entries: [{ timestampNs: 1_000_000_002n, line: 'hi', metadata: undefined }],
      },
    ]);
    const want = '0a13 0a07 7b613d2262227d 1208 0a04 0801 1002 1202 6869'.replaceAll(' ', '');
    // The inner entry is 10 bytes: timestamp (6) and line (4).
    assert.equal(bytes.toString('hex'), want.replace('0a13', '0a15').replace('1208', '120a'));
  });

  it('reads the older JSON form', () => {
    assert.deepEqual(
      decodeLokiJson(
        '{"streams":[{"labels":"{job=\\"x\\"}","entries":[{"ts":"2024-03-25T02:41:59.123Z","line":"l"}]}]}',
      ),
      [
        {
          labels: new Map([['job', 'x']]),
          entries: [{ timestampNs: 1711334519123000000n, line: 'l', metadata: undefined }],
        },
      ],
    );
  });

  const refuses = (name: string, body: string, message: RegExp): void =>
    void it(`refuses ${name}`, () =>
      assert.throws(() => decodeLokiJson(body), { code: 'WIRE_INVALID', message }));
  refuses('text that is not JSON', '{', /not valid JSON/);
  refuses('a body without streams', '{}', /no array "streams"/);
  refuses(
    'a line that is no text',
    '{"streams":[{"values":[["1",2]]}]}',
    /streams\[0\]\.values\[0\]/,
  );
  refuses('a timestamp with a fraction', '{"streams":[{"values":[["1.5","x"]]}]}', /timestamp/);

  it('never throws anything but WIRE_INVALID on random input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.json(), (bytes, json) => {
        for (const read of [
          () => decodeLokiProto(bytes),
          () => decodeLokiJson(json),
          () => decodeLokiJson(`{"streams":[${json}]}`),
        ]) {
          try {
            read();
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'WIRE_INVALID', String(error));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseLokiLabels()', () => {
  const f = (input: string, want: [string, string][]): void =>
    void it(input, () => assert.deepEqual([...parseLokiLabels(input)], want));
  f('{}', []);
  f('{b="2", a="1"}', [
    ['a', '1'],
    ['b', '2'],
  ]);
  f('{a="x\\"y\\n\\u00e9\\x41",}', [['a', 'x"y\né A'.replace(' ', '')]]);
  f('{a=`raw\\n`}', [['a', 'raw\\n']]);
  f('{a="한글, {}=\\\\"}', [['a', '한글, {}=\\']]);

  const refuses = (input: string): void =>
    void it(`refuses ${input}`, () =>
      assert.throws(() => parseLokiLabels(input), { code: 'WIRE_INVALID' }));
  refuses('');
  refuses('{a=b}');
  refuses('{a="b"');
  refuses('{a="b"} x');
  refuses('{a="\\U00ffffff"}');

  it('reads back what formatLokiLabels() writes', () => {
    fc.assert(
      fc.property(labels, (value) =>
        assert.deepEqual(parseLokiLabels(formatLokiLabels(value)), value),
      ),
    );
  });
});

describe('compress() and decompress()', () => {
  for (const encoding of ['gzip', 'deflate', 'zstd', 'snappy', 'identity'] as const) {
    it(`${encoding} brings back what went in, and no more than its bound`, async () => {
      const input = Buffer.from('line after line\n'.repeat(10_000));
      const small = await compress(encoding, input);
      assert.deepEqual(Buffer.from(await decompress(encoding, small, input.length)), input);
      await assert.rejects(decompress(encoding, small, input.length - 1), {
        code: 'WIRE_TOO_LARGE',
      });
    });
    if (encoding !== 'identity') {
      it(`${encoding} refuses noise`, async () => {
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (noise) => {
            try {
              await decompress(encoding, noise, 1000);
            } catch (error) {
              assert.match((error as { code: string }).code, /^WIRE_/, String(error));
            }
          }),
          { numRuns: 300 },
        );
      });
    }
  }
  it('reads several gzip members in a row', async () => {
    const parts = [
      await compress('gzip', Buffer.from('a')),
      await compress('gzip', Buffer.from('b')),
    ];
    assert.equal(Buffer.from(await decompress('gzip', Buffer.concat(parts), 10)).toString(), 'ab');
  });
});
