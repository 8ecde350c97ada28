import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type BatchSection,
  decodeBatch,
  encodeBatch,
  forEachEvent,
  SectionBuilder,
} from './index.ts';

interface PlainSection {
  readonly group: string;
  readonly stream: string;
  readonly events: readonly (readonly [number, string])[];
}

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const plainSection = fc.record(
  {
    group: name,
    stream: name,
    events: fc.array(
      fc.tuple(fc.integer({ min: 0 }), fc.string({ unit: 'grapheme', maxLength: 200 })),
      { maxLength: 20 },
    ),
  },
  { noNullPrototype: true },
);

function build({ group, stream, events }: PlainSection): BatchSection {
  const builder = new SectionBuilder(group, stream);
  for (const [timeMs, message] of events) builder.add(timeMs, message);
  return builder.finish();
}

function plain(section: BatchSection): PlainSection {
  const events: [number, string][] = [];
  forEachEvent(section, (timeMs, message) => void events.push([timeMs, message.toString()]));
  return { group: section.group, stream: section.stream, events };
}

const valid = encodeBatch([
  build({
    group: '/a',
    stream: 's',
    events: [
      [1, 'one'],
      [2, '한국'],
    ],
  }),
  build({ group: '/b', stream: 't', events: [[3, '']] }),
]);

describe('decodeBatch()', () => {
  it('gives what encodeBatch() was given, at any alignment', () => {
    fc.assert(
      fc.property(
        fc.array(plainSection, { maxLength: 5 }),
        fc.nat({ max: 9 }),
        (sections, shift) => {
          const encoded = encodeBatch(sections.map(build));
          const moved = new Uint8Array(encoded.length + shift);
          moved.set(encoded, shift);
          assert.deepEqual(decodeBatch(moved.subarray(shift)).map(plain), sections);
        },
      ),
    );
  });

  it('never reads outside of hostile bytes: a batch or BATCH_INVALID', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 })), {
          maxLength: 6,
        }),
        fc.nat({ max: valid.length }),
        (changes, length) => {
          const bytes = Uint8Array.from(valid);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            decodeBatch(bytes.subarray(0, length));
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'BATCH_INVALID');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses counts whose bytes add up to more than 32 bits', () => {
    const bytes = Uint8Array.from(valid);
    // The events of the first section: its columns would end at 2^32 and where they end now.
    new DataView(bytes.buffer).setUint32(12, 2 + 2 ** 29, true);
    assert.throws(() => decodeBatch(bytes), { code: 'BATCH_INVALID' });
  });

  it('refuses text that is not UTF-8', () => {
    const bytes = Uint8Array.from(valid);
    bytes[Buffer.from(bytes).indexOf('one')] = 0xff;
    assert.throws(() => decodeBatch(bytes), { code: 'BATCH_INVALID' });
  });
});

describe('SectionBuilder', () => {
  it('turns what is not UTF-8 into U+FFFD and keeps long messages whole', () => {
    const builder = new SectionBuilder('g', 's');
    builder.add(1, Uint8Array.of(0x61, 0xff, 0x62));
    builder.add(2, '\ud800');
    builder.add(3, 'x'.repeat(1_000_000));
    const { events } = plain(builder.finish());
    assert.deepEqual(events.slice(0, 2), [
      [1, 'a\ufffdb'],
      [2, '\ufffd'],
    ]);
    assert.equal(events[2]![1].length, 1_000_000);
  });
});
