import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BodyReader, bodyEnd, bodyMetadata, bodyNewSeries } from './body-reader.ts';
import { parseExposition } from './entries.ts';

interface Seen {
  readonly samples: string[];
  readonly newSeries: number;
}

/** Samples as the reader sees them, by what each slot was said to be. */
function readBody(
  reader: BodyReader,
  slots: Map<number, string>,
  body: string,
  isOpenMetrics = false,
): Seen {
  const samples: string[] = [];
  let newSeries = 0;
  reader.begin(Buffer.from(body), isOpenMetrics);
  for (let found = reader.next(); found !== bodyEnd; found = reader.next()) {
    if (found === bodyMetadata) continue;
    if (found === bodyNewSeries) {
      newSeries++;
      slots.set(reader.slot, reader.pairs().join(' '));
    }
    const [value, timeMs] = reader.numbers;
    samples.push(`${slots.get(reader.slot)} ${value} ${timeMs}`);
  }
  return { samples, newSeries };
}

const plain = (body: string, isOpenMetrics = false): string[] =>
  [...parseExposition(Buffer.from(body), isOpenMetrics ? 'openmetrics' : 'text')].flatMap(
    (entry) =>
      entry.kind === 'sample'
        ? [`${entry.pairs.join(' ')} ${entry.value} ${entry.timeMs ?? Number.NaN}`]
        : [],
  );

const series = fc.constantFrom(
  'a',
  'ab',
  'a{b="c"}',
  'a{b="d"}',
  'a{b="d",le="1"}',
  'h_bucket{le="1"}',
  'h_bucket{le="2"}',
  'h_bucket{le="+Inf"}',
  's{quantile="0.5"}',
  '{"a.b",c="d"}',
  'a {b="c"}',
  'a{b="가"}',
  '  a',
);
const value = fc.oneof(
  fc.constantFrom('0', '1', '-1', 'NaN', '+Inf', '-Inf', '1e3', '1.5', '0.1', '+1', '1E-7'),
  fc.double({ noNaN: true }).map(String),
  fc.integer().map(String),
);
const time = fc.constantFrom('', '', '', ' 0', ' 1700000000000', '\t5', ' 12345678901234567', ' ');
const line = fc.oneof(
  { arbitrary: fc.tuple(series, value, time).map(([s, v, t]) => `${s} ${v}${t}`), weight: 6 },
  {
    arbitrary: fc.constantFrom(
      '# TYPE h histogram',
      '# TYPE a gauge',
      '# TYPE s summary',
      '# HELP a some',
      '# note',
      '',
    ),
    weight: 2,
  },
);

/** Successive bodies: each is the last one with some lines changed, removed or added. */
const bodies = fc.array(
  fc.tuple(fc.array(line, { maxLength: 12 }), fc.nat(12), fc.nat(4), fc.boolean()),
  { minLength: 1, maxLength: 6 },
);

describe('BodyReader', () => {
  it('sees in each of successive bodies what the plain parser sees', () => {
    fc.assert(
      fc.property(bodies, (steps) => {
        const reader = new BodyReader();
        const slots = new Map<number, string>();
        let lines: string[] = [];
        for (const [fresh, at, removed, isWhole] of steps) {
          lines = [...lines];
          lines.splice(Math.min(at, lines.length), removed, ...fresh);
          const body = lines.join('\n') + (isWhole ? '\n' : '');
          assert.deepEqual(readBody(reader, slots, body).samples, plain(body));
          reader.commit();
          // The same body again has nothing new, and changes nothing.
          const again = readBody(reader, slots, body);
          assert.deepEqual(again.samples, plain(body));
          assert.equal(again.newSeries, 0);
          assert.equal(reader.hasChanged, false);
          reader.commit();
        }
      }),
      { numRuns: 400 },
    );
  });

  it('forgets a refused body and goes on with what it knew', () => {
    const reader = new BodyReader();
    const slots = new Map<number, string>();
    readBody(reader, slots, 'a 1\nb 2\n');
    reader.commit();
    assert.throws(() => readBody(reader, new Map(slots), 'a 1\nc 3\nb 2 x\n'), /expected/);
    reader.abandon();
    const seen = readBody(reader, slots, 'a 4\nb 5\n');
    assert.deepEqual(seen, { samples: ['__name__ a 4 NaN', '__name__ b 5 NaN'], newSeries: 0 });
    assert.equal(reader.hasChanged, false);
  });

  it('gives the slots of series that are gone to new ones', () => {
    const reader = new BodyReader();
    const slots = new Map<number, string>();
    for (let round = 0; round < 50; round++) {
      const body = Array.from({ length: 10 }, (_, i) => `m{n="${round * 5 + i}"} ${i}`).join('\n');
      assert.equal(readBody(reader, slots, body).newSeries, round === 0 ? 10 : 5);
      reader.commit();
    }
    assert.ok(reader.slotCount <= 20, `${reader.slotCount} slots for 10 series`);
    assert.equal([...reader.knownSlots()].length, 10);
  });

  it('notices series that are missing at the end', () => {
    const reader = new BodyReader();
    const slots = new Map<number, string>();
    readBody(reader, slots, 'a 1\nb 2\n');
    reader.commit();
    readBody(reader, slots, 'a 1\n');
    assert.equal(reader.hasChanged, true);
    reader.commit();
    assert.deepEqual([...reader.knownSlots()].length, 1);
  });

  it('needs # EOF of OpenMetrics in each body, and reads its exemplars and seconds', () => {
    const reader = new BodyReader();
    const slots = new Map<number, string>();
    const body = '# TYPE a counter\na_total 1 # {t="u"} 2 3\nb 2 1.5\n# EOF\n';
    for (let round = 0; round < 2; round++) {
      reader.begin(Buffer.from(body), true);
      assert.equal(reader.next() === bodyMetadata, round === 0);
      if (round === 0) reader.next();
      assert.deepEqual(reader.exemplarPairs(reader.exemplar!), ['t', 'u']);
      assert.equal(reader.exemplar?.timeMs, 3000);
      reader.next();
      assert.equal(reader.exemplar, undefined);
      assert.deepEqual([...reader.numbers], [2, 1500]);
      assert.equal(reader.next(), bodyEnd);
      reader.commit();
    }
    assert.throws(
      () => readBody(reader, slots, body.replace('# EOF\n', ''), true),
      /data does not end with # EOF/,
    );
  });
});
