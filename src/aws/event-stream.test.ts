import assert from 'node:assert/strict';
import { it } from 'node:test';
import { crc32 } from 'node:zlib';
import { encodeEvent, encodeException, encodeMessage } from './event-stream.ts';

it('encodeMessage() lays out lengths, checksums, headers and payload', () => {
  const message = encodeMessage({ a: 'xyz' }, 'hi');
  const prelude = Buffer.from('0000001a00000008', 'hex'); // 12 + 8 + 2 + 4 bytes, 8 of headers
  const content = '0161' + '07' + '0003' + '78797a' + '6869'; // a, string, 3 bytes, xyz; hi
  assert.equal(message.subarray(0, 8).toString('hex'), prelude.toString('hex'));
  assert.equal(message.readUInt32BE(8), crc32(prelude));
  assert.equal(message.subarray(12, -4).toString('hex'), content);
  assert.equal(message.readUInt32BE(message.length - 4), crc32(message.subarray(0, -4)));
});

it('an empty message is 16 bytes with the checksums of the specification', () => {
  // From the published test vector "empty_message".
  assert.equal(encodeMessage({}, '').toString('hex'), '000000100000000005c248eb7d98c8ff');
});

it('events and exceptions name their type', () => {
  const event = encodeEvent('sessionStart', { sessionId: '한글' }).toString('utf8');
  assert.ok(event.includes(':event-type'));
  assert.ok(event.includes('{"sessionId":"한글"}'));
  const exception = encodeException('SessionTimeoutException', 'over').toString('utf8');
  assert.ok(exception.includes('SessionTimeoutException'));
});
