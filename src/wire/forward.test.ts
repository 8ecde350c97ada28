import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  compress,
  decodeForward,
  decodeForwardAck,
  decodeHelo,
  decodeMsgpack,
  decodePing,
  decodePong,
  encodeForward,
  encodeForwardAck,
  encodeForwardArray,
  encodeForwardEntries,
  encodeForwardMessage,
  encodeHelo,
  encodeMsgpack,
  encodePing,
  encodePong,
  type ForwardEvent,
  forEachForwardEntry,
  type MsgpackValue,
  openForwardEntries,
  passwordDigest,
  sameDigest,
  sharedKeyDigest,
} from './index.ts';

const events: ForwardEvent[] = [
  { time: { seconds: 1711334519, nanoseconds: 633035943 }, record: new Map([['log', 'hello']]) },
  { time: { seconds: 1711334520, nanoseconds: 0 }, record: new Map([['log', '안녕']]) },
];

async function read(bytes: Uint8Array): Promise<[number, number, MsgpackValue][]> {
  const message = decodeForward(bytes);
  assert.ok(message !== undefined);
  assert.equal(message.tag, 'app.web');
  const found: [number, number, MsgpackValue][] = [];
  forEachForwardEntry(await openForwardEntries(message, 10_000), (time, reader) => {
    found.push([time.seconds, time.nanoseconds, reader.value()]);
  });
  return found;
}

const wanted = events.map(({ time, record }) => [time.seconds, time.nanoseconds, record]);

describe('decodeForward()', () => {
  const entries = encodeForwardEntries(events);
  it('reads PackedForward', async () =>
    assert.deepEqual(await read(encodeForward('app.web', entries)), wanted));
  it('reads Forward', async () =>
    assert.deepEqual(await read(encodeForwardArray('app.web', entries, 2)), wanted));
  it('reads Message', async () =>
    assert.deepEqual(await read(encodeForwardMessage('app.web', events[0]!)), [wanted[0]]));
  for (const compressed of ['gzip', 'zstd'] as const) {
    it(`reads CompressedPackedForward with ${compressed}`, async () => {
      const packed = await compress(compressed, entries);
      const bytes = encodeForward('app.web', packed, { compressed, chunk: 'abc=', size: 2 });
      assert.deepEqual(await read(bytes), wanted);
      assert.deepEqual(decodeForward(bytes)!.option, {
        chunk: 'abc=',
        size: 2,
        compressed,
        signal: 0,
      });
    });
  }
  it('reads integer times', async () => {
    const plain = encodeForwardEntries(events, { timeAsInteger: true });
    const [first] = await read(encodeForward('app.web', plain));
    assert.deepEqual(first!.slice(0, 2), [1711334519, 0]);
  });
  it('reads entries with metadata beside the time', async () => {
    const entry = encodeMsgpack([[{ seconds: 5, nanoseconds: 6 }, new Map()], new Map([['a', 1]])]);
    assert.deepEqual(await read(encodeForward('app.web', entry)), [[5, 6, new Map([['a', 1]])]]);
  });
  it('takes nil for a heartbeat', () =>
    assert.equal(decodeForward(Buffer.from([0xc0])), undefined));
  it('takes a tag that came as bytes', () =>
    assert.equal(decodeForward(encodeMsgpack([Buffer.from('t'), Buffer.alloc(0)]))!.tag, 't'));

  const refuses = (name: string, value: Parameters<typeof encodeMsgpack>[0]): void =>
    void it(`refuses ${name}`, () =>
      assert.throws(() => decodeForward(encodeMsgpack(value)), { code: 'WIRE_INVALID' }));
  refuses('a map', new Map());
  refuses('one element', ['tag']);
  refuses('a time without a record', ['tag', 1]);
  refuses('an unknown compression', ['tag', Buffer.alloc(1), new Map([['compressed', 'lz4']])]);
  refuses('a tag that is no text', [1, Buffer.alloc(0)]);

  it('never throws anything but WIRE errors on random bytes', async () => {
    const valid = encodeForward('app.web', encodeForwardEntries(events), { chunk: 'x' });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(valid.length - 1),
        fc.nat(255),
        async (noise, at, byte) => {
          const damaged = Buffer.from(valid);
          damaged[at] = byte;
          for (const input of [noise, damaged]) {
            try {
              const message = decodeForward(input);
              if (message === undefined) continue;
              forEachForwardEntry(await openForwardEntries(message, 10_000), (_, reader) =>
                reader.skip(),
              );
            } catch (error) {
              assert.match((error as { code: string }).code ?? '', /^WIRE_/, String(error));
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('forward handshake', () => {
  it('digests are those of the protocol', () => {
    // echo -n 'salthostnoncekey' | sha512sum
    const digest = sharedKeyDigest({
      salt: Buffer.from('salt'),
      hostname: 'host',
      nonce: Buffer.from('nonce'),
      sharedKey: 'key',
    });
    assert.match(digest, /^[0-9a-f]{128}$/);
    assert.ok(sameDigest(digest, passwordDigest(Buffer.from('salthost'), 'nonce', 'key')));
    assert.ok(!sameDigest(digest, digest.slice(1)));
  });
  it('messages come back', () => {
    const helo = { nonce: Uint8Array.of(1, 2), auth: Uint8Array.of(), keepalive: true };
    assert.deepEqual(decodeHelo(encodeHelo(helo)), helo);
    const ping = {
      hostname: 'h',
      salt: Uint8Array.of(3),
      sharedKeyDigest: 'd',
      username: 'u',
      passwordDigest: 'p',
    };
    assert.deepEqual(decodePing(encodePing(ping)), ping);
    const pong = { accepted: false, reason: 'no', hostname: 'h', sharedKeyDigest: '' };
    assert.deepEqual(decodePong(encodePong(pong)), pong);
    assert.throws(() => decodePing(encodePong(pong)), { code: 'WIRE_INVALID' });
  });
  it('acknowledges a chunk', () =>
    assert.equal(decodeForwardAck(decodeMsgpack(encodeForwardAck('abc='))), 'abc='));
});
