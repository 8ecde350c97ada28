import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ScrapeConfig } from '#metrics/config';
import { labelsOfRecord, labelsToRecord } from '#metrics/model';
import { reportLabels, sampleLabels } from './sample-labels.ts';
import { nextSlotMs, offsetMs, stampMs } from './schedule.ts';
import { job, targetOf } from './scrape.fixture.ts';
import { buildTargets } from './target.ts';

describe('buildTargets()', () => {
  const f = (title: string, yaml: string, labels: Record<string, string>, want: object): void =>
    void it(title, () => {
      const [built] = buildTargets(job(yaml), {
        source: '',
        targets: [labels],
        labels: { g: 'group' },
      });
      const seen =
        built?.kind === 'target'
          ? { url: built.target.url, ...labelsToRecord(built.target.labels) }
          : built?.kind === 'invalid'
            ? { error: built.message }
            : { dropped: true };
      assert.deepEqual(seen, want);
    });
  const plain = { g: 'group', instance: 'h:1', job: 'j' };
  f(
    'fills in job, instance and URL',
    '',
    { __address__: 'h:1' },
    { url: 'http://h:1/metrics', ...plain },
  );
  f(
    'keeps what discovery says',
    '',
    { __address__: 'h', job: 'x', instance: 'y', g: 'own' },
    { url: 'http://h/metrics', g: 'own', instance: 'y', job: 'x' },
  );
  f(
    'takes __ labels away after relabelling',
    'relabel_configs: [{source_labels: [__meta_a], target_label: a}]',
    { __address__: 'h:1', __meta_a: 'v', __tmp: 'w' },
    { url: 'http://h:1/metrics', a: 'v', ...plain },
  );
  f(
    'drops',
    'relabel_configs: [{source_labels: [g], regex: group, action: drop}]',
    { __address__: 'h:1' },
    { dropped: true },
  );
  f(
    'makes the URL of scheme, path and params',
    'scheme: https\nmetrics_path: /a?b\nparams: {z: [1, 2], a: ["x y&"]}',
    { __address__: 'h:1' },
    { url: 'https://h:1/a%3Fb?a=x+y%26&z=1&z=2', ...plain },
  );
  f(
    'relabelled params replace the first value',
    'params: {module: [a, b]}\nrelabel_configs: [{replacement: c, target_label: __param_module}, {replacement: d, target_label: __param_target}]',
    { __address__: 'h:1' },
    { url: 'http://h:1/metrics?module=c&module=b&target=d', ...plain },
  );
  f('needs an address', '', { a: 'b' }, { error: 'no address' });
  f(
    'refuses a URL as address',
    '',
    { __address__: 'http://h' },
    { error: '"http://h" is not a valid hostname' },
  );
  f(
    'reads interval and time-out from labels',
    '',
    { __address__: 'h:1', __scrape_interval__: 'x' },
    { error: 'error parsing scrape interval: not a valid duration string: "x"' },
  );
  f(
    'an interval of 0',
    '',
    { __address__: 'h:1', __scrape_interval__: '0s' },
    { error: 'scrape interval cannot be 0' },
  );
  f(
    'a time-out of 0',
    '',
    { __address__: 'h:1', __scrape_timeout__: '0s' },
    { error: 'scrape timeout cannot be 0' },
  );
  f(
    'a time-out above the interval',
    '',
    { __address__: 'h:1', __scrape_interval__: '10s', __scrape_timeout__: '20s' },
    { error: 'scrape timeout cannot be greater than scrape interval ("20s" > "10s")' },
  );

  it('labels may be called like anything', () => {
    const [built] = buildTargets(job(), {
      source: '',
      targets: [{ __address__: 'h:1' }],
      labels: { constructor: 'c', toString: 't' },
    });
    assert.ok(built?.kind === 'target');
    assert.ok(built.target.labels.join().includes('constructor,c'));
    assert.ok(built.target.labels.join().includes('toString,t'));
  });

  it('takes interval, time-out, socket and histograms from labels', () => {
    const target = targetOf(job('scrape_native_histograms: true'), {
      __scrape_interval__: '1m30s',
      __scrape_timeout__: '1500ms',
      __unix_socket__: '/run/x.sock',
      __always_scrape_classic_histograms__: 'true',
    });
    assert.equal(target.intervalMs, 90_000);
    assert.equal(target.timeoutMs, 1500);
    assert.equal(target.socketPath, '/run/x.sock');
    assert.equal(target.hasNativeHistograms, true);
    assert.equal(target.keepsClassicHistograms, true);
  });
});

describe('sampleLabels()', () => {
  const target = labelsOfRecord({ instance: 'i', job: 'j' });
  const f = (
    title: string,
    yaml: string,
    pairs: string[],
    want: Record<string, string> | undefined,
  ): void =>
    void it(title, () => {
      const found = sampleLabels(['__name__', 'm', ...pairs], target, job(yaml));
      assert.deepEqual(found && { ...labelsToRecord(found) }, want);
    });
  const mine = { __name__: 'm', instance: 'i', job: 'j' };
  f('adds the target', '', [], mine);
  f('renames what conflicts', '', ['job', 'x', 'exported_job', 'y'], {
    ...mine,
    exported_job: 'y',
    exported_exported_job: 'x',
  });
  f('an empty scraped label is no conflict', '', ['job', ''], mine);
  f('honor_labels', 'honor_labels: true', ['job', 'x'], { ...mine, job: 'x' });
  f('honor_labels: an empty value removes the target label', 'honor_labels: true', ['job', ''], {
    __name__: 'm',
    instance: 'i',
  });
  f(
    'drops by metric relabelling',
    'metric_relabel_configs: [{source_labels: [__name__], regex: m, action: drop}]',
    [],
    undefined,
  );

  it('is the same with and without a rule that does nothing', () => {
    const text = fc.constantFrom(
      '',
      'a',
      'b',
      'job',
      'instance',
      'le',
      'zone',
      '__x',
      '가',
      '\u{1f600}',
    );
    const idle = job('metric_relabel_configs: [{source_labels: [none], regex: x, action: drop}]');
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (labels) => {
        const pairs = ['__name__', 'm', ...labels.flat()];
        const outcome = (config: ScrapeConfig): unknown => {
          try {
            return sampleLabels(pairs, target, config);
          } catch (error) {
            return String(error);
          }
        };
        assert.deepEqual(outcome(job()), outcome(idle));
      }),
    );
  });

  const bad = (yaml: string, pairs: string[], message: string): void =>
    void it(`refuses: ${message}`, () =>
      assert.throws(() => sampleLabels(['__name__', 'm', ...pairs], target, job(yaml)), {
        message,
      }));
  bad('', ['a', '1', 'a', '2'], 'label name "a" is not unique: invalid sample');
  bad(
    'metric_relabel_configs: [{regex: __name__, action: labeldrop}]',
    [],
    'missing metric name (__name__ label)',
  );
  bad(
    'metric_name_validation_scheme: legacy',
    ['a.b', '1'],
    'invalid metric name or label names: m{"a.b"="1", instance="i", job="j"}',
  );
  bad(
    'label_limit: 3',
    ['a', '1'],
    'label_limit exceeded (metric: m, number of labels: 4, limit: 3)',
  );
  bad(
    'label_name_length_limit: 8',
    ['aaaaaaaaa', '1'],
    'label_name_length_limit exceeded (metric: m, label name: aaaaaaaaa, length: 9, limit: 8)',
  );
  bad(
    'label_value_length_limit: 2',
    ['a', '123'],
    'label_value_length_limit exceeded (metric: m, label name: a, value: "123", length: 3, limit: 2)',
  );

  it('reportLabels() lets the report win its name', () => {
    const found = reportLabels('up', labelsOfRecord({ __name__: 'x', job: 'j' }));
    assert.deepEqual(
      { ...labelsToRecord(found) },
      { __name__: 'x', exported___name__: 'up', job: 'j' },
    );
  });
});

describe('schedule', () => {
  it('offsets are steady, within the interval, and differ by seed', () => {
    const first = offsetMs('key', 15_000, 1n);
    assert.equal(offsetMs('key', 15_000, 1n), first);
    assert.notEqual(offsetMs('key', 15_000, 2n), first);
    assert.ok(first >= 0 && first < 15_000);
  });
  it('slots are whole intervals apart', () => {
    assert.equal(nextSlotMs(100_000, 5000, 15_000), 110_000);
    assert.equal(nextSlotMs(110_000, 5000, 15_000), 110_000);
    assert.equal(nextSlotMs(110_001, 5000, 15_000), 125_000);
  });
  it('a stamp near its slot is set right', () => {
    assert.equal(stampMs(1000, 1015, 15_000), 1000);
    assert.equal(stampMs(1000, 1025, 15_000), 1025);
    assert.equal(stampMs(1000, 1005.4, 100), 1005);
  });
});
