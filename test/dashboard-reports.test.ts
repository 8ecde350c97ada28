import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { startNunchi } from './clients/nunchi-process.ts';
import { eventually } from './eventually.ts';

const panel = (id: number, type: string, more: object): object => ({
  id,
  type,
  title: `${type} of $job`,
  datasource: { type: 'prometheus' },
  fieldConfig: { defaults: {}, overrides: [] },
  options: {},
  targets: [{ refId: 'A', expr: 'process_resident_memory_bytes{job="$job"}' }],
  gridPos: { x: ((id - 1) % 2) * 12, y: Math.floor((id - 1) / 2) * 7, w: 12, h: 7 },
  ...more,
});

const bytes = {
  defaults: {
    unit: 'bytes',
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'green' },
        { value: 1e12, color: 'red' },
      ],
    },
  },
  overrides: [],
};
const dashboard = {
  uid: 'self',
  title: 'Memory of $job',
  schemaVersion: 39,
  tags: [],
  time: { from: 'now-15m', to: 'now' },
  templating: {
    list: [
      {
        name: 'job',
        type: 'query',
        query: 'label_values(process_resident_memory_bytes, job)',
        current: { text: 'nunchi', value: 'nunchi' },
        datasource: { type: 'prometheus' },
      },
    ],
  },
  panels: [
    panel(1, 'timeseries', {
      fieldConfig: {
        ...bytes,
        overrides: [
          {
            matcher: { id: 'byType', options: 'number' },
            properties: [{ id: 'displayName', value: 'self' }],
          },
        ],
      },
    }),
    panel(2, 'stat', { fieldConfig: bytes }),
    panel(3, 'gauge', { fieldConfig: { ...bytes, defaults: { ...bytes.defaults, max: 1e9 } } }),
    panel(4, 'table', { targets: [{ refId: 'A', expr: 'up', instant: true, format: 'table' }] }),
    panel(5, 'bargauge', {
      targets: [{ refId: 'A', expr: 'topk(5, scrape_samples_scraped)', instant: true }],
    }),
    panel(6, 'geomap', {}),
  ],
};

interface DiscordBody {
  readonly text: string;
}

/** A Discord webhook: what it gets is a form with a picture. */
async function openHook() {
  const bodies: DiscordBody[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push({ text: Buffer.concat(chunks).toString('latin1') });
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    bodies,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('pictures of dashboards', () => {
  it('are drawn by the server, and sent to a receiver', async () => {
    await using hook = await openHook();
    const config = {
      server: { timeZone: 'Asia/Seoul' },
      alerting: {
        alertmanager: {
          route: { receiver: 'team' },
          receivers: [
            { name: 'team', discord_configs: [{ webhook_url: `${hook.url}/api/webhooks/1/x` }] },
          ],
        },
      },
    };
    await using server = await startNunchi({ config: JSON.stringify(config) });
    const post = async (path: string, body?: unknown): Promise<Response> =>
      await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const saved = await post('/api/dashboards/db', { dashboard, overwrite: true });
    assert.equal(saved.status, 200, await saved.text());
    // Its own series, once it has scraped itself.
    await eventually(async () => {
      const answer = await fetch(`${server.url}/api/v1/query?query=process_resident_memory_bytes`);
      const { data } = (await answer.json()) as { data: { result: unknown[] } };
      return data.result.length > 0 ? true : undefined;
    }, 60_000);
    const picture = await fetch(`${server.url}/nunchi/dashboards/self/picture.png?from=now-15m`);
    assert.equal(picture.status, 200);
    const png = Buffer.from(await picture.arrayBuffer());
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.equal(png.readUInt32BE(16), 2400);
    const one = await fetch(`${server.url}/nunchi/dashboards/self/picture.png?panel=1&theme=dark`);
    assert.equal(one.status, 200);
    const sized = await fetch(
      `${server.url}/render/d-solo/self/memory?panelId=panel-2&width=500&height=200&from=now-15m&to=now&tz=Asia%2FSeoul&var-job=nunchi&theme=light&orgId=1`,
    );
    assert.equal(sized.status, 200, sized.headers.get('content-type') ?? '');
    const rendered = Buffer.from(await sized.arrayBuffer());
    assert.deepEqual([rendered.readUInt32BE(16), rendered.readUInt32BE(20)], [500, 200]);
    // A query over a range has a first step after the first sample, a moment later than an instant one.
    const svg = await eventually(async () => {
      const drawn = await fetch(`${server.url}/nunchi/dashboards/self/picture.svg?from=now-15m`);
      assert.match(drawn.headers.get('content-type') ?? '', /^image\/svg\+xml/);
      const text = await drawn.text();
      return text.includes('>self<') ? text : undefined;
    }, 60_000);
    assert.match(svg, /stat of nunchi/);
    // The unit of the page: its own field config, not one of its own making.
    assert.match(svg, /\d MiB</);
    const nowhere = await fetch(`${server.url}/render/d-solo/self?panelId=x`);
    assert.equal(nowhere.status, 400);
    const missing = await fetch(`${server.url}/nunchi/dashboards/self/picture.png?panel=99`);
    assert.equal(missing.status, 400);

    const schedule = {
      title: 'Daily memory',
      dashboard: 'self',
      cron: '0 9 * * *',
      receiver: 'team',
    };
    const created = await post('/nunchi/reports', schedule);
    const report = (await created.json()) as {
      id: string;
      next: number;
      schedule: { timeZone: string };
    };
    assert.equal(created.status, 200);
    assert.equal(report.schedule.timeZone, 'Asia/Seoul');
    assert.equal(new Date(report.next).getUTCHours(), 0);
    const sent = await post(`/nunchi/reports/${report.id}/send`);
    assert.equal(sent.status, 204, await sent.text());
    assert.match(
      hook.bodies[0]?.text ?? '',
      /"title":"Daily memory","url":"http:\/\/[^"]+\/d\/self\?from=now-24h&to=now"/,
    );
    assert.match(hook.bodies[0]?.text ?? '', /filename="report\.png"/);
    const refused = await post('/nunchi/reports', { ...schedule, cron: 'every day' });
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /cron has five/);
    const nobody = await post('/nunchi/reports', { ...schedule, receiver: 'nobody' });
    const { id } = (await nobody.json()) as { id: string };
    const failed = await post(`/nunchi/reports/${id}/send`);
    assert.match(await failed.text(), /receiver \\"nobody\\" has no Slack/);
  });
});
