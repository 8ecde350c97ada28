import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { isAppError, systemClock } from '#base';
import type { SinkConfig } from '../config/contract.ts';
import { Outbox } from '../outbox.ts';
import { isRefusal } from '../platforms/failures.ts';
import { openSink } from './open.ts';

interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const event = {
  message: {},
  data: {
    ...{ Kind: 'Pod', Namespace: 'shop', Name: 'web', Reason: 'BackOff', Level: 'error' },
    Title: 'v1/pods error',
  },
  timeMs: Date.UTC(2026, 2, 31, 12),
};
const told = { sources: ['a', 'b'], event };
const { signal } = new AbortController();

describe('sinks', () => {
  let server: Server;
  let base = '';
  const got: Got[] = [];
  let answers: { status: number; body: string; headers?: Record<string, string> }[] = [];

  before(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method = '', url = '', headers } = request;
      got.push({ method, url, headers, body });
      const { status, body: said, headers: more } = answers.shift() ?? { status: 200, body: '{}' };
      response.writeHead(status, more).end(said);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    got.length = 0;
    answers = [];
  });

  const send = (config: object, more: object = {}) =>
    openSink({ group: 'g', ...config } as SinkConfig, {
      ...{ clock: systemClock, clusterName: 'c1', env: {} },
      ...more,
    })(told, signal);

  it('a webhook gets source, data and time', async () => {
    await send({ kind: 'webhook', url: `${base}/hook?key=s3cret`, sources: [] });
    assert.equal(got[0]?.url, '/hook?key=s3cret');
    assert.match(got[0]?.headers['content-type'] ?? '', /^application\/json/);
    assert.deepEqual(JSON.parse(got[0]?.body ?? ''), {
      source: 'a,b',
      data: event.data,
      timeStamp: '2026-03-31T12:00:00.000Z',
    });
  });

  const outcomes: readonly (readonly [status: number, refused: boolean])[] = [
    [400, true],
    [404, true],
    [302, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ];
  for (const [status, refused] of outcomes) {
    it(`${status} is ${refused ? 'final' : 'tried again'}, and no secret is in what is said`, async () => {
      answers = [{ status, body: 'no' }];
      await assert.rejects(
        send({ kind: 'webhook', url: `${base}/hook/s3cret`, sources: [] }),
        (error) => {
          assert.ok(isAppError(error));
          assert.equal(isRefusal(error), refused);
          assert.doesNotMatch(error.message, /s3cret/);
          return new RegExp(`answers ${status}: no`).test(error.message);
        },
      );
    });
  }

  it('an address where nobody listens is tried again', async () => {
    await assert.rejects(
      send({ kind: 'webhook', url: 'http://127.0.0.1:1/s3cret', sources: [] }),
      (error) => isAppError(error, 'CHAT_SINK_FAILED') && !error.message.includes('s3cret'),
    );
  });

  it('PagerDuty gets an alert of trouble, and a change event of everything else', async () => {
    const pagerDuty = { kind: 'pagerDuty', integrationKey: 'key', apiUrl: base, sources: [] };
    answers = [{ status: 202, body: '{}' }];
    await send(pagerDuty);
    const alert = JSON.parse(got[0]?.body ?? '');
    assert.equal(got[0]?.url, '/v2/enqueue');
    assert.equal(alert.routing_key, 'key');
    assert.equal(alert.event_action, 'trigger');
    assert.match(alert.dedup_key, /^[0-9a-f]{64}$/);
    assert.equal(alert.payload.summary, '[c1] v1/pods error: shop/web (BackOff)');
    assert.equal(alert.payload.severity, 'error');
    const open = openSink(pagerDuty as unknown as SinkConfig, {
      ...{ clock: systemClock, clusterName: 'c1', env: {} },
    });
    const created = { ...event, data: { ...event.data, Level: 'info' } };
    await open({ sources: ['a'], event: created }, signal);
    assert.equal(got[1]?.url, '/v2/change/enqueue');
    assert.equal(JSON.parse(got[1]?.body ?? '').event_action, undefined);
  });

  const elastic = (more: object = {}): object => ({
    kind: 'elasticsearch',
    ...{ server: base, username: 'elastic', password: 'pw', awsSigning: undefined },
    indices: [
      { name: 'botkube', shards: 2, replicas: 1, sources: ['b'] },
      { name: 'other', shards: 1, replicas: 0, sources: ['c'] },
    ],
    sources: ['b', 'c'],
    ...more,
  });

  it('Elasticsearch gets a document in the index of the day', async () => {
    await send(elastic());
    const [made, bulk] = got;
    assert.deepEqual([made?.method, made?.url], ['PUT', '/botkube-2026-03-31']);
    assert.deepEqual(JSON.parse(made?.body ?? ''), {
      settings: { index: { number_of_shards: 2, number_of_replicas: 1 } },
    });
    assert.deepEqual([bulk?.method, bulk?.url], ['POST', '/_bulk']);
    assert.equal(bulk?.headers['content-type'], 'application/x-ndjson');
    assert.equal(
      bulk?.headers.authorization,
      `Basic ${Buffer.from('elastic:pw').toString('base64')}`,
    );
    const [action, document, end] = bulk?.body.split('\n') ?? [];
    assert.deepEqual(JSON.parse(action ?? ''), { index: { _index: 'botkube-2026-03-31' } });
    assert.deepEqual(JSON.parse(document ?? ''), {
      ...event.data,
      '@timestamp': '2026-03-31T12:00:00.000Z',
      sources: ['a', 'b'],
    });
    assert.equal(end, '');
  });

  it('Elasticsearch says which document it does not take', async () => {
    answers = [
      { status: 400, body: 'resource_already_exists_exception' },
      {
        status: 200,
        body: '{"errors":true,"items":[{"index":{"error":{"reason":"mapper_parsing"}}}]}',
      },
    ];
    await assert.rejects(send(elastic()), /takes no document: mapper_parsing/);
  });

  it('Elasticsearch of AWS gets signed requests', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
    await send(elastic({ awsSigning: { region: 'eu-west-1', roleArn: undefined } }), { env });
    for (const { headers } of got) {
      assert.match(
        headers.authorization ?? '',
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/es\/aws4_request/,
      );
    }
  });
});

describe('an outbox', () => {
  const clock = systemClock;
  const open = (send: (text: string) => Promise<void>, stopping: AbortSignal) => {
    const counts = { told: 0, dropped: [] as unknown[] };
    const outbox = new Outbox<string>({
      ...{ clock, stopping, isRefusal, send },
      told: () => {
        counts.told += 1;
      },
      dropped: (error) => counts.dropped.push(error),
    });
    return { outbox, counts };
  };

  it('keeps the order, and lets the oldest go when there is no room', async () => {
    const stopping = new AbortController();
    const sent: string[] = [];
    let isOpen: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      isOpen = resolve;
    });
    const { outbox, counts } = open(async (text) => {
      await gate;
      sent.push(text);
    }, stopping.signal);
    for (let at = 0; at < 250; at++) outbox.put(String(at));
    isOpen?.();
    await outbox[Symbol.asyncDispose]();
    // The first was on its way when there was no more room.
    assert.deepEqual(sent.slice(0, 3), ['0', '50', '51']);
    assert.equal(sent.at(-1), '249');
    assert.equal(sent.length, 201);
    assert.equal(counts.dropped.length, 50);
  });

  it('leaves out what is refused, and ends when it is stopped', async () => {
    const stopping = new AbortController();
    const sent: string[] = [];
    const { messageRefused } = await import('../platforms/failures.ts');
    const { outbox, counts } = open(async (text) => {
      if (text === 'bad') throw messageRefused('no');
      if (text === 'away') throw new Error('away');
      sent.push(text);
    }, stopping.signal);
    for (const text of ['bad', 'good', 'away', 'never']) outbox.put(text);
    while (sent.length === 0) await new Promise(setImmediate);
    stopping.abort();
    await outbox[Symbol.asyncDispose]();
    assert.deepEqual(sent, ['good']);
    assert.equal(counts.told, 1);
    assert.equal(counts.dropped.length, 1);
  });
});
