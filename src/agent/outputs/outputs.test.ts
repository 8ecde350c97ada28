import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import { systemClock } from '#base';
import { decodeMsgpack, decodeOtlpLogsProto, type MsgpackTime } from '#wire';
import type { AgentEvent, Chunk, Input, Output } from '../contract.ts';
import { checkText, eventOf } from '../fluentbit/testing.ts';
import { printJsonRecord } from '../records/json-print.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server that answers with the statuses given, the last for ever. */
async function serve(statuses: readonly number[], headers: Record<string, string> = {}) {
  const seen: Seen[] = [];
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    seen.push({
      method: request.method!,
      url: request.url!,
      headers: request.headers,
      body: Buffer.concat(parts),
    });
    response.writeHead(statuses[Math.min(seen.length, statuses.length) - 1]!, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function outputOf(lines: string): Output {
  const body = lines
    .trim()
    .split('\n')
    .map((line) => `  ${line.trim()}\n`)
    .join('');
  const { config, problems } = checkText(`[OUTPUT]\n  Match *\n${body}`);
  assert.deepEqual(problems, []);
  return config.pipeline.outputs[0]!.output;
}

let nextId = 1;
const chunkOf = (events: readonly AgentEvent[], tag = 'app.web'): Chunk => ({
  id: nextId++,
  tag,
  events,
  bytes: 100,
});
const never = new AbortController().signal;

describe('http output', () => {
  const f = (format: string, contentType: string, want: string): void =>
    void it(`writes ${format}`, async () => {
      await using server = await serve([200]);
      const output = outputOf(
        `Name http\nPort ${server.port}\nUri /in\nFormat ${format}\nHeader X-Key some value\nHeader_Tag X-Tag\nHttp_User u\nHttp_Passwd p`,
      );
      const result = await output.deliver(
        chunkOf([eventOf('{"log":"a"}'), eventOf('{"n":1.0}')]),
        never,
      );
      await output.close?.();
      assert.deepEqual(result, { kind: 'ok' });
      const [request] = server.seen;
      assert.equal(`${request!.method} ${request!.url}`, 'POST /in');
      assert.equal(request!.headers['content-type'], contentType);
      assert.equal(request!.headers['x-key'], 'some value');
      assert.equal(request!.headers['x-tag'], 'app.web');
      assert.equal(request!.headers['authorization'], 'Basic dTpw');
      assert.equal(request!.body.toString(), want);
    });
  f(
    'json',
    'application/json',
    '[{"date":1711334519.633036,"log":"a"},{"date":1711334519.633036,"n":1.0}]',
  );
  f(
    'json_lines\nJson_Date_Format iso8601',
    'application/x-ndjson',
    '{"date":"2024-03-25T02:41:59.633035Z","log":"a"}\n{"date":"2024-03-25T02:41:59.633035Z","n":1.0}\n',
  );
  f('json_stream\nJson_Date_Key false', 'application/json', '{"log":"a"}{"n":1.0}');
  f(
    'json_lines\nJson_Date_Key t\nJson_Date_Format epoch_ms',
    'application/x-ndjson',
    '{"t":1711334519633,"log":"a"}\n{"t":1711334519633,"n":1.0}\n',
  );

  it('writes msgpack, compressed', async () => {
    await using server = await serve([200]);
    const output = outputOf(`Name http\nPort ${server.port}\nCompress gzip`);
    await output.deliver(chunkOf([eventOf('{"log":"a"}')]), never);
    await output.close?.();
    const [time, record] = decodeMsgpack(zlib.gunzipSync(server.seen[0]!.body)) as [
      MsgpackTime,
      Map<string, unknown>,
    ];
    assert.deepEqual(
      [time.seconds, time.nanoseconds, record.get('log')],
      [1711334519, 633035943, 'a'],
    );
  });
  const g = (status: number, want: string): void =>
    void it(`takes ${status} as ${want}`, async () => {
      await using server = await serve([status], { 'retry-after': '3' });
      const output = outputOf(`Name http\nPort ${server.port}\nFormat json`);
      const result = await output.deliver(chunkOf([eventOf('{"log":"a"}')]), never);
      await output.close?.();
      assert.equal(result.kind, want);
      if (result.kind === 'retry') assert.equal(result.afterMs, 3000);
    });
  g(204, 'ok');
  g(400, 'drop');
  g(408, 'retry');
  g(429, 'retry');
  g(503, 'retry');
});

describe('loki output', () => {
  it('groups events by labels and writes lines', async () => {
    await using server = await serve([204]);
    const output = outputOf(
      `Name loki\nPort ${server.port}\nLabels job=x, ns=$kubernetes['ns'], $stream\nRemove_keys kubernetes, stream\nTenant_ID t1\nStructured_Metadata id=$id`,
    );
    const kube = '"kubernetes":{"ns":"d"}';
    const events = [
      eventOf(`{"log":"a","stream":"stdout","id":"7",${kube}}`),
      eventOf(`{"log":"b","stream":"stderr",${kube}}`),
    ];
    assert.deepEqual(await output.deliver(chunkOf(events), never), { kind: 'ok' });
    await output.close?.();
    const [request] = server.seen;
    assert.equal(request!.url, '/loki/api/v1/push');
    assert.equal(request!.headers['x-scope-orgid'], 't1');
    assert.deepEqual(JSON.parse(request!.body.toString()), {
      streams: [
        {
          stream: { job: 'x', ns: 'd', stream: 'stdout' },
          values: [['1711334519633035943', '{"log":"a","id":"7"}', { id: '7' }]],
        },
        {
          stream: { job: 'x', ns: 'd', stream: 'stderr' },
          values: [['1711334519633035943', '{"log":"b"}']],
        },
      ],
    });
    assert.equal(
      printJsonRecord(events[0]!.record),
      `{"log":"a","stream":"stdout","id":"7",${kube}}`,
    );
  });
});

describe('opentelemetry output', () => {
  it('writes records, and resends from the batch that failed', async () => {
    await using server = await serve([200, 503]);
    const output = outputOf(
      `Name opentelemetry\nPort ${server.port}\nBatch_Size 1\nAdd_Label service.name web\nLogs_Body_Key_Attributes on`,
    );
    const result = await output.deliver(
      chunkOf([eventOf('{"log":"a","n":9007199254740993}'), eventOf('{"log":"b"}')]),
      never,
    );
    await output.close?.();
    assert.equal(result.kind === 'retry' && result.fromEvent, 1);
    assert.equal(server.seen[0]!.url, '/v1/logs');
    const [resource] = decodeOtlpLogsProto(server.seen[0]!.body);
    const record = resource!.scopeLogs[0]!.logRecords[0]!;
    assert.deepEqual(
      [
        resource!.resource.get('service.name'),
        record.timeUnixNano,
        record.body,
        record.attributes.get('n'),
      ],
      ['web', 1711334519633035943n, 'a', 9007199254740993n],
    );
  });
});

describe('forward output and input', () => {
  for (const extra of [
    '',
    'Shared_Key s3cret',
    'Compress gzip',
    'Shared_Key s3cret\nUsername u\nPassword p',
  ]) {
    it(`speak to each other: ${extra.replaceAll('\n', ', ') || 'plain'}`, async () => {
      const port = await freePort();
      const users = extra.includes('Username') ? '\n  Security.Users u p' : '';
      const key = extra.includes('Shared') ? '\n  Shared_Key s3cret' : '';
      const { config } = checkText(
        `[INPUT]\n  Name forward\n  Listen 127.0.0.1\n  Port ${port}${key}${users}\n`,
      );
      const got: string[] = [];
      const stop = new AbortController();
      const running = (config.pipeline.inputs[0]!.input as Input).run(
        {
          checkpoints: async () => [],
          emitAll: () => Promise.reject(new Error('These inputs emit one tag at a time')),
          emit: async (tag, events) => {
            for (const { time, record } of events)
              got.push(`${tag} ${time.nanoseconds} ${printJsonRecord(record)}`);
          },
        },
        stop.signal,
      );
      const output = outputOf(`Name forward\nPort ${port}\nRequire_Ack_Response on\n${extra}`);
      const result = await output.deliver(
        chunkOf([eventOf('{"log":"한글","n":{"a":[1,true,null]}}'), eventOf('{"log":"b"}')]),
        never,
      );
      await output.close?.();
      stop.abort();
      await running;
      assert.deepEqual(result, { kind: 'ok' });
      assert.deepEqual(got, [
        'app.web 633035943 {"log":"한글","n":{"a":[1,true,null]}}',
        'app.web 633035943 {"log":"b"}',
      ]);
    });
  }
  it('retry when nobody listens', async () => {
    const output = outputOf(`Name forward\nPort ${await freePort()}`);
    assert.equal((await output.deliver(chunkOf([eventOf('{"log":"a"}')]), never)).kind, 'retry');
  });
});

describe('file output', () => {
  const f = (lines: string, want: string): void =>
    void it(`writes ${lines.replaceAll('\n', ', ')}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nunchi-file-'));
      const output = outputOf(`Name file\nPath ${folder}\n${lines}`);
      await output.deliver(chunkOf([eventOf('{"message":"a","n":2}')]), never);
      assert.equal(readFileSync(join(folder, 'app.web'), 'utf8'), want);
      rmSync(folder, { recursive: true });
    });
  f('Format out_file', 'app.web: [1711334519.633035943, {"message":"a","n":2}]\n');
  f('Format plain', '{"message":"a","n":2}\n');
  f('Format csv', '1711334519.633035943,"a",2\n');
  f('Format ltsv', 'time:1711334519.633035943\tmessage:a\tn:2\n');
  f('Format template\nTemplate {time} {message}!', '1711334519.633035943 a!\n');
});

describe('http input', () => {
  it('takes JSON by path and refuses what is not', async () => {
    const port = await freePort();
    const { config } = checkText(`[INPUT]\n  Name http\n  Listen 127.0.0.1\n  Port ${port}\n`);
    const got: string[] = [];
    const stop = new AbortController();
    const running = (config.pipeline.inputs[0]!.input as Input).run(
      {
        checkpoints: async () => [],
        emitAll: () => Promise.reject(new Error('These inputs emit one tag at a time')),
        emit: async (tag, events) =>
          void got.push(...events.map(({ record }) => `${tag} ${printJsonRecord(record)}`)),
      },
      stop.signal,
    );
    await untilListening(port);
    const post = async (path: string, body: string, type: string): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      return `${response.status} ${await response.text()}`;
    };
    assert.equal(await post('/app.log', '[{"a":1},{"a":2}]', 'application/json'), '201 ');
    assert.equal(await post('/', '{"a":3}\n{"a":4}', 'application/x-ndjson'), '201 ');
    assert.equal(await post('/', '', 'application/json'), '400 error: no payload found\n');
    assert.equal(await post('/', 'x', 'text/plain'), "400 error: invalid 'Content-Type'\n");
    stop.abort();
    await running;
    assert.deepEqual(got, [
      'app.log {"a":1}',
      'app.log {"a":2}',
      'http.0 {"a":3}',
      'http.0 {"a":4}',
    ]);
  });
});

describe('syslog input', () => {
  it('takes RFC 3164 and 5424 over TCP, both framings', async () => {
    const port = await freePort();
    const { config } = checkText(
      `[INPUT]\n  Name syslog\n  Mode tcp\n  Listen 127.0.0.1\n  Port ${port}\n`,
    );
    const got: string[] = [];
    const stop = new AbortController();
    const running = (config.pipeline.inputs[0]!.input as Input).run(
      {
        checkpoints: async () => [],
        emitAll: () => Promise.reject(new Error('These inputs emit one tag at a time')),
        emit: async (_tag, events) =>
          void got.push(
            ...events.map(({ time, record }) => `${time.seconds} ${printJsonRecord(record)}`),
          ),
      },
      stop.signal,
    );
    await untilListening(port);
    const socket = net.connect(port, '127.0.0.1');
    const long = '<165>1 2024-03-25T02:41:58.5Z h app 12 ID1 - hello';
    socket.end(`<34>Mar 25 02:41:57 h sshd[7]: ok\n${long.length} ${long}`);
    const deadline = Date.now() + 60_000;
    while (got.length < 2 && Date.now() < deadline) await systemClock.sleep(10);
    stop.abort();
    await running;
    assert.deepEqual(got, [
      '1711334517 {"pri":"34","host":"h","ident":"sshd","pid":"7","message":"ok"}',
      '1711334518 {"pri":"165","host":"h","ident":"app","pid":"12","msgid":"ID1","extradata":"-","message":"hello"}',
    ]);
  });
});

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await systemClock.sleep(20);
  }
}
