import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import tls from 'node:tls';
import {
  compress,
  decodeForwardAck,
  decodeHelo,
  decodeMsgpack,
  decodePong,
  encodeForward,
  encodeForwardArray,
  encodeForwardEntries,
  encodeForwardMessage,
  encodePing,
  type ForwardEvent,
  MsgpackStream,
  passwordDigest,
  sharedKeyDigest,
} from '#wire';
import { type ForwardOptions, startForwardServer } from './forward.ts';
import { testDeps, until } from './testing.ts';

const nowSeconds = Math.floor(Date.now() / 1000);
const event = (record: Record<string, string | number>, nanoseconds = 5_000_000): ForwardEvent => ({
  time: { seconds: nowSeconds, nanoseconds },
  record: new Map(Object.entries(record)),
});

/** A client that reads whole MessagePack values. */
class Client {
  readonly socket: net.Socket;
  readonly #stream = new MsgpackStream(1_000_000);
  readonly #values: Buffer[] = [];
  isClosed = false;

  constructor(target: number | string) {
    this.socket =
      typeof target === 'number' ? net.connect(target, '127.0.0.1') : net.connect(target);
    this.socket.on('data', (piece) => {
      this.#stream.push(piece as Buffer);
      for (let value = this.#stream.next(); value !== undefined; value = this.#stream.next())
        this.#values.push(Buffer.from(value));
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  async next(): Promise<Buffer> {
    await until('the server answers', () => this.#values.length > 0);
    return this.#values.shift()!;
  }
}

async function withServer(
  options: ForwardOptions,
  run: (port: number, deps: ReturnType<typeof testDeps>) => Promise<void>,
): Promise<void> {
  const deps = testDeps();
  await using server = await startForwardServer({ listen: '127.0.0.1:0', ...options }, deps);
  await run(server.port, deps);
}

describe('startForwardServer()', () => {
  it('takes every mode and acknowledges what asks for it', async () => {
    await withServer({}, async (port, { store }) => {
      const client = new Client(port);
      const entries = encodeForwardEntries([event({ log: 'a\n' }), event({ log: 'b', n: 1 })]);
      client.send(encodeForwardMessage('app.web', event({ message: '하나' }), { chunk: 'c1' }));
      client.send(encodeForwardArray('app.web', entries, 2, { chunk: 'c2' }));
      client.send(Buffer.from([0xc0]));
      client.send(encodeForward('sys', entries, { chunk: 'c3' }));
      client.send(
        encodeForward('sys.x', await compress('gzip', entries), {
          chunk: 'c4',
          compressed: 'gzip',
        }),
      );
      const acks: (string | undefined)[] = [];
      for (let i = 0; i < 4; i++) acks.push(decodeForwardAck(decodeMsgpack(await client.next())));
      assert.deepEqual(acks, ['c1', 'c2', 'c3', 'c4']);
      assert.deepEqual(
        store.events.map(({ message }) => message),
        ['하나', 'a', '{"log":"b","n":1}', 'a', '{"log":"b","n":1}', 'a', '{"log":"b","n":1}'],
      );
      assert.deepEqual(store.events[0], {
        group: '/nunchi/forward/app',
        stream: 'app.web',
        timeMs: nowSeconds * 1000 + 5,
        message: '하나',
      });
      assert.equal(store.events[3]!.group, '/nunchi/forward/sys');
      client.socket.destroy();
    });
  });

  it('takes the JSON form', async () => {
    await withServer({}, async (port, { store }) => {
      const client = new Client(port);
      client.send(
        Buffer.from(`["t",${nowSeconds},{"a":{"b":[1,"}"]}}]\n["t",[[${nowSeconds},{"log":"x"}`),
      );
      client.send(Buffer.from('],[0,{"c":1}]],{"chunk":"k"}]'));
      await until('all is stored', () => store.events.length === 3);
      assert.deepEqual(
        store.events.map(({ message }) => message),
        ['{"a":{"b":[1,"}"]}}', 'x', '{"c":1}'],
      );
      client.socket.destroy();
    });
  });

  it('routes by members of the record', async () => {
    const routing = {
      group: '/k8s/{record.kubernetes.namespace|tag[0]}',
      stream: '{record.pod|tag}',
    };
    await withServer({ routing }, async (port, { store }) => {
      const client = new Client(port);
      const record = new Map<string, Map<string, string> | string>([
        ['kubernetes', new Map([['namespace', 'shop']])],
        ['pod', 'web:1'],
      ]);
      client.send(encodeForwardMessage('kube.x', { time: event({}).time, record }));
      client.send(encodeForwardMessage('kube.x', event({ log: 'x' })));
      await until('both are stored', () => store.events.length === 2);
      assert.deepEqual(
        store.events.map(({ group, stream }) => [group, stream]),
        [
          ['/k8s/shop', 'web_1'],
          ['/k8s/kube', 'kube.x'],
        ],
      );
      client.socket.destroy();
    });
  });

  it('listens on a Unix socket, over a dead one too', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nunchi-forward-'));
    const unixPath = join(dir, 'forward.sock');
    const deps = testDeps();
    await using _server = await startForwardServer({ unixPath }, deps);
    const client = new Client(unixPath);
    client.send(encodeForwardMessage('t', event({ log: 'x' }), { chunk: 'c' }));
    await client.next();
    assert.equal(deps.store.events.length, 1);
    client.socket.destroy();
    rmSync(dir, { recursive: true });
  });

  it('waits for a full store and acknowledges only then', async () => {
    await withServer({}, async (port, { store }) => {
      store.fullFor = 1;
      const client = new Client(port);
      client.send(encodeForwardMessage('t', event({ log: 'x' }), { chunk: 'c' }));
      assert.equal(decodeForwardAck(decodeMsgpack(await client.next())), 'c');
      assert.equal(store.events.length, 1);
      assert.equal(store.appends, 2);
      client.socket.destroy();
    });
  });

  for (const [name, key, password, accepted] of [
    ['lets in who knows key and password', 'secret', 'pw', true],
    ['refuses a wrong key', 'wrong', 'pw', false],
    ['refuses a wrong password', 'secret', 'no', false],
  ] as const) {
    it(name, async () => {
      await withServer({ sharedKey: 'secret', users: { kim: 'pw' } }, async (port, { store }) => {
        const client = new Client(port);
        const { nonce, auth } = decodeHelo(await client.next());
        const salt = Buffer.from('salt');
        client.send(
          encodePing({
            hostname: 'me',
            salt,
            sharedKeyDigest: sharedKeyDigest({ salt, hostname: 'me', nonce, sharedKey: key }),
            username: 'kim',
            passwordDigest: passwordDigest(auth, 'kim', password),
          }),
        );
        client.send(encodeForwardMessage('t', event({ log: 'x' })));
        const pong = decodePong(await client.next());
        assert.equal(pong.accepted, accepted);
        if (accepted) {
          assert.equal(
            pong.sharedKeyDigest,
            sharedKeyDigest({ salt, hostname: pong.hostname, nonce, sharedKey: 'secret' }),
          );
          await until('the event is stored', () => store.events.length === 1);
        } else {
          await until('the connection is closed', () => client.isClosed);
          assert.equal(store.events.length, 0);
        }
        client.socket.destroy();
      });
    });
  }

  it('closes on noise and on messages over the bound, and serves others', async () => {
    await withServer({ maxMessageBytes: 10_000 }, async (port, { store, metrics }) => {
      const noise = new Client(port);
      noise.send(Buffer.from([0xc1, 1, 2, 3]));
      const large = new Client(port);
      large.send(encodeForwardMessage('t', event({ log: 'x'.repeat(20_000) })));
      await until('both are closed', () => noise.isClosed && large.isClosed);
      const good = new Client(port);
      good.send(encodeForwardMessage('t', event({ log: 'x' })));
      await until('the event is stored', () => store.events.length === 1);
      assert.match(
        metrics.render(),
        /nunchi_receive_failures_total\{receiver="forward",reason="WIRE_TOO_LARGE"\} 1/,
      );
      good.socket.destroy();
    });
  });

  it('stops with idle connections open, and acknowledges what is under way', async () => {
    const deps = testDeps();
    const server = await startForwardServer({ listen: '127.0.0.1:0' }, deps);
    const idle = new Client(server.port);
    const busy = new Client(server.port);
    busy.send(encodeForwardMessage('t', event({ log: 'x' }), { chunk: 'c' }));
    await until('the append has begun', () => deps.store.appends === 1);
    await server[Symbol.asyncDispose]();
    assert.equal(decodeForwardAck(decodeMsgpack(await busy.next())), 'c');
    await until('both are closed', () => idle.isClosed && busy.isClosed);
    assert.equal(deps.store.events.length, 1);
  });

  const openssl = spawnSync('openssl', ['version']).status === 0;
  it('speaks TLS', { skip: openssl ? false : 'openssl is not installed' }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nunchi-forward-'));
    const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=localhost'],
    ]);
    await withServer({ tls: { certFile, keyFile } }, async (port, { store }) => {
      const socket = tls.connect({
        port,
        host: '127.0.0.1',
        ca: readFileSync(certFile),
        servername: 'localhost',
      });
      socket.end(encodeForwardMessage('t', event({ log: 'secret' })));
      await until('the event is stored', () => store.events.length === 1);
    });
    rmSync(dir, { recursive: true });
  });
});
