import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricsRegistry } from './self-metrics.ts';

describe('MetricsRegistry.render()', () => {
  it('writes a counter without labels from 0', () => {
    const metrics = new MetricsRegistry();
    const counter = metrics.counter('nunchi_x_total', 'Things.');
    assert.match(metrics.render(), /^nunchi_x_total 0$/m);
    counter.add(2);
    assert.match(metrics.render(), /^nunchi_x_total 2$/m);
  });

  it('drops the bare zero once a counter has labelled series', () => {
    const metrics = new MetricsRegistry();
    metrics.counter('nunchi_x_total', 'Things.').add(1, { kind: 'a' });
    const text = metrics.render();
    assert.match(text, /^nunchi_x_total\{kind="a"\} 1$/m);
    assert.doesNotMatch(text, /^nunchi_x_total 0$/m);
  });

  it('escapes label values and help', () => {
    const metrics = new MetricsRegistry();
    metrics.gauge('nunchi_g', 'One\ntwo').set(1, { path: 'a"b\\c\nd' });
    assert.match(metrics.render(), /# HELP nunchi_g One\\ntwo\n/);
    assert.ok(metrics.render().includes('nunchi_g{path="a\\"b\\\\c\\nd"} 1'));
  });

  it('writes cumulative buckets, sum and count', () => {
    const metrics = new MetricsRegistry();
    const histogram = metrics.histogram('nunchi_h_seconds', 'Time.', [1, 2]);
    for (const value of [0.5, 1, 1.5, 9]) histogram.observe(value, { route: '/' });
    const lines = metrics.render().split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('nunchi_h_seconds')),
      [
        'nunchi_h_seconds_bucket{route="/",le="1"} 2',
        'nunchi_h_seconds_bucket{route="/",le="2"} 3',
        'nunchi_h_seconds_bucket{route="/",le="+Inf"} 4',
        'nunchi_h_seconds_sum{route="/"} 12',
        'nunchi_h_seconds_count{route="/"} 4',
      ],
    );
  });

  it('asks collectors at scrape time', () => {
    const metrics = new MetricsRegistry();
    let depth = 1;
    metrics.collected('nunchi_depth', 'Depth.', 'gauge', () => [{ value: depth }]);
    depth = 7;
    assert.match(metrics.render(), /^nunchi_depth 7$/m);
  });

  it('bounds the series of a family', () => {
    const metrics = new MetricsRegistry();
    const counter = metrics.counter('nunchi_x_total', 'Things.');
    for (let i = 0; i < 5000; i++) counter.add(1, { client: String(i) });
    assert.ok(metrics.render().split('\n').length < 2100);
  });

  it('refuses a counter that goes down and a family of two kinds', () => {
    const metrics = new MetricsRegistry();
    assert.throws(() => metrics.counter('nunchi_x_total', 'Things.').add(-1), /went down/);
    assert.throws(() => metrics.gauge('nunchi_x_total', 'Things.'), /is a counter/);
  });
});
