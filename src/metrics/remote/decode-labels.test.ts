import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type LabelBytes, labelsOfRecord } from '#metrics/model';
import { openMemoryMetricStore } from '#metrics/tsdb';
import { type LabelReader, labelsV1, labelsV2, separatorByte } from './decode-labels.ts';

type Pair = readonly [name: string, value: string];

function message(tag: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  length.push(rest);
  return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
}

function encodeV1(pairs: readonly Pair[]): Buffer {
  return Buffer.concat(
    pairs.map(([name, value]) => {
      const parts = [message(10, Buffer.from(name))];
      // Writers leave out what is empty.
      if (value !== '') parts.push(message(18, Buffer.from(value)));
      return message(10, Buffer.concat(parts));
    }),
  );
}

const encodeV2 = (pairs: readonly Pair[]): Buffer =>
  Buffer.concat(pairs.flat().flatMap((text) => [Buffer.from(text), Buffer.from([separatorByte])]));

function textsOf({ view, places, count }: LabelBytes): string[] {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const texts: string[] = [];
  for (let at = 0; at < count * 4; at += 2) {
    texts.push(bytes.toString('utf8', places[at], places[at + 1]));
  }
  return texts;
}

const name = fc.oneof(
  fc.constantFrom('__name__', 'job', 'instance', 'a', 'ab', '', '한', '\ufffd'),
  fc.string({ maxLength: 4 }),
);
const value = fc.oneof(
  fc.constantFrom('', 'up', '한국', '\ufffd', 'x'.repeat(200)),
  fc.string({ maxLength: 6 }),
);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 6 }).chain((list) => {
  const sorted = [...list].sort(([a], [b]) => (a < b ? -1 : 1));
  const named = [['__name__', 'm'] as const, ...sorted.filter(([each]) => each > '__name__')];
  return fc.constantFrom<readonly Pair[]>(list, sorted, named);
});

const encoders: readonly [string, LabelReader, (pairs: readonly Pair[]) => Buffer][] = [
  ['1.0', labelsV1, encodeV1],
  ['2.0', labelsV2, encodeV2],
];

for (const [version, reader, encode] of encoders) {
  describe(`labels of remote write ${version}`, () => {
    const check = (bytes: Buffer): boolean => {
      // Not at the start of their buffer, as in a request.
      const whole = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]);
      const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
      const places = reader.places(view, 3, 3 + bytes.length);
      if (places === undefined) return false;
      assert.deepEqual(textsOf(places), reader.labels(bytes));
      return true;
    };

    it('places() finds what labels() reads, or leaves it to it', () => {
      fc.assert(fc.property(pairs, (list) => void check(encode(list))));
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => void check(Buffer.from(bytes))),
      );
    });

    it('places() takes what senders write', () => {
      const list: Pair[] = [];
      for (let at = 0; at < 40; at++) list.push([`label_${10 + at}`, `v${at}`]);
      assert.ok(check(encode([['__name__', 'up'], ['job', 'node'], ...list])));
      assert.ok(
        check(
          encode([
            ['A', ''],
            ['__name__', 'up'],
          ]),
        ),
      );
      assert.ok(
        !check(
          encode([
            ['job', 'node'],
            ['__name__', 'up'],
          ]),
        ),
      );
    });

    it('a store knows a series by bytes and by texts as the same one', async () => {
      await using store = openMemoryMetricStore();
      const bytes = encode([
        ['__name__', 'up'],
        ['instance', 'a:1'],
        ['job', 'node'],
      ]);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const places = reader.places(view, 0, bytes.length);
      assert.ok(places !== undefined);
      const ref = store.seriesRefOfBytes(places);
      assert.equal(
        ref,
        store.seriesRef(labelsOfRecord({ job: 'node', instance: 'a:1', __name__: 'up' })),
      );
    });
  });
}
