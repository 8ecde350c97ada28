import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ByteSink,
  decodeMsgpack,
  encodeMsgpack,
  MsgpackExt,
  type MsgpackInput,
  MsgpackReader,
  MsgpackStream,
  MsgpackTime,
  type MsgpackValue,
  writeMsgpackAsJson,
} from './index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Any value that decodes to itself. */
const { value: anyValue } = fc.letrec<{ value: MsgpackValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double().map((n) => (Number.isInteger(n) && !Number.isSafeInteger(n) ? 0.5 : n)),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.toWellFormed()),
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.nat(0xffffffff), fc.nat(999_999_999))
      .map(([seconds, nanoseconds]) => new MsgpackTime(seconds, nanoseconds)),
    fc
      .tuple(fc.integer({ min: 1, max: 127 }), fc.uint8Array({ maxLength: 40 }))
      .map(([type, data]) => new MsgpackExt(type, data)),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 20 }).map((pairs) => new Map(pairs)),
  ) as fc.Arbitrary<MsgpackValue>,
}));

describe('encodeMsgpack() and decodeMsgpack()', () => {
  const f = (name: string, value: MsgpackInput, want: string, back: MsgpackValue): void =>
    void it(name, () => {
      assert.equal(hex(encodeMsgpack(value)), want.replaceAll(' ', ''));
      assert.deepEqual(decodeMsgpack(bytes(want)), back);
    });
  f('nil', null, 'c0', null);
  f('127 is a positive fixint', 127, '7f', 127);
  f('128 takes uint 8', 128, 'cc80', 128);
  f('65536 takes uint 32', 65536, 'ce00010000', 65536);
  f('-32 is a negative fixint', -32, 'e0', -32);
  f('-33 takes int 8', -33, 'd0df', -33);
  f('-32769 takes int 32', -32769, 'd2ffff7fff', -32769);
  f('2^32 takes uint 64', 2 ** 32, 'cf0000000100000000', 2 ** 32);
  f('uint64 max stays exact', 2n ** 64n - 1n, 'cfffffffffffffffff', 2n ** 64n - 1n);
  f('1.5 takes float 64', 1.5, 'cb3ff8000000000000', 1.5);
  f('text of 31 bytes is a fixstr', 'a'.repeat(31), `bf${'61'.repeat(31)}`, 'a'.repeat(31));
  f('text of 32 bytes takes str 8', 'a'.repeat(32), `d920${'61'.repeat(32)}`, 'a'.repeat(32));
  f('Korean text counts bytes', '가나', 'a6 eab080 eb8298', '가나');
  f('bytes take bin 8', Uint8Array.of(1, 255), 'c402 01ff', Uint8Array.of(1, 255));
  f('event time', { seconds: 1, nanoseconds: 2 }, 'd700 00000001 00000002', new MsgpackTime(1, 2));
  f('a number as written keeps its kind', { text: '1.0' }, 'cb3ff0000000000000', 1);
  f(
    'a large number as written',
    { text: '9007199254740993' },
    'cf0020000000000001',
    9007199254740993n,
  );
  f(
    'map in order',
    new Map([
      ['b', 1],
      ['a', 2],
    ]),
    '82 a162 01 a161 02',
    new Map([
      ['b', 1],
      ['a', 2],
    ]),
  );

  it('reads the second form of an event time', () =>
    assert.deepEqual(decodeMsgpack(bytes('c70800 00000001 00000002')), new MsgpackTime(1, 2)));
  it('gives str that is not UTF-8 as bytes', () =>
    assert.deepEqual(decodeMsgpack(bytes('a2 fffe')), Uint8Array.of(0xff, 0xfe)));
  it('turns keys of other types to text', () =>
    assert.deepEqual(
      decodeMsgpack(bytes('82 01 c3 c4 01 61 c2')),
      new Map([
        ['1', true],
        ['a', false],
      ]),
    ));

  it('brings back any value', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        assert.deepEqual(decodeMsgpack(encodeMsgpack(value)), value);
      }),
    );
  });

  const refuses = (name: string, input: string, pattern: RegExp): void =>
    void it(`refuses ${name}`, () =>
      assert.throws(() => decodeMsgpack(bytes(input)), { code: 'WIRE_INVALID', message: pattern }));
  refuses('the unused byte', 'c1', /0xc1/);
  refuses('a cut off text', 'a5 6161', /cut off/);
  refuses('an array that promises 4 billion elements', 'ddffffffff', /cut off/);
  refuses('a map that promises 4 billion pairs', 'dfffffffff 01', /cut off/);
  refuses('bytes after the value', 'c0c0', /follow/);
  refuses('nesting without end', '91'.repeat(10_000), /deeper|cut off/);
  refuses('an empty input', '', /cut off/);

  it('never throws anything but WIRE_INVALID on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        for (const read of [
          () => decodeMsgpack(input),
          () => new MsgpackReader(input).skip(),
          () => writeMsgpackAsJson(new MsgpackReader(input), new ByteSink(16)),
        ]) {
          try {
            read();
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'WIRE_INVALID', String(error));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('MsgpackStream', () => {
  it('finds the same values however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyValue, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        (values, cuts) => {
          const all = Buffer.concat(values.map((value) => encodeMsgpack(value)));
          const stream = new MsgpackStream(1_000_000);
          const found: MsgpackValue[] = [];
          for (let offset = 0, i = 0; offset < all.length; i++) {
            const size = cuts[i % cuts.length]!;
            stream.push(all.subarray(offset, offset + size));
            offset += size;
            for (let next = stream.next(); next !== undefined; next = stream.next()) {
              found.push(decodeMsgpack(next));
            }
          }
          assert.deepEqual(found, values);
          assert.equal(stream.bufferedBytes, 0);
        },
      ),
    );
  });

  it('refuses a value over its bound before it is complete', () => {
    const stream = new MsgpackStream(100);
    stream.push(bytes('db00ffffff'));
    assert.equal(stream.next(), undefined);
    stream.push(Buffer.alloc(200));
    assert.throws(() => stream.next(), { code: 'WIRE_TOO_LARGE' });
  });
});

describe('writeMsgpackAsJson()', () => {
  const json = (input: Uint8Array): string => {
    const sink = new ByteSink(16);
    writeMsgpackAsJson(new MsgpackReader(input), sink);
    return sink.take().toString();
  };
  const f = (name: string, value: MsgpackInput, want: string): void =>
    void it(name, () => assert.equal(json(encodeMsgpack(value)), want));
  f('escapes control characters', 'a"b\\c\n\u0001', '"a\\"b\\\\c\\n\\u0001"');
  f(
    'keeps key order',
    new Map<string, MsgpackInput>([
      ['z', 1],
      ['a', [true, null]],
    ]),
    '{"z":1,"a":[true,null]}',
  );
  f('keeps 64-bit integers', 2n ** 63n, '9223372036854775808');
  f('prints a whole float as a float', { text: '3.0' }, '3.0');
  f('prints NaN as null', Number.NaN, 'null');
  f('prints bytes as text', Buffer.from('한글'), '"한글"');
  f('replaces invalid UTF-8', Uint8Array.of(0x61, 0xff), '"a\uFFFD"');

  it('agrees with JSON.stringify on plain records', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (record) => {
        const clean = Object.entries(record).map(([k, v]) => [k.toWellFormed(), v.toWellFormed()]);
        const map = new Map(clean as [string, string][]);
        assert.deepEqual(
          JSON.parse(json(encodeMsgpack(map))),
          JSON.parse(JSON.stringify(Object.fromEntries(map))),
        );
      }),
    );
  });
});
