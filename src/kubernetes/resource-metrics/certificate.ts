import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import * as der from './der.ts';

/** PEM, all of it. */
export interface ServingCertificate {
  /** Signed the certificate; its own key is thrown away: nothing else can ever be signed by it. */
  readonly authority: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Unix ms. */
  readonly notAfterMs: number;
}

const commonName = '2.5.4.3';
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const serverAuth = '1.3.6.1.5.5.7.3.1';
const extensionIds = {
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
} as const;
/** Clocks of a cluster are not the same. */
const clockSkewMs = 5 * 60_000;

/**
 * A certificate for a server under some names, and the authority that signed it, made for this purpose
 * (ECDSA P-256, X.509 v3).
 * @param names DNS names and IPv4 addresses
 */
export function makeServingCertificate(
  names: readonly [string, ...string[]],
  lifetimeMs: number,
  nowMs: number,
): ServingCertificate {
  const authorityKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serverKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notAfterMs = nowMs + lifetimeMs;
  const issuer = `nunchi-${randomBytes(6).toString('hex')}`;
  const shared = { issuer, notBeforeMs: nowMs - clockSkewMs, notAfterMs };
  const authority = signed(
    {
      ...shared,
      subject: issuer,
      publicKey: authorityKeys.publicKey,
      extensions: [
        extension('basicConstraints', der.sequence(der.boolean(true), der.integer(Buffer.of(0)))),
        // keyCertSign
        extension('keyUsage', der.bits(Buffer.of(0x04), 2)),
        extension('subjectKeyIdentifier', der.octets(keyId(authorityKeys.publicKey)), false),
      ],
    },
    authorityKeys.privateKey,
  );
  const certificate = signed(
    {
      ...shared,
      subject: names[0],
      publicKey: serverKeys.publicKey,
      extensions: [
        extension('basicConstraints', der.sequence()),
        // digitalSignature
        extension('keyUsage', der.bits(Buffer.of(0x80), 7)),
        extension('extendedKeyUsage', der.sequence(der.objectId(serverAuth)), false),
        extension('subjectAltName', der.sequence(...names.map(altName)), false),
        extension(
          'authorityKeyIdentifier',
          der.sequence(der.tagged(0x80, keyId(authorityKeys.publicKey))),
          false,
        ),
      ],
    },
    authorityKeys.privateKey,
  );
  return {
    authority: pem(authority),
    certificate: pem(certificate),
    privateKey: serverKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    notAfterMs,
  };
}

interface Content {
  readonly issuer: string;
  readonly subject: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function signed(content: Content, key: KeyObject): Buffer {
  const algorithm = der.sequence(der.objectId(ecdsaWithSha256));
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(serial),
    algorithm,
    nameOf(content.issuer),
    der.sequence(der.time(content.notBeforeMs), der.time(content.notAfterMs)),
    nameOf(content.subject),
    spki(content.publicKey),
    der.explicit(3, der.sequence(...content.extensions)),
  );
  return der.sequence(body, algorithm, der.bits(sign('sha256', body, key)));
}

function extension(name: keyof typeof extensionIds, value: Buffer, isCritical = true): Buffer {
  const id = der.objectId(extensionIds[name]);
  return isCritical
    ? der.sequence(id, der.boolean(true), der.octets(value))
    : der.sequence(id, der.octets(value));
}

const nameOf = (name: string): Buffer =>
  // 64 characters are the bound of a common name.
  der.sequence(der.set(der.sequence(der.objectId(commonName), der.text(name.slice(0, 64)))));

function altName(name: string): Buffer {
  if (!isIPv4(name)) return der.tagged(0x82, Buffer.from(name, 'latin1'));
  return der.tagged(0x87, Buffer.from(name.split('.').map(Number)));
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' }) as Buffer;
const keyId = (key: KeyObject): Buffer => createHash('sha1').update(spki(key)).digest();

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
