import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AgentEvent, Output } from '../../contract.ts';
import { checkText, eventOf } from '../../fluentbit/testing.ts';
import { cutUtf8, splitBatches } from './batches.ts';

interface Call {
  readonly operation: string;
  readonly body: Record<string, unknown> & { logEvents?: { timestamp: number; message: string }[] };
  readonly headers: http.IncomingHttpHeaders;
}

/** `answer` gives the error type for a call, or the body of a success. */
async function serve(answer: (call: Call, index: number) => string | object | undefined) {
  const calls: Call[] = [];
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    const call = {
      operation,
      body: JSON.parse(Buffer.concat(parts).toString()),
      headers: request.headers,
    };
    calls.push(call);
    const result = answer(call, calls.length - 1);
    if (typeof result === 'string')
      response
        .writeHead(400)
        .end(JSON.stringify({ __type: `com.amazonaws#${result}`, message: 'no' }));
    else response.writeHead(200).end(JSON.stringify(result ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    calls,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function outputOf(port: number, lines: string): Output {
  const section = lines
    .trim()
    .split('\n')
    .map((line) => `  ${line.trim()}\n`)
    .join('');
  const { config, problems } = checkText(
    `[OUTPUT]\n  Match *\n  region us-east-1\n  endpoint http://127.0.0.1:${port}\n${section}`,
    {
      env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    },
  );
  assert.deepEqual(problems, []);
  return config.pipeline.outputs[0]!.output;
}

const never = new AbortController().signal;
const deliver = (output: Output, events: readonly AgentEvent[], id = 1) =>
  output.deliver({ id, tag: 'a.b.c', events, bytes: 1 }, never);
const plain = 'Name cloudwatch_logs\nlog_group_name g\nlog_stream_prefix p-';

describe('cloudwatch_logs output', () => {
  it('creates group with class and retention, then the stream, then puts', async () => {
    const groups = new Set<string>();
    await using server = await serve(({ operation, body }) => {
      if (operation === 'CreateLogGroup') groups.add(String(body['logGroupName']));
      return operation === 'CreateLogStream' && !groups.has(String(body['logGroupName']))
        ? 'ResourceNotFoundException'
        : undefined;
    });
    const output = outputOf(
      server.port,
      `${plain}\nauto_create_group on\nlog_retention_days 14\nlog_group_class INFREQUENT_ACCESS\nlog_format json/emf`,
    );
    assert.deepEqual(await deliver(output, [eventOf('{"log":"x"}'), eventOf('{}')]), {
      kind: 'ok',
    });
    await output.close?.();
    assert.deepEqual(
      server.calls.map(({ operation, body }) => [operation, body]),
      [
        ['CreateLogStream', { logGroupName: 'g', logStreamName: 'p-a.b.c' }],
        ['CreateLogGroup', { logGroupName: 'g', logGroupClass: 'INFREQUENT_ACCESS' }],
        ['PutRetentionPolicy', { logGroupName: 'g', retentionInDays: 14 }],
        ['CreateLogStream', { logGroupName: 'g', logStreamName: 'p-a.b.c' }],
        [
          'PutLogEvents',
          {
            logGroupName: 'g',
            logStreamName: 'p-a.b.c',
            logEvents: [{ timestamp: 1711334519633, message: '{"log":"x"}' }],
          },
        ],
      ],
    );
    assert.equal(server.calls.at(-1)!.headers['x-amzn-logs-format'], 'json/emf');
  });
  it('sends only what was not accepted when a chunk comes again', async () => {
    let failOnce = true;
    await using server = await serve(({ operation, body }) => {
      if (operation !== 'PutLogEvents' || body['logStreamName'] !== 'two' || !failOnce)
        return undefined;
      failOnce = false;
      return 'ThrottlingException';
    });
    const output = outputOf(
      server.port,
      'Name cloudwatch_logs\nlog_group_name g\nlog_stream_name x\nlog_stream_template $s',
    );
    const events = ['one', 'two', 'three'].map((name) => eventOf(`{"s":"${name}"}`));
    assert.equal((await deliver(output, events)).kind, 'retry');
    assert.deepEqual(await deliver(output, events), { kind: 'ok' });
    await output.close?.();
    const puts = server.calls
      .filter(({ operation }) => operation === 'PutLogEvents')
      .map(({ body }) => body['logStreamName']);
    assert.deepEqual(puts, ['one', 'two', 'two', 'three']);
  });
  it('makes a deleted stream again and resends', async () => {
    let gone = true;
    await using server = await serve(({ operation }) => {
      if (operation !== 'PutLogEvents' || !gone) return undefined;
      gone = false;
      return 'ResourceNotFoundException';
    });
    const output = outputOf(server.port, plain);
    assert.deepEqual(await deliver(output, [eventOf('{"log":"x"}')]), { kind: 'ok' });
    await output.close?.();
    assert.deepEqual(
      server.calls.map(({ operation }) => operation),
      ['CreateLogStream', 'PutLogEvents', 'CreateLogStream', 'PutLogEvents'],
    );
  });
  const f = (code: string, want: string): void =>
    void it(`takes ${code} as ${want}`, async () => {
      await using server = await serve(({ operation }) =>
        operation === 'PutLogEvents' ? code : undefined,
      );
      const output = outputOf(server.port, plain);
      assert.equal((await deliver(output, [eventOf('{"log":"x"}')])).kind, want);
      await output.close?.();
    });
  f('ThrottlingException', 'retry');
  f('ServiceUnavailableException', 'retry');
  f('ExpiredTokenException', 'retry');
  f('DataAlreadyAcceptedException', 'ok');
  f('InvalidParameterException', 'drop');

  it('sends one key as it is, and falls back where a template has no answer', async () => {
    await using server = await serve(() => undefined);
    const output = outputOf(
      server.port,
      "Name cloudwatch_logs\nlog_group_name g\nlog_group_template $k['ns'].app\nlog_stream_name s\nlog_key log",
    );
    await deliver(output, [
      eventOf('{"log":"plain text","k":{"ns":"n"}}'),
      eventOf('{"log":{"a":1.0}}'),
      eventOf('{"x":1}'),
    ]);
    await output.close?.();
    const puts = server.calls.filter(({ operation }) => operation === 'PutLogEvents');
    assert.deepEqual(
      puts.map(({ body }) => [body['logGroupName'], body.logEvents!.map(({ message }) => message)]),
      [
        ['n.app', ['plain text']],
        ['g', ['{"a":1.0}']],
      ],
    );
  });
  it('adds the entity and takes its words out of the message', async () => {
    await using server = await serve(() => undefined);
    const output = outputOf(server.port, `${plain}\nadd_entity true`);
    await deliver(output, [
      eventOf(
        '{"log":"x","aws_entity_account_id":"1","kubernetes":{"pod_name":"w","namespace_name":"n","aws_entity_platform":"eks","aws_entity_cluster":"c","aws_entity_workload":"web","host":"h"}}',
      ),
    ]);
    await output.close?.();
    const { body } = server.calls.at(-1)!;
    assert.equal(
      body.logEvents![0]!.message,
      '{"log":"x","kubernetes":{"pod_name":"w","namespace_name":"n","host":"h"}}',
    );
    assert.deepEqual(body['entity'], {
      keyAttributes: { Type: 'Service', Name: 'web', Environment: 'eks:c/n', AwsAccountId: '1' },
      attributes: {
        PlatformType: 'AWS::EKS',
        'EKS.Cluster': 'c',
        'K8s.Namespace': 'n',
        'K8s.Node': 'h',
        'K8s.Workload': 'web',
        'AWS.ServiceNameSource': 'K8sWorkload',
      },
    });
  });
  it('reads the templates of the Go plugin', async () => {
    await using server = await serve(() => undefined);
    const output = outputOf(
      server.port,
      "Name cloudwatch\nlog_group_name /x/$(k['ns'])\nlog_stream_name $(tag[1]).$(tag[2])-$(host)",
    );
    await deliver(output, [eventOf('{"host":"h","k":{"ns":"n"}}')]);
    await output.close?.();
    assert.deepEqual(
      [server.calls[0]!.body['logGroupName'], server.calls[0]!.body['logStreamName']],
      ['/x/n', 'b.c-h'],
    );
  });
  it('retries while nobody answers', async () => {
    assert.equal((await deliver(outputOf(1, plain), [eventOf('{"log":"x"}')])).kind, 'retry');
  });
  it('wants one of stream name and prefix', () => {
    const { problems } = checkText(
      '[OUTPUT]\n  Name cloudwatch_logs\n  Match *\n  region r\n  log_group_name g\n',
    );
    assert.match(problems[0]!, /one of log_stream_name and log_stream_prefix is required/);
  });
});

describe('splitBatches()', () => {
  it('keeps every event, in time order, within the limits of a call', () => {
    const event = fc.record({
      timestampMs: fc.integer({ min: 0, max: 3 * 86_400_000 }),
      message: fc.constantFrom('한'.repeat(100_000), 'a'.repeat(400_000), 'short'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const batches = splitBatches(events);
        assert.equal(batches.flat().length, events.length);
        for (const batch of batches) {
          const times = batch.map(({ timestampMs }) => timestampMs);
          assert.deepEqual(
            times,
            times.toSorted((a, b) => a - b),
          );
          assert.ok(times.at(-1)! - times[0]! < 86_400_000);
          assert.ok(
            batch.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0) <=
              1_048_576,
          );
        }
      }),
      { numRuns: 30 },
    );
  });
  it('takes 10,000 events a call', () =>
    assert.deepEqual(
      splitBatches(Array.from({ length: 10_001 }, () => ({ timestampMs: 1, message: 'abc' }))).map(
        ({ length }) => length,
      ),
      [10_000, 1],
    ));
});

describe('cutUtf8()', () => {
  it('cuts between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, bytes) => {
        const cut = cutUtf8(text, bytes);
        assert.ok(
          Buffer.byteLength(cut) <= bytes && text.startsWith(cut) && !cut.includes('\ufffd'),
        );
      }),
    );
  });
});
