import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { type BatchSection, SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';
import { labelMatcher, labelsToRecord, SampleColumns } from '#metrics/model';
import { openMemoryMetricStore } from '#metrics/tsdb';
import { LogMetricAccumulator } from './accumulator.ts';
import { readEmbeddedMetrics } from './embedded-metrics.ts';
import { type LogMetricFilter, LogMetrics } from './index.ts';

function sectionOf(group: string, messages: readonly string[]): BatchSection {
  const builder = new SectionBuilder(group, 's');
  for (const message of messages) builder.add(1, message);
  return builder.finish();
}

async function open(filters: readonly LogMetricFilter[]) {
  let listener: (sections: readonly BatchSection[], nowMs: number) => void = () => {};
  const store = openMemoryMetricStore();
  const clock = new ManualClock(1_000_000);
  const runner = new LogMetrics(
    {},
    {
      logs: {
        onAppend: (given: typeof listener) => {
          listener = given;
          return () => {};
        },
      } as unknown as LogStore,
      store,
      filters: async () => filters,
      clock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
    },
  );
  await runner.start();
  const rows = async (): Promise<Record<string, number>> => {
    await runner.flush();
    const request = { matchers: [labelMatcher('__name__', '!=', '')], fromMs: 0, toMs: 2_000_000 };
    using selection = await store.select(request, new AbortController().signal);
    const columns = new SampleColumns();
    const found: Record<string, number> = {};
    for (let at = 0; at < selection.count; at++) {
      selection.read(at, columns);
      const { __name__: name, ...labels } = labelsToRecord(selection.labels(at));
      found[`${name}${JSON.stringify(labels)}`] = columns.values[columns.count - 1]!;
    }
    return found;
  };
  return {
    append: (group: string, messages: readonly string[]) =>
      listener([sectionOf(group, messages)], 0),
    rows,
    clock,
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

const filter = (
  pattern: string,
  transformation: Partial<LogMetricFilter['metricTransformations'][number]> = {},
): LogMetricFilter => ({
  logGroupName: 'g',
  filterName: 'f',
  filterPattern: pattern,
  metricTransformations: [
    { metricName: 'Errors', metricNamespace: 'My/App', metricValue: '1', ...transformation },
  ],
});

describe('LogMetrics', () => {
  it('counts what a filter matches, in its group only', async () => {
    await using rig = await open([filter('ERROR')]);
    rig.append('g', ['ERROR a', 'fine', 'an ERROR']);
    rig.append('other', ['ERROR b']);
    assert.deepEqual(await rig.rows(), { 'My_App_Errors_sum{}': 2, 'My_App_Errors_count{}': 2 });
  });

  it('takes values and dimensions out of events', async () => {
    await using rig = await open([
      filter('{ $.ms > 0 }', { metricValue: '$.ms', dimensions: { 'Path-Name': '$.path' } }),
    ]);
    rig.append('g', [
      '{"ms":5,"path":"/a"}',
      '{"ms":7,"path":"/a"}',
      '{"ms":1}',
      '{"ms":2,"path":"/b"}',
      '{"ms":"x"}',
    ]);
    assert.deepEqual(await rig.rows(), {
      'My_App_Errors_sum{"Path_Name":"/a"}': 12,
      'My_App_Errors_count{"Path_Name":"/a"}': 2,
      'My_App_Errors_sum{"Path_Name":"/b"}': 2,
      'My_App_Errors_count{"Path_Name":"/b"}': 1,
    });
  });

  it('gives the default value for a time with events and no match', async () => {
    await using rig = await open([filter('ERROR', { defaultValue: 0 })]);
    assert.deepEqual(await rig.rows(), {});
    rig.append('g', ['fine']);
    assert.deepEqual(await rig.rows(), { 'My_App_Errors_sum{}': 0, 'My_App_Errors_count{}': 1 });
  });

  it('reads embedded metrics, also in the line of a container', async () => {
    await using rig = await open([]);
    const event = {
      _aws: {
        Timestamp: 1,
        CloudWatchMetrics: [
          {
            Namespace: 'Shop',
            Dimensions: [['service'], []],
            Metrics: [{ Name: 'latency', Unit: 'Milliseconds' }, { Name: 'gone' }],
          },
        ],
      },
      service: 'cart',
      latency: [1, 3],
    };
    rig.append('g', [
      JSON.stringify(event),
      JSON.stringify({ log_processed: event }),
      '"CloudWatchMetrics" in a text',
    ]);
    assert.deepEqual(await rig.rows(), {
      'Shop_latency_sum{"log_group":"g"}': 8,
      'Shop_latency_count{"log_group":"g"}': 4,
      'Shop_latency_sum{"log_group":"g","service":"cart"}': 8,
      'Shop_latency_count{"log_group":"g","service":"cart"}': 4,
    });
  });
});

it('a namespace of metrics that is full leaves room for others, and gets room again', async () => {
  const values = new LogMetricAccumulator();
  const store = openMemoryMetricStore();
  const add = (namespace: string, series: number, nowMs: number): void => {
    for (let at = 0; at < series; at++) {
      const metric = { namespace, name: 'm', unit: 'None' };
      values.add(metric, [['d', `${at}`]], { sum: 1, count: 1 }, nowMs);
    }
  };
  add('Big', 12_000, 0);
  add('Small', 100, 0);
  assert.deepEqual([values.series, values.refused], [10_100, 2000]);
  const laterMs = 2 * 60 * 60_000;
  add('Small', 100, laterMs);
  await values.flush(store, laterMs);
  assert.equal(values.series, 100);
  add('Big', 10_000, laterMs);
  assert.deepEqual([values.series, values.refused], [10_100, 2000]);
});

describe('readEmbeddedMetrics()', () => {
  const f = (what: string, value: unknown, want: object | undefined): void =>
    void it(what, () => {
      const directive = { Namespace: 'N', Dimensions: [[]], Metrics: [{ Name: 'm' }] };
      const message = JSON.stringify({ CloudWatchMetrics: [directive], m: value });
      const { values, errors } = readEmbeddedMetrics(message) ?? assert.fail('it is one');
      const expected = { namespace: 'N', name: 'm', unit: 'None', dimensions: [], ...want };
      assert.deepEqual(values, want === undefined ? [] : [expected]);
      assert.equal(errors, want === undefined ? 1 : 0);
    });
  f('a number', 2.5, { sum: 2.5, count: 1 });
  f('a list', [1, 2], { sum: 3, count: 2 });
  f('a statistic set', { Max: 2, Min: 0, Count: 3, Sum: 4.5 }, { sum: 4.5, count: 3 });
  f('a statistic set without a sum', { Count: 3 }, undefined);
  f('an empty list', [], undefined);
  f('more than a hundred numbers', Array(101).fill(1), undefined);
  f('a text', '1', undefined);
  f('a list with a text', [1, '2'], undefined);

  it('counts references that lead nowhere and takes the older form', () => {
    const older = {
      CloudWatchMetrics: [{ Namespace: 'N', Dimensions: [['d']], Metrics: [{ Name: 'm' }] }],
      m: 1,
    };
    assert.deepEqual(readEmbeddedMetrics(JSON.stringify(older)), { values: [], errors: 1 });
    assert.deepEqual(readEmbeddedMetrics(JSON.stringify({ ...older, d: 'x' })), {
      values: [
        { namespace: 'N', name: 'm', unit: 'None', dimensions: [['d', 'x']], sum: 1, count: 1 },
      ],
      errors: 0,
    });
    assert.equal(readEmbeddedMetrics('{"a":1}'), undefined);
    assert.equal(readEmbeddedMetrics('no JSON'), undefined);
  });
});
