import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { compress } from 'snappy';
import { encodeWriteV1 } from '#metrics/remote';
import { type NunchiProcess, startNunchi } from './clients/nunchi-process.ts';
import { eventually } from './eventually.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-drop-rules-'));
const target = createServer((_request, response) =>
  response
    .setHeader('content-type', 'text/plain')
    .end('wanted 1\nnoise{way="scrape"} 1\nnoise{way="scrape",n="2"} 1\n'),
);
after(() => {
  target.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Rules of people over a real server: scrape, remote write and OTLP, live, and after a restart. */
it('a drop rule keeps series out whichever way they come, until it is removed', async () => {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const { port } = target.address() as AddressInfo;
  const config = JSON.stringify({
    agent: { enabled: false },
    metrics: {
      prometheus: {
        global: { scrape_interval: '200ms' },
        scrape_configs: [{ job_name: 'j', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }],
      },
    },
  });
  const start = (): Promise<NunchiProcess> =>
    startNunchi({ config, dataDir: join(folder, 'data') });
  const rule = { action: 'drop', sourceLabels: ['__name__'], regex: 'noise' };
  {
    await using server = await start();
    const api = clientOf(server.url);
    await eventually(async () => ((await api.ways()).length === 1 ? true : undefined));
    await api.push();
    assert.deepEqual(await api.ways(), ['otlp', 'scrape', 'write']);
    const preview = await api.call('POST', '/preview', rule);
    assert.equal(preview.series, 4);
    assert.deepEqual(preview.metrics, [{ name: 'noise', series: 4 }]);
    await api.call('POST', '', rule);
    // Scrape ends its series with a marker; a sample that others send again is refused silently.
    await eventually(async () => ((await api.ways()).includes('scrape') ? undefined : true));
    const before = await api.lastTimes();
    await api.push();
    assert.deepEqual(await api.lastTimes(), before);
    assert.equal(await api.value('wanted'), 1);
    assert.equal(await api.value('up'), 1);
    // The report of a scrape tells of what is left.
    assert.equal(await api.value('scrape_samples_post_metric_relabeling'), 1);
    const { dropped } = (await api.call('GET', '')).rules[0]!;
    assert.ok(dropped.samples >= 4, JSON.stringify(dropped));
    assert.equal(dropped.series, 4);
    const own = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(own, /nunchi_metric_drop_rule_samples_total\{rule="[^"]+"\} [1-9]/);
    assert.equal(
      await (await fetch(`${server.url}/nunchi/metrics/drop-rules.yaml`)).text(),
      'metric_relabel_configs:\n  - source_labels:\n      - __name__\n    regex: noise\n    action: drop\n',
    );
  }
  await using server = await start();
  const api = clientOf(server.url);
  await eventually(async () => {
    const [held] = (await api.call('GET', '')).rules;
    return (held?.dropped.samples ?? 0) > 0 ? true : undefined;
  });
  const [held] = (await api.call('GET', '')).rules;
  await api.call('DELETE', `/${held?.id}`);
  await eventually(async () => ((await api.ways()).includes('scrape') ? true : undefined));
  assert.deepEqual((await api.call('GET', '')).rules, []);
});

interface Answer {
  readonly series: number;
  readonly metrics: unknown;
  readonly rules: readonly {
    readonly id: string;
    readonly dropped: { readonly samples: number; readonly series: number };
  }[];
}

function clientOf(url: string) {
  const query = async (
    expr: string,
  ): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
    return ((await answer.json()) as { data: { result: [] } }).data.result;
  };
  const sent = async (response: Response): Promise<void> =>
    assert.ok(response.ok, `${response.status} ${await response.text()}`);
  return {
    call: async (method: string, path: string, body?: unknown): Promise<Answer> => {
      const response = await fetch(`${url}/nunchi/metrics/drop-rules${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      assert.ok(response.ok, text);
      return (text === '' ? {} : JSON.parse(text)) as Answer;
    },
    /** One sample by remote write and one by OTLP, both of now. */
    push: async (): Promise<void> => {
      const series = {
        labels: ['__name__', 'noise', 'way', 'write'],
        samples: [{ timeMs: Date.now(), value: 1 }],
      };
      await sent(
        await fetch(`${url}/api/v1/write`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
          body: new Uint8Array(await compress(encodeWriteV1([series]))),
        }),
      );
      const point = {
        asDouble: 1,
        timeUnixNano: `${Date.now()}000000`,
        attributes: [{ key: 'way', value: { stringValue: 'otlp' } }],
      };
      const metric = { name: 'noise', gauge: { dataPoints: [point] } };
      await sent(
        await fetch(`${url}/v1/metrics`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] }),
        }),
      );
    },
    /** The ways in which the series came that are there now. */
    ways: async (): Promise<readonly string[]> =>
      (await query('group by (way) (noise)')).map(({ metric }) => metric['way'] ?? '').sort(),
    lastTimes: async (): Promise<readonly string[]> =>
      (await query('timestamp(noise)')).map(({ metric, value }) => `${metric['way']} ${value[1]}`),
    value: async (expr: string): Promise<number> => Number((await query(expr))[0]?.value[1]),
  };
}
