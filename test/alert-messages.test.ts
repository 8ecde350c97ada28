import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { startNunchi } from './clients/nunchi-process.ts';
import { eventually } from './eventually.ts';

const group = '/aws/containerinsights/prod/application';
const stream = `node-1-application.var.log.containers.api-1_shop_main-${'a'.repeat(64)}.log`;

interface SlackBody {
  readonly text: string;
  readonly attachments?: readonly { readonly text: string }[];
  readonly blocks?: readonly {
    readonly type: string;
    readonly image_url?: string;
    readonly text?: { readonly text: string };
  }[];
}

/** A Slack webhook that takes everything. */
async function openSlack() {
  const bodies: SlackBody[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as SlackBody);
    response.end('ok');
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

describe('a message about an alert of a rule', () => {
  it('has its value, a chart that can be fetched, the last lines of the pod and links', async () => {
    await using slack = await openSlack();
    const config = {
      server: { publicUrl: 'https://nunchi.example.com', timeZone: 'Asia/Seoul' },
      alerting: {
        alertmanager: {
          route: { receiver: 'r', group_by: ['alertname'], group_wait: '2s' },
          receivers: [{ name: 'r', slack_configs: [{ api_url: slack.url, channel: '#alerts' }] }],
        },
      },
    };
    const expression = 'label_replace(vector(3), "pod", "api-1", "", "") > 2';
    await using server = await startNunchi({ config: JSON.stringify(config) });
    const ingest = `${server.url}/nunchi/logs/ingest/${encodeURIComponent(group)}/${encodeURIComponent(stream)}`;
    const lines = await fetch(ingest, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'starting\npassword=hunter2 refused\n',
    });
    assert.equal(lines.status, 200, await lines.text());
    const posted = await fetch(`${server.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([
        {
          labels: {
            alertname: 'TooMany',
            namespace: 'shop',
            pod: 'api-1',
            container: 'main',
            severity: 'warning',
          },
          annotations: { summary: 'Too many of them' },
          generatorURL: `https://nunchi.example.com/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`,
        },
      ]),
    });
    assert.equal(posted.status, 200);
    const { text, blocks = [] } = await eventually(() => slack.bodies[0]);
    assert.equal(text, '🟠 TooMany · shop: 1 firing');
    const all = JSON.stringify(blocks);
    assert.match(all, /Value \*3 &gt; 2\*/);
    assert.match(all, /starting\\npassword=•••• refused/);
    assert.doesNotMatch(all, /hunter2/);
    assert.match(all, /https:\/\/nunchi\.example\.com\/kubernetes\/pod\?namespace=shop&pod=api-1/);
    const image = blocks.find(({ type }) => type === 'image')?.image_url ?? '';
    const { pathname } = new URL(image);
    const picture = await fetch(`${server.url}${pathname}`);
    assert.equal(picture.headers.get('content-type'), 'image/png');
    assert.equal(
      Buffer.from(await picture.arrayBuffer())
        .subarray(1, 4)
        .toString(),
      'PNG',
    );
    const other = await fetch(`${server.url}/nunchi/pictures/${'A'.repeat(22)}.png`);
    assert.equal(other.status, 404);
  });
});
