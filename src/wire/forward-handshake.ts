import { createHash, timingSafeEqual } from 'node:crypto';
import { wireInvalid } from './errors.ts';
import { textOf } from './forward.ts';
import { decodeMsgpack, type MsgpackValue } from './msgpack-read.ts';
import { encodeMsgpack } from './msgpack-write.ts';

/** The server's first words where a shared key or users are set up. */
export interface ForwardHelo {
  readonly nonce: Uint8Array;
  /** Salt for the password digest; empty: no user and password are asked for. */
  readonly auth: Uint8Array;
  readonly keepalive: boolean;
}

export interface ForwardPing {
  readonly hostname: string;
  readonly salt: Uint8Array;
  readonly sharedKeyDigest: string;
  readonly username: string;
  readonly passwordDigest: string;
}

export interface ForwardPong {
  readonly accepted: boolean;
  readonly reason: string;
  readonly hostname: string;
  readonly sharedKeyDigest: string;
}

/** SHA-512 in hex of salt, hostname, nonce and key: proves the key without showing it. */
export function sharedKeyDigest(parts: {
  readonly salt: Uint8Array;
  readonly hostname: string;
  readonly nonce: Uint8Array;
  readonly sharedKey: string;
}): string {
  return createHash('sha512')
    .update(parts.salt)
    .update(parts.hostname)
    .update(parts.nonce)
    .update(parts.sharedKey)
    .digest('hex');
}

export function passwordDigest(auth: Uint8Array, username: string, password: string): string {
  return createHash('sha512').update(auth).update(username).update(password).digest('hex');
}

/** Compares digests in constant time. */
export function sameDigest(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

export function encodeHelo({ nonce, auth, keepalive }: ForwardHelo): Buffer {
  return encodeMsgpack([
    'HELO',
    new Map([
      ['nonce', nonce],
      ['auth', auth],
      ['keepalive', keepalive],
    ] as [string, Uint8Array | boolean][]),
  ]);
}

/** @throws {AppError} WIRE_INVALID */
export function decodeHelo(bytes: Uint8Array): ForwardHelo {
  const [, options] = elements(bytes, 'HELO', 2);
  if (!(options instanceof Map)) throw wireInvalid('HELO has no options', -1);
  return {
    nonce: bytesOf(options.get('nonce')),
    auth: bytesOf(options.get('auth')),
    keepalive: options.get('keepalive') !== false,
  };
}

export function encodePing(ping: ForwardPing): Buffer {
  const { hostname, salt, username } = ping;
  return encodeMsgpack([
    'PING',
    hostname,
    salt,
    ping.sharedKeyDigest,
    username,
    ping.passwordDigest,
  ]);
}

/** @throws {AppError} WIRE_INVALID */
export function decodePing(bytes: Uint8Array): ForwardPing {
  const [, hostname, salt, digest, username, password] = elements(bytes, 'PING', 6);
  return {
    hostname: textOf(hostname) ?? '',
    salt: bytesOf(salt),
    sharedKeyDigest: textOf(digest) ?? '',
    username: textOf(username) ?? '',
    passwordDigest: textOf(password) ?? '',
  };
}

export function encodePong(pong: ForwardPong): Buffer {
  return encodeMsgpack(['PONG', pong.accepted, pong.reason, pong.hostname, pong.sharedKeyDigest]);
}

/** @throws {AppError} WIRE_INVALID */
export function decodePong(bytes: Uint8Array): ForwardPong {
  const [, accepted, reason, hostname, digest] = elements(bytes, 'PONG', 5);
  return {
    accepted: accepted === true,
    reason: textOf(reason) ?? '',
    hostname: textOf(hostname) ?? '',
    sharedKeyDigest: textOf(digest) ?? '',
  };
}

function elements(bytes: Uint8Array, name: string, count: number): MsgpackValue[] {
  const value = decodeMsgpack(bytes);
  if (!Array.isArray(value) || value.length < count || textOf(value[0]) !== name) {
    throw wireInvalid(`Expected the handshake message ${name}`, 0);
  }
  return value;
}

function bytesOf(value: MsgpackValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return typeof value === 'string' ? Buffer.from(value) : new Uint8Array(0);
}
