import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAppError } from '#base';
import { labelsOf } from '#metrics/model';
import { BodyReader, bodyEnd, bodyMetadata, bodyNewSeries } from './body-reader.ts';
import { type ExpositionFormat, parseExposition } from './entries.ts';
import { writeExposition } from './writer.ts';

const text =
  '# HELP a Some help\n# TYPE a histogram\na_bucket{le="1",x="y"} 1\na_bucket{le="+Inf"} 2 1700\n' +
  'a_sum 3.5\n\n{"b.c","d"="e"} NaN\n  f{g="h\\n\\"i"} 1e3 5\n# TYPE s summary\ns{quantile="0.5"} -Inf\n';
const openMetrics =
  '# TYPE a counter\n# UNIT a \n# HELP a Some help\na_total{x="y"} 1 1.5 # {t="u"} 0.5 1.25\nb 2\n# EOF\n';
const protobuf = Buffer.concat([
  ...writeExposition(
    [
      {
        name: 'm',
        metadata: { type: 'histogram', help: 'h', unit: '' },
        samples: [
          {
            labels: labelsOf([['__name__', 'm']]),
            value: 0,
            histogram: {
              schema: 2,
              zeroThreshold: 0.1,
              zeroCount: 1,
              count: 4,
              sum: 3,
              positiveSpans: [{ offset: 1, length: 2 }],
              positiveBuckets: [1, 2],
              negativeSpans: [],
              negativeBuckets: [],
              customValues: [],
              counterResetHint: 'unknown',
            },
          },
        ],
      },
    ],
    { format: 'protobuf', escaping: 'allow-utf-8' },
  ),
] as Buffer[]);

/** A body with some bytes changed, taken out or put in: mostly with what has a meaning. */
const edits = fc.array(
  fc.tuple(
    fc.nat(400),
    fc.nat(3),
    fc.uint8Array({ maxLength: 3 }).chain((bytes) =>
      fc.oneof(
        fc.constant(Buffer.from(bytes)),
        fc
          .constantFrom('"', '{', '}', ',', '=', '\n', ' ', '\\', '#', '0', 'a', '\0', '\t')
          .map((char) => Buffer.from(char)),
      ),
    ),
  ),
  { minLength: 1, maxLength: 3 },
);

function edited(body: Buffer, changes: readonly (readonly [number, number, Buffer])[]): Buffer {
  let result = body;
  for (const [place, removed, added] of changes) {
    const at = place % (result.length + 1);
    result = Buffer.concat([result.subarray(0, at), added, result.subarray(at + removed)]);
  }
  return result;
}

/** Samples, or the message of the refusal. Any other error is a fault of ours. */
function outcomeOf(read: () => string[]): string[] | string {
  try {
    return read();
  } catch (error) {
    if (isAppError(error, 'EXPOSITION_INVALID')) return `${error.message} ${error.details['line']}`;
    throw error;
  }
}

const plain = (body: Buffer, format: ExpositionFormat): string[] =>
  [...parseExposition(body, format, { nativeHistograms: true })].flatMap((entry) =>
    entry.kind === 'sample'
      ? [`${entry.pairs.join(' ')} ${entry.value} ${entry.timeMs ?? Number.NaN}`]
      : [],
  );

function known(
  reader: BodyReader,
  slots: Map<number, string>,
  body: Buffer,
  isOpen: boolean,
): string[] {
  const samples: string[] = [];
  reader.begin(body, isOpen);
  for (let found = reader.next(); found !== bodyEnd; found = reader.next()) {
    if (found === bodyMetadata) continue;
    if (found === bodyNewSeries) slots.set(reader.slot, reader.pairs().join(' '));
    samples.push(`${slots.get(reader.slot)} ${reader.numbers[0]} ${reader.numbers[1]}`);
  }
  return samples;
}

describe('bodies with damage', () => {
  for (const [name, isOpen, body] of [
    ['text', false, Buffer.from(text)],
    ['OpenMetrics', true, Buffer.from(openMetrics)],
  ] as const) {
    it(`${name}: are refused or read alike by both readers`, () => {
      fc.assert(
        fc.property(edits, (changes) => {
          const reader = new BodyReader();
          const slots = new Map<number, string>();
          known(reader, slots, body, isOpen);
          reader.commit();
          const wrong = edited(body, changes);
          const want = outcomeOf(() => plain(wrong, isOpen ? 'openmetrics' : 'text'));
          assert.deepEqual(
            outcomeOf(() => known(reader, slots, wrong, isOpen)),
            want,
          );
        }),
        // Found before: a tab where OpenMetrics wants a space.
        { numRuns: 3000, examples: [[[[87, 1, Buffer.from('\t')]]]] },
      );
    });
  }

  it('protobuf: are refused or read, never with another error', () => {
    fc.assert(
      fc.property(edits, (changes) => {
        outcomeOf(() => plain(edited(protobuf, changes), 'protobuf'));
      }),
      { numRuns: 3000 },
    );
  });
});
