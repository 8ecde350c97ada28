import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { ManualClock } from '#base';
import { compress, encodeLokiProto, encodeOtlpLogsProto, noAttributes } from '#wire';
import { lokiEdge } from './loki.ts';
import { otlpEdge } from './otlp.ts';
import { serveEdge, testDeps, until } from './testing.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);
const nowNs = BigInt(nowMs) * 1_000_000n;

describe('lokiEdge()', () => {
  const push = async (body: string | Uint8Array, headers: Record<string, string>) => {
    const deps = testDeps(new ManualClock(nowMs));
    await using server = await serveEdge(lokiEdge(deps));
    const response = await fetch(`${server.url}/loki/api/v1/push`, {
      method: 'POST',
      body: body as string,
      headers,
    });
    return { status: response.status, text: await response.text(), events: deps.store.events };
  };
  const json = { 'content-type': 'application/json' };

  it('takes JSON; labels join a JSON line', async () => {
    const { status, events } = await push(
      JSON.stringify({
        streams: [
          {
            stream: { job: 'api', pod: 'a:1' },
            values: [
              [String(nowNs), '{"msg":"hi","big":12345678901234567890}'],
              [String(nowNs), 'plain'],
              [String(nowNs), 'with', { trace: 't' }],
            ],
          },
        ],
      }),
      json,
    );
    assert.equal(status, 204);
    assert.deepEqual(events[0], {
      group: '/nunchi/loki/api',
      stream: '{job="api", pod="a_1"}',
      timeMs: nowMs,
      message: '{"msg":"hi","big":12345678901234567890,"labels":{"job":"api","pod":"a:1"}}',
    });
    assert.equal(events[1]!.message, 'plain');
    assert.deepEqual(JSON.parse(events[2]!.message), {
      line: 'with',
      labels: { job: 'api', pod: 'a:1' },
      metadata: { trace: 't' },
    });
  });

  it('takes gzip JSON and snappy protobuf', async () => {
    const text = JSON.stringify({ streams: [{ stream: {}, values: [[String(nowNs), 'x']] }] });
    const gzipped = await push(gzipSync(text), { ...json, 'content-encoding': 'gzip' });
    assert.equal(gzipped.events[0]!.group, '/nunchi/loki/default');
    const proto = encodeLokiProto([
      {
        labels: new Map([['namespace', 'shop']]),
        entries: [{ timestampNs: nowNs, line: '한글', metadata: undefined }],
      },
    ]);
    const snappy = await push(await compress('snappy', proto), {
      'content-type': 'application/x-protobuf',
    });
    assert.equal(snappy.status, 204);
    assert.deepEqual(snappy.events[0], {
      group: '/nunchi/loki/shop',
      stream: '{namespace="shop"}',
      timeMs: nowMs,
      message: '한글',
    });
  });

  it('puts impossible times to the time of arrival', async () => {
    const far = String((BigInt(nowMs) + 90_000_000n) * 1_000_000n);
    const { events } = await push(
      JSON.stringify({
        streams: [
          {
            stream: {},
            values: [
              ['5', 'old'],
              [far, 'future'],
            ],
          },
        ],
      }),
      json,
    );
    assert.deepEqual(
      events.map(({ timeMs }) => timeMs),
      [nowMs, nowMs],
    );
  });

  it('refuses with words', async () => {
    const bad = await push('{"streams":[{"values":[[1]]}]}', json);
    assert.equal(bad.status, 400);
    assert.match(bad.text, /streams\[0\]\.values\[0\]/);
    assert.equal((await push('junk', { 'content-type': 'application/x-protobuf' })).status, 400);
  });

  it('takes what pino-loki sends', async () => {
    const deps = testDeps();
    await using server = await serveEdge(lokiEdge(deps));
    const { pinoLoki } = await import('pino-loki');
    const { pino } = await import('pino');
    const transport = pinoLoki({ host: server.url, batching: false, labels: { job: 'pino-test' } });
    const log = pino({}, transport as unknown as import('pino').DestinationStream);
    log.info({ order: 7 }, '주문');
    await until('the line is stored', () => deps.store.events.length > 0);
    (transport as unknown as { end(): void }).end();
    const [event] = deps.store.events;
    assert.equal(event!.group, '/nunchi/loki/pino-test');
    const message = JSON.parse(event!.message) as {
      msg: string;
      order: number;
      labels: { job: string };
    };
    assert.equal(message.msg, '주문');
    assert.equal(message.labels.job, 'pino-test');
  });
});

describe('otlpEdge()', () => {
  for (const kind of ['proto', 'http'] as const) {
    it(`takes what exporter-logs-otlp-${kind} sends, gzip too`, async () => {
      const deps = testDeps();
      await using server = await serveEdge(otlpEdge(deps));
      const { OTLPLogExporter } =
        kind === 'proto'
          ? await import('@opentelemetry/exporter-logs-otlp-proto')
          : await import('@opentelemetry/exporter-logs-otlp-http');
      const exporter = new OTLPLogExporter({
        url: `${server.url}/v1/logs`,
        compression: 'gzip' as never,
      });
      const provider = new LoggerProvider({
        resource: resourceFromAttributes({
          'service.name': 'checkout',
          'k8s.pod.name': 'checkout-1',
        }),
        processors: [new SimpleLogRecordProcessor({ exporter })],
      });
      provider.getLogger('cart').emit({
        severityNumber: SeverityNumber.ERROR,
        body: '결제 실패',
        attributes: { amount: 12.5 },
      });
      await provider.forceFlush();
      await provider.shutdown();
      assert.equal(deps.store.events.length, 1);
      const { group, stream, message } = deps.store.events[0]!;
      assert.deepEqual([group, stream], ['/nunchi/otlp/checkout', 'checkout-1']);
      assert.deepEqual(JSON.parse(message), {
        severity: 'ERROR',
        severityNumber: 17,
        body: '결제 실패',
        attributes: { amount: 12.5 },
        scope: 'cart',
        resource: { 'service.name': 'checkout', 'k8s.pod.name': 'checkout-1' },
      });
    });
  }

  const post = async (body: string | Uint8Array, type: string, fullFor = 0) => {
    const deps = testDeps(new ManualClock(nowMs));
    deps.store.fullFor = fullFor;
    await using server = await serveEdge(otlpEdge(deps));
    const response = await fetch(`${server.url}/v1/logs`, {
      method: 'POST',
      body: body as string,
      headers: { 'content-type': type },
    });
    return { response, body: Buffer.from(await response.arrayBuffer()), events: deps.store.events };
  };

  it('keeps bare text as it is', async () => {
    const bytes = encodeOtlpLogsProto([
      {
        resource: noAttributes,
        scopeLogs: [
          {
            scopeName: '',
            scopeVersion: '',
            scopeAttributes: noAttributes,
            logRecords: [
              {
                timeUnixNano: 0n,
                observedTimeUnixNano: nowNs,
                severityNumber: 0,
                severityText: '',
                body: 'bare',
                attributes: noAttributes,
                droppedAttributesCount: 0,
                flags: 0,
                traceId: '',
                spanId: '',
                eventName: '',
              },
            ],
          },
        ],
      },
    ]);
    const { response, body, events } = await post(bytes, 'application/x-protobuf');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/x-protobuf');
    assert.equal(body.length, 0);
    assert.deepEqual(events, [
      { group: '/nunchi/otlp/unknown_service', stream: 'default', timeMs: nowMs, message: 'bare' },
    ]);
  });

  it('answers errors as the protocol says', async () => {
    assert.equal((await post('{', 'application/json')).response.status, 400);
    const proto = await post(Buffer.from([0xff]), 'application/x-protobuf');
    assert.equal(proto.response.status, 400);
    assert.equal(proto.body[0], 0x08);
    assert.equal((await post('x', 'text/plain')).response.status, 415);
    const full = await post(
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}',
      'application/json',
      1,
    );
    assert.equal(full.response.status, 503);
    assert.equal(full.response.headers.get('retry-after'), '5');
  });

  it('an empty request is a success', async () =>
    assert.equal((await post('{}', 'application/json')).body.toString(), '{}'));
});
