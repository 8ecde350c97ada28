import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import fc from 'fast-check';
import {
  decodeOtlpLogsJson,
  decodeOtlpLogsProto,
  decodeOtlpLogsResponseJson,
  decodeOtlpLogsResponseProto,
  encodeOtlpLogsJson,
  encodeOtlpLogsProto,
  encodeOtlpLogsResponseJson,
  encodeOtlpLogsResponseProto,
  type OtlpLogRecord,
  type OtlpResourceLogs,
  type OtlpValue,
} from './index.ts';

/** Records with the prototype that literals have, so that deepEqual can compare them. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const text = fc.string({ unit: 'binary', maxLength: 200 }).map((value) => value.toWellFormed());
const { value: anyValue } = fc.letrec<{ value: OtlpValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    text,
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.double(),
    fc.uint8Array({ maxLength: 50 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  ) as fc.Arbitrary<OtlpValue>,
}));
const attributes = fc
  .array(fc.tuple(text, anyValue), { maxLength: 4 })
  .map((pairs) => new Map(pairs));
const hexId = (size: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((b) => Buffer.from(b).toString('hex'));
const nanos = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const record: fc.Arbitrary<OtlpLogRecord> = plain({
  timeUnixNano: nanos,
  observedTimeUnixNano: nanos,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: text,
  body: anyValue,
  attributes,
  droppedAttributesCount: fc.nat(1000),
  flags: fc.nat(0xffffffff),
  traceId: fc.oneof(fc.constant(''), hexId(16)),
  spanId: fc.oneof(fc.constant(''), hexId(8)),
  eventName: text,
});
const request: fc.Arbitrary<OtlpResourceLogs[]> = fc.array(
  plain({
    resource: attributes,
    scopeLogs: fc.array(
      plain({
        scopeName: text,
        scopeVersion: text,
        scopeAttributes: attributes,
        logRecords: fc.array(record, { maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
  }),
  { maxLength: 2 },
);

describe('OTLP logs', () => {
  it('protobuf brings back any request', () => {
    fc.assert(
      fc.property(request, (value) => {
        assert.deepEqual(decodeOtlpLogsProto(encodeOtlpLogsProto(value)), value);
      }),
    );
  });

  it('JSON brings back any request', () => {
    fc.assert(
      fc.property(request, (value) => {
        assert.deepEqual(decodeOtlpLogsJson(encodeOtlpLogsJson(value)), value);
      }),
    );
  });

  it('answers with a partial success in both forms', () => {
    const partial = { rejectedLogRecords: 300, errorMessage: '두 건은 너무 오래됨' };
    assert.deepEqual(decodeOtlpLogsResponseProto(encodeOtlpLogsResponseProto(partial)), partial);
    assert.deepEqual(decodeOtlpLogsResponseJson(encodeOtlpLogsResponseJson(partial)), partial);
    assert.equal(encodeOtlpLogsResponseProto(undefined).length, 0);
    assert.equal(decodeOtlpLogsResponseJson('{}'), undefined);
  });

  it('never throws anything but WIRE_INVALID on random bytes', () => {
    const valid = encodeOtlpLogsProto(fc.sample(request, { numRuns: 1, seed: 7 })[0]!);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(valid.length),
        fc.nat(255),
        (noise, at, byte) => {
          const damaged = Buffer.from(valid);
          if (at < damaged.length) damaged[at] = byte;
          for (const input of [noise, damaged, damaged.subarray(0, at)]) {
            try {
              decodeOtlpLogsProto(input);
            } catch (error) {
              assert.equal((error as { code?: string }).code, 'WIRE_INVALID', String(error));
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never throws anything but WIRE_INVALID on random JSON', () => {
    const key = fc.constantFrom('resourceLogs', 'scopeLogs', 'logRecords', 'body', 'attributes');
    fc.assert(
      fc.property(fc.json(), key, (inner, name) => {
        for (const input of [
          inner,
          `{"${name}":${inner}}`,
          `{"resourceLogs":[{"${name}":[${inner}]}]}`,
        ]) {
          try {
            decodeOtlpLogsJson(input);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'WIRE_INVALID', String(error));
          }
        }
      }),
    );
  });

  it('refuses nesting without end', () => {
    let body = '{"stringValue":"x"}';
    for (let i = 0; i < 1000; i++) body = `{"arrayValue":{"values":[${body}]}}`;
    const doc = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${body}}]}]}]}`;
    assert.throws(() => decodeOtlpLogsJson(doc), { code: 'WIRE_INVALID', message: /nested/ });
  });

  it('takes the enum name of a severity and numbers for times', () => {
    const [{ scopeLogs }] = decodeOtlpLogsJson(
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1700000000000000000,"severityNumber":"SEVERITY_NUMBER_WARN2"}]}]}]}',
    ) as [OtlpResourceLogs];
    const [first] = scopeLogs[0]!.logRecords;
    assert.equal(first!.timeUnixNano, 1700000000000000000n);
    assert.equal(first!.severityNumber, 14);
  });
});

describe('OpenTelemetry for JavaScript', () => {
  for (const kind of ['proto', 'http'] as const) {
    it(`exporter-logs-otlp-${kind} is read as it was meant`, async () => {
      const bodies: Uint8Array[] = [];
      const { createServer } = await import('node:http');
      const server = createServer((req, res) => {
        const parts: Buffer[] = [];
        req.on('data', (part: Buffer) => parts.push(part));
        req.on('end', () => {
          bodies.push(Buffer.concat(parts));
          res
            .writeHead(200, { 'content-type': req.headers['content-type'] })
            .end(kind === 'http' ? '{}' : '');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const url = `http://127.0.0.1:${port}/v1/logs`;
      const { OTLPLogExporter } =
        kind === 'proto'
          ? await import('@opentelemetry/exporter-logs-otlp-proto')
          : await import('@opentelemetry/exporter-logs-otlp-http');
      const provider = new LoggerProvider({
        resource: resourceFromAttributes({ 'service.name': 'checkout' }),
        processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url }) })],
      });
      provider.getLogger('cart', '1.2').emit({
        timestamp: 1_700_000_000_123,
        severityNumber: SeverityNumber.ERROR,
        severityText: 'ERROR',
        body: '결제 실패',
        attributes: { amount: 12.5, retries: 3, tags: ['a', 'b'], nested: { ok: true } },
      });
      await provider.forceFlush();
      await provider.shutdown();
      server.close();
      assert.equal(bodies.length, 1);
      const decoded =
        kind === 'proto'
          ? decodeOtlpLogsProto(bodies[0]!)
          : decodeOtlpLogsJson(Buffer.from(bodies[0]!).toString());
      const [{ resource, scopeLogs }] = decoded as [OtlpResourceLogs];
      assert.equal(resource.get('service.name'), 'checkout');
      assert.equal(scopeLogs[0]!.scopeName, 'cart');
      const [first] = scopeLogs[0]!.logRecords;
      assert.equal(first!.timeUnixNano, 1_700_000_000_123_000_000n);
      assert.equal(first!.severityNumber, 17);
      assert.equal(first!.body, '결제 실패');
      assert.deepEqual(
        [...first!.attributes],
        [
          ['amount', 12.5],
          ['retries', 3],
          ['tags', ['a', 'b']],
          ['nested', new Map([['ok', true]])],
        ],
      );
      // And what we write from it is byte for byte what the exporter wrote.
      if (kind === 'proto')
        assert.deepEqual(decodeOtlpLogsProto(encodeOtlpLogsProto(decoded)), decoded);
    });
  }
});
