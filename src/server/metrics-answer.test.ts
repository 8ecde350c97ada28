import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MetricsRegistry } from '#base';
import { parseExposition } from '#metrics/exposition';
import { metricsAnswer } from './metrics-answer.ts';

const metrics = new MetricsRegistry();
metrics.counter('c_total', 'Counts').add(3, { a: 'b' });
metrics.gauge('g', 'A "quoted" gauge').set(0.5);
metrics.histogram('h_seconds', 'Times', [1, 2]).observe(1.5);
const text = metrics.render();

const samplesOf = (body: Buffer | string, format: 'text' | 'openmetrics' | 'protobuf'): string[] =>
  [...parseExposition(Buffer.from(body as string), format)]
    .flatMap((entry) =>
      entry.kind === 'sample' ? [`${entry.pairs.join(' ')} ${entry.value}`] : [],
    )
    .sort();

it('metricsAnswer() says the same in each format', async () => {
  const want = samplesOf(text, 'text');
  const plain = await metricsAnswer(text, undefined);
  assert.equal(plain.body, text);
  const open = await metricsAnswer(
    text,
    'application/openmetrics-text;version=1.0.0,text/plain;q=0.5',
  );
  assert.match(open.contentType, /^application\/openmetrics-text; version=1\.0\.0/);
  assert.match(open.body.toString(), /# TYPE c counter\nc_total\{a="b"\} 3\.0\n[\s\S]*# EOF\n$/);
  assert.deepEqual(samplesOf(open.body, 'openmetrics'), want);
  const proto = await metricsAnswer(
    text,
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,*/*;q=0.1',
  );
  assert.deepEqual(samplesOf(proto.body, 'protobuf'), want);
  assert.equal((await metricsAnswer(text, '*/*, application/openmetrics-text;q=0')).body, text);
});
