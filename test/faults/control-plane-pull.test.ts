import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { freePort, type Program, Rig } from './rig.ts';

const group = '/aws/eks/myeks/cluster';
const hex = '0123456789abcdef0123456789abcdef';
const streams = [
  `kube-apiserver-audit-${hex}`,
  `kube-scheduler-${hex}`,
  `cloud-controller-manager-${hex}`,
];
const arrivalMs = 120_000;

/**
 * Another Nunchi stands for AWS; before it a gate that throttles, forgets tokens and hangs up as the
 * test wants.
 */
describe('pulling control-plane logs from CloudWatch', { timeout: 290_000 }, () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let rig: Rig;
  let cloud: Program;
  let cloudUrl: string;
  let written = 0;
  const expected: string[] = [];
  const gate = { throttle: 0, forget: 0, hangUp: 0, calls: 0, tokens: 0 };

  const call = async (operation: string, input: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(cloudUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Logs_20140328.${operation}`,
      },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  /** Events of all streams, some with the same time and text. */
  const put = async (count: number, atMs: number = Date.now()): Promise<void> => {
    for (const stream of streams) {
      const logEvents = Array.from({ length: count }, (_, i) => ({
        timestamp: atMs - ((i * 7) % 500),
        message: `${stream.slice(0, 14)} ${written + i}`,
      })).toSorted((a, b) => a.timestamp - b.timestamp);
      await call('PutLogEvents', { logGroupName: group, logStreamName: stream, logEvents });
      expected.push(...logEvents.map(({ message }) => message));
    }
    written += count;
  };
  const pulled = async (): Promise<string[]> => {
    const found: string[] = [];
    if (!(await rig.groups()).includes(group)) return found;
    for await (const message of rig.messages([group])) found.push(message);
    return found;
  };
  const arrived = async (): Promise<void> => {
    let found: string[] = [];
    await eventually(
      async () => {
        found = await pulled();
        return found.length >= expected.length ? true : undefined;
      },
      arrivalMs,
      () => `${found.length} of ${expected.length}. ${rig.server.log.slice(-3000)}`,
    );
    assert.deepEqual(found.toSorted(), expected.toSorted());
  };

  before(async () => {
    const gateServer = createServer((request, response) => {
      void (async () => {
        const body = await read(request);
        gate.calls++;
        if ('nextToken' in JSON.parse(body.toString())) gate.tokens++;
        const refuse = (code: string): void => {
          response.writeHead(400, { 'x-amzn-errortype': code });
          response.end(JSON.stringify({ __type: code, message: 'as the test wants' }));
        };
        if (gate.hangUp-- > 0) request.socket.destroy();
        else if (gate.throttle-- > 0) refuse('ThrottlingException');
        else if (JSON.parse(body.toString()).nextToken !== undefined && gate.forget-- > 0) {
          refuse('InvalidParameterException');
        } else {
          const headers = request.headers as Record<string, string>;
          const { host: _, connection: __, 'content-length': ___, ...kept } = headers;
          const answer = await fetch(cloudUrl, {
            method: 'POST',
            headers: kept,
            body: new Uint8Array(body),
          });
          response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
          response.end(Buffer.from(await answer.arrayBuffer()));
        }
      })().catch(() => request.socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(gateServer, 'listening');
    const address = gateServer.address();
    assert.ok(typeof address === 'object' && address !== null);
    cleanups.push(async () => {
      gateServer.closeAllConnections();
      gateServer.close();
    });
    const pull = {
      ...{
        cluster: 'myeks',
        region: 'ap-northeast-2',
        endpoint: `http://127.0.0.1:${address.port}`,
      },
      ...{ interval: '1s', overlap: '10s', since: '2h' },
    };
    rig = await Rig.open({
      serverConfig: { kubernetes: { enabled: 'off', controlPlane: { pull: [pull] } } },
      serverEnv: () => ({ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' }),
    });
    cleanups.push(() => rig[Symbol.asyncDispose]());
    const port = await freePort();
    cloudUrl = `http://127.0.0.1:${port}/`;
    const listen = ['--listen', `127.0.0.1:${port}`, '--data-dir', rig.path('cloud')];
    const config = rig.config('cloud.yaml', { kubernetes: { enabled: 'off' } });
    cloud = rig.program({ args: ['server', '--config', config, ...listen] });
    cloud.start();
    await eventually(
      async () => ((await fetch(`${cloudUrl}-/ready`)).status === 200 ? true : undefined),
      120_000,
      () => cloud.log,
    );
    await call('CreateLogGroup', { logGroupName: group });
    for (const stream of [...streams, 'of-somebody-else']) {
      await call('CreateLogStream', { logGroupName: group, logStreamName: stream });
    }
    await call('PutLogEvents', {
      logGroupName: group,
      logStreamName: 'of-somebody-else',
      logEvents: [{ timestamp: Date.now(), message: 'no control-plane log' }],
    });
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it('copies what is there, in pages, to streams of the same names', async () => {
    await put(5000, Date.now() - 3_600_000);
    await put(5000);
    await rig.startServer();
    await arrived();
    assert.ok(gate.tokens > 0);
    const rows: Record<string, unknown>[] = [];
    for await (const row of rig.rows('stats count(*) as n by @logStream | sort @logStream', [
      group,
    ])) {
      rows.push(row);
    }
    assert.deepEqual(
      rows.map((row) => [row['@logStream'], Number(row['n'])]),
      streams.toSorted().map((stream) => [stream, 10_000]),
    );
  });

  it('goes on with what comes, a little late too, through refusals', async () => {
    gate.throttle = 2;
    await put(100);
    await arrived();
    gate.hangUp = 1;
    await put(100, Date.now() - 5000);
    await arrived();
    gate.forget = 1;
    await put(9000);
    await arrived();
  });

  it('copies each event once, however often it is killed', async () => {
    for (let kills = 0; kills < 4; kills++) {
      await put(1500);
      const { calls } = gate;
      await eventually(() => (gate.calls > calls ? true : undefined), arrivalMs);
      // Somewhere between the answer, the store and the place: another moment each time.
      await new Promise((resolve) => setTimeout(resolve, kills * 15));
      await rig.server.kill();
      await put(200);
      rig.server.start();
      await rig.serverReady();
    }
    await arrived();
  });
});

async function read(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
