import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { labelMatcher, labelsOfRecord, labelsToRecord, setStaleAt, wordsOf } from '#metrics/model';
import {
  firstDroppedSeries,
  type MetricStore,
  openMemoryMetricStore,
  SampleBatch,
} from '#metrics/tsdb';
import { openStateStore } from '#state';
import { type DropRule, DropRules } from './index.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-drop-'));
after(() => rmSync(dataDir, { recursive: true, force: true }));
const signal = new AbortController().signal;
const drop = (regex: string, ...sourceLabels: string[]): DropRule => ({
  action: 'drop',
  sourceLabels: sourceLabels.length === 0 ? ['__name__'] : sourceLabels,
  regex,
});

let folder = 0;
async function opened(): Promise<{
  rules: DropRules;
  store: MetricStore;
  reopen(): Promise<DropRules>;
  close(): Promise<void>;
}> {
  const state = await openStateStore({ dataDir: join(dataDir, String(folder++)) });
  const store = openMemoryMetricStore({ outOfOrderWindowMs: 0 });
  const deps = { state, store, clock: new ManualClock(1e12), log: silentLogger };
  const open = (): Promise<DropRules> =>
    DropRules.open({ ...deps, metrics: new MetricsRegistry() });
  const rules = await open();
  return {
    rules,
    store,
    reopen: open,
    close: async () => {
      await rules[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
    },
  };
}

const namesIn = async (store: MetricStore): Promise<readonly string[]> =>
  await store.labelValues(
    '__name__',
    { matcherSets: [], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER },
    signal,
  );

const samplesIn = async (store: MetricStore): Promise<number> => {
  using selection = await store.select(
    { matchers: [labelMatcher('__name__', '=~', '.+')], fromMs: 0, toMs: 2e12 },
    signal,
  );
  return selection.count;
};

describe('drop rules', () => {
  it('keep series out from the next batch on, count them, and let them in again', async () => {
    const { rules, store, close } = await opened();
    const { ingest } = rules;
    const keep = ingest.seriesRef(labelsOfRecord({ __name__: 'keep' }));
    const noise = ingest.seriesRef(labelsOfRecord({ __name__: 'noise' }));
    const batch = new SampleBatch();
    const fill = (timeMs: number, a = keep, b = noise): void => {
      batch.clear();
      batch.add(a, timeMs, 1);
      batch.add(b, timeMs, 2);
    };
    fill(1e12);
    assert.equal((await ingest.append(batch)).appended, 2);
    const rule = await rules.add(drop('noi.*'), 'me');
    // References from before count as forgotten, once.
    fill(1e12 + 1);
    const refused = await ingest.append(batch);
    assert.deepEqual(refused.unknown, [0, 1]);
    const keepNow = ingest.seriesRef(labelsOfRecord({ __name__: 'keep' }));
    const noiseNow = ingest.seriesRef(labelsOfRecord({ __name__: 'noise' }));
    assert.equal(keepNow, keep);
    assert.ok(noiseNow >= firstDroppedSeries);
    fill(1e12 + 2, keepNow, noiseNow);
    const { appended, unwantedSamples, unknown } = await ingest.append(batch);
    assert.deepEqual([appended, unwantedSamples, unknown], [1, 1, []]);
    assert.deepEqual(rules.list()[0]?.dropped, { samples: 1, series: 1, lastMs: 1e12 });
    assert.ok(await rules.remove(rule.id, 'me'));
    assert.equal(await rules.remove(rule.id, 'me'), false);
    fill(1e12 + 3, keepNow, noiseNow);
    assert.deepEqual((await ingest.append(batch)).unknown, [0, 1]);
    assert.equal(ingest.seriesRef(labelsOfRecord({ __name__: 'noise' })), noise);
    assert.deepEqual(await namesIn(store), ['keep', 'noise']);
    await close();
  });

  it('let a marker of a series pass that was known before', async () => {
    const { rules, close } = await opened();
    const ref = rules.ingest.seriesRef(labelsOfRecord({ __name__: 'noise' }));
    const batch = new SampleBatch();
    batch.add(ref, 1e12, 1);
    await rules.ingest.append(batch);
    await rules.add(drop('noise'), 'me');
    batch.clear();
    batch.add(ref, 1e12 + 1, 0);
    setStaleAt(wordsOf(batch.values), 0);
    assert.equal((await rules.ingest.append(batch)).appended, 1);
    await close();
  });

  it('take labels off, and leave what the program says of itself', async () => {
    const { rules, store, close } = await opened();
    await rules.add({ action: 'labeldrop', sourceLabels: [], regex: 'uid' }, 'me');
    await rules.add(drop('a', 'job'), 'me');
    const batch = new SampleBatch();
    batch.add(rules.ingest.seriesRef(labelsOfRecord({ __name__: 'x', uid: '1' })), 1e12, 1);
    const up = labelsOfRecord({ __name__: 'up', job: 'a' });
    batch.add(rules.ingest.ownSeriesRef?.(up) ?? 0, 1e12, 1);
    batch.add(rules.ingest.seriesRef(up), 1e12, 1);
    assert.equal((await rules.ingest.append(batch)).unwantedSamples, 1);
    const query = { matcherSets: [], fromMs: 0, toMs: 2e12 };
    assert.deepEqual(
      (await store.series(query, signal)).map((labels) => ({ ...labelsToRecord(labels) })),
      [{ __name__: 'up', job: 'a' }, { __name__: 'x' }],
    );
    await close();
  });

  it('are there after a restart, say what they would meet, and leave as YAML', async () => {
    const { rules, reopen, close } = await opened();
    const batch = new SampleBatch();
    for (const pod of ['a', 'b', 'c']) {
      const ref = rules.ingest.seriesRef(labelsOfRecord({ __name__: 'm', pod, job: 'j' }));
      batch.add(ref, 1e12, 1);
    }
    await rules.ingest.append(batch);
    assert.deepEqual(await rules.preview(drop('a|b', 'pod'), signal), {
      series: 2,
      metrics: [{ name: 'm', series: 2 }],
      jobs: [{ name: 'j', series: 2 }],
      isCut: false,
    });
    const labelDrop = { action: 'labeldrop', sourceLabels: [], regex: 'pod' } as const;
    assert.equal((await rules.preview(labelDrop, signal)).series, 3);
    await rules.add(drop("it's a\\|b", 'pod'), 'me');
    assert.equal((await rules.add(drop("it's a\\|b", 'pod'), 'you')).createdBy, 'me');
    const again = await reopen();
    assert.equal(again.list().length, 1);
    assert.equal(
      again.yaml(),
      "metric_relabel_configs:\n  - source_labels:\n      - pod\n    regex: it's a\\|b\n    action: drop\n",
    );
    await again[Symbol.asyncDispose]();
    await close();
  });

  it('read labels that come as bytes', async () => {
    const { rules, close } = await opened();
    const text = Buffer.from('xx__name__noisekind값');
    const view = new DataView(text.buffer, text.byteOffset, text.length);
    const places = Uint32Array.of(2, 10, 10, 15, 15, 19, 19, 22);
    const asked = (): number => rules.ingest.seriesRefOfBytes({ view, places, count: 2 });
    assert.ok(asked() < firstDroppedSeries);
    await rules.add(drop('값', 'kind'), 'me');
    assert.ok(asked() >= firstDroppedSeries);
    assert.equal(rules.list()[0]?.dropped.series, 1);
    await close();
  });

  it('refuse what is no rule', async () => {
    const { rules, close } = await opened();
    await assert.rejects(rules.add(drop('('), 'me'), { code: 'DROP_RULE_INVALID' });
    await assert.rejects(rules.add({ ...drop('a'), sourceLabels: [] }, 'me'), {
      code: 'DROP_RULE_INVALID',
    });
    await close();
  });

  it('take exactly the samples that they should, wherever they stand in a batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (isNoise) => {
        const store = openMemoryMetricStore({ outOfOrderWindowMs: 0 });
        const state = await openStateStore({ dataDir: join(dataDir, String(folder++)) });
        await using rules = await DropRules.open({
          state,
          store,
          clock: new ManualClock(1e12),
          log: silentLogger,
          metrics: new MetricsRegistry(),
        });
        await rules.add(drop('noise', 'kind'), 'me');
        const batch = new SampleBatch();
        for (const [i, noisy] of isNoise.entries()) {
          const kind = noisy ? 'noise' : 'signal';
          const labels = labelsOfRecord({ __name__: 'm', kind, i: String(i) });
          batch.add(rules.ingest.seriesRef(labels), 1e12, i);
        }
        const result = await rules.ingest.append(batch);
        const kept = isNoise.filter((noisy) => !noisy).length;
        assert.deepEqual(
          [result.appended, result.unwantedSamples ?? 0],
          [kept, isNoise.length - kept],
        );
        assert.equal(await samplesIn(store), kept);
        await store[Symbol.asyncDispose]();
        await state[Symbol.asyncDispose]();
      }),
      { numRuns: 15 },
    );
  });
});
