import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Labels, labelsOf, type MetricType } from '#metrics/model';
import { type ExpositionFormat, parseExposition } from './entries.ts';
import { escapeName, unescapeName } from './escaping.ts';
import { type WrittenFamily, writeExposition } from './writer.ts';

const written = (families: Iterable<WrittenFamily>, format: ExpositionFormat): Buffer =>
  Buffer.concat(
    [...writeExposition(families, { format, escaping: 'allow-utf-8' })].map((piece) =>
      Buffer.from(piece as string),
    ),
  );

const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => value.isWellFormed());
const name = fc
  .oneof(fc.constantFrom('a', 'b:c', 'x_total', 'd_seconds'), text)
  .filter((n) => n !== '');
const labels = fc
  .tuple(name, fc.dictionary(fc.oneof(fc.constantFrom('le2', 'job'), text), text, { maxKeys: 3 }))
  .map(([metric, rest]): Labels => {
    const pairs = Object.entries(rest).filter(([key]) => key !== '' && key !== '__name__');
    return labelsOf([['__name__', metric], ...pairs]);
  });

describe('writeExposition()', () => {
  for (const format of ['text', 'openmetrics', 'protobuf'] as const) {
    it(`${format}: what is parsed again is the same`, () => {
      const type = fc.constantFrom<MetricType>('gauge', 'unknown');
      const family = fc.record({
        labels,
        value: fc.double(),
        timeMs: fc.option(fc.integer({ min: 1, max: 2 ** 42 }), { nil: undefined }),
        type,
        help: text.filter((help) => help !== ''),
      });
      fc.assert(
        fc.property(fc.array(family, { maxLength: 5 }), (families) => {
          const body = written(
            families.map(({ labels: of, value, timeMs, type: kind, help }) => ({
              name: of[of.indexOf('__name__') + 1]!,
              metadata: { type: kind, help, unit: '' },
              samples: [{ labels: of, value, timeMs }],
            })),
            format,
          );
          const found = [...parseExposition(body, format)];
          const samples = found.flatMap((entry) =>
            entry.kind === 'sample'
              ? [[labelsOf(toPairs(entry.pairs)), entry.value, entry.timeMs]]
              : [],
          );
          assert.deepEqual(
            samples,
            families.map((one) => [one.labels, one.value, one.timeMs]),
          );
          const helps = found.flatMap((entry) => (entry.kind === 'help' ? [entry.text] : []));
          assert.deepEqual(
            helps,
            families.map(({ help }) => help),
          );
        }),
        { numRuns: 500 },
      );
    });
  }

  const histogram: WrittenFamily = {
    name: 'h_seconds',
    metadata: { type: 'histogram', help: 'Time', unit: 'seconds' },
    samples: [
      {
        labels: labelsOf([
          ['__name__', 'h_seconds_bucket'],
          ['le', '1'],
        ]),
        value: 1,
      },
      {
        labels: labelsOf([
          ['__name__', 'h_seconds_bucket'],
          ['le', '+Inf'],
        ]),
        value: 3,
      },
      { labels: labelsOf([['__name__', 'h_seconds_sum']]), value: 4.5 },
      { labels: labelsOf([['__name__', 'h_seconds_count']]), value: 3 },
    ],
  };

  it('writes a histogram in text', () => {
    assert.equal(
      written([histogram], 'text').toString(),
      '# HELP h_seconds Time\n# TYPE h_seconds histogram\nh_seconds_bucket{le="1.0"} 1\nh_seconds_bucket{le="+Inf"} 3\nh_seconds_sum 4.5\nh_seconds_count 3\n',
    );
  });

  it('writes units, counters with _total, exemplars and seconds in OpenMetrics', () => {
    const counter: WrittenFamily = {
      name: 'c_total',
      metadata: { type: 'counter', help: '', unit: '' },
      samples: [
        {
          labels: labelsOf([['__name__', 'c_total']]),
          value: 1,
          timeMs: 1500,
          exemplar: { labels: labelsOf([['t', 'u']]), value: 2, timeMs: 3000 },
        },
      ],
    };
    assert.equal(
      written([histogram, counter], 'openmetrics').toString(),
      '# HELP h_seconds Time\n# TYPE h_seconds histogram\n# UNIT h_seconds seconds\nh_seconds_bucket{le="1.0"} 1.0\nh_seconds_bucket{le="+Inf"} 3.0\nh_seconds_sum 4.5\nh_seconds_count 3.0\n# TYPE c counter\nc_total 1.0 1.5 # {t="u"} 2.0 3\n# EOF\n',
    );
  });

  it('writes and reads classic histograms, native ones and start times in protobuf', () => {
    const native = {
      schema: 3,
      zeroThreshold: 1e-128,
      zeroCount: 2,
      count: 12,
      sum: 18.4,
      positiveSpans: [
        { offset: -1, length: 2 },
        { offset: 3, length: 1 },
      ],
      positiveBuckets: [1, 2, 4],
      negativeSpans: [{ offset: 0, length: 1 }],
      negativeBuckets: [3],
      customValues: [],
      counterResetHint: 'unknown' as const,
    };
    const body = written(
      [
        histogram,
        {
          name: 'n',
          metadata: { type: 'histogram', help: '', unit: '' },
          samples: [
            {
              labels: labelsOf([
                ['__name__', 'n'],
                ['a', 'b'],
              ]),
              value: 0,
              histogram: native,
              startTimeMs: 1500,
            },
          ],
        },
      ],
      'protobuf',
    );
    const samples = [...parseExposition(body, 'protobuf', { nativeHistograms: true })].filter(
      (entry) => entry.kind === 'sample',
    );
    assert.deepEqual(
      samples.map(({ pairs, value }) => [pairs.join(' '), value]),
      [
        ['__name__ h_seconds_count', 3],
        ['__name__ h_seconds_sum', 4.5],
        ['__name__ h_seconds_bucket le 1.0', 1],
        ['__name__ h_seconds_bucket le +Inf', 3],
        ['__name__ n a b', 0],
      ],
    );
    assert.deepEqual(samples[4]?.histogram, native);
    assert.equal(samples[4]?.startTimeMs, 1500);
  });

  it('hands over pieces, not a body', () => {
    const samples = Array.from({ length: 5000 }, (_, i) => ({
      labels: labelsOf([
        ['__name__', 'm'],
        ['i', String(i)],
      ]),
      value: i,
    }));
    const pieces = [
      ...writeExposition([{ name: 'm', samples }], { format: 'text', escaping: 'underscores' }),
    ];
    assert.ok(pieces.length > 1 && pieces.every((piece) => piece.length < 40_000));
  });
});

describe('convert classic histograms', () => {
  const convert = (body: string, keepClassicHistograms = false): string[] =>
    [
      ...parseExposition(Buffer.from(body), 'text', {
        convertClassicHistograms: true,
        keepClassicHistograms,
      }),
    ].flatMap((entry) => {
      if (entry.kind !== 'sample') return [];
      const { histogram } = entry;
      if (histogram === undefined) return [`${entry.pairs.join(' ')} ${entry.value}`];
      const { count, sum, positiveBuckets, customValues } = histogram;
      return [`${entry.pairs.join(' ')} ${count} ${sum} [${positiveBuckets}] [${customValues}]`];
    });
  const body =
    '# TYPE h histogram\nh_bucket{a="b",le="1"} 1\nh_bucket{a="b",le="2"} 3\nh_bucket{a="b",le="+Inf"} 4\nh_sum{a="b"} 5\nh_count{a="b"} 4\n# TYPE g gauge\ng 1\n';
  it('makes one native histogram of the series of each', () => {
    assert.deepEqual(convert(body), ['__name__ h a b 4 5 [1,2,1] [1,2]', '__name__ g 1']);
    assert.equal(convert(body, true).length, 7);
  });
  it('leaves a histogram that does not fit together as it is', () => {
    assert.equal(convert(body.replace('"2"} 3', '"2"} 0')).length, 6);
  });
});

describe('escapeName()', () => {
  const f = (name: string, ...want: string[]): void =>
    void it(name, () => {
      assert.deepEqual(
        (['allow-utf-8', 'underscores', 'dots', 'values'] as const).map((scheme) =>
          escapeName(name, scheme, true),
        ),
        want,
      );
    });
  f(
    'http.request/time',
    'http.request/time',
    'http_request_time',
    'http_dot_request__time',
    'U__http_2e_request_2f_time',
  );
  f(
    'no:escaping_required',
    'no:escaping_required',
    'no:escaping_required',
    'no:escaping__required',
    'no:escaping_required',
  );
  f('0ab', '0ab', '_ab', '__ab', 'U___30_ab');
  it('unescapeName() undoes it', () => {
    fc.assert(
      fc.property(text, (original) => {
        const escaped = escapeName(original, 'values', true);
        if (escaped !== original) assert.equal(unescapeName(escaped), original);
      }),
    );
  });
});

function toPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at]!, flat[at + 1]!]);
  return pairs;
}
