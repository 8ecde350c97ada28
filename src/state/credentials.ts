import { randomBytes, randomInt } from 'node:crypto';
import { AppError, type Clock } from '#base';
import type { AccessKey, AccessKeyStore, ApiToken, TokenStore } from './contract.ts';
import type { Database, Row } from './database.ts';
import { hashSecret, type Sealer } from './seal.ts';

/** The prefix lets secret scanners know the thing when it is committed somewhere. */
const tokenPrefix = 'nunchi_';
/** "Last used" is for people: written at most once in this time, so that requests do not write. */
const lastUsedStepMs = 60_000;
const accessKeyAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function tokenStore(database: Database, clock: Clock): TokenStore {
  return {
    create: async ({ name, role, lifetimeMs }) => {
      mustBeName(name);
      const secret = tokenPrefix + randomBytes(32).toString('base64url');
      const createdMs = clock.nowMs();
      const token: ApiToken = {
        id: randomBytes(6).toString('hex'),
        name,
        role,
        createdMs,
        expiresMs: lifetimeMs === undefined ? undefined : createdMs + lifetimeMs,
        lastUsedMs: undefined,
      };
      const added = database.run(
        `INSERT INTO tokens (id, name, role, secret_hash, created_ms, expires_ms)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        token.id,
        name,
        role,
        hashSecret(secret),
        createdMs,
        token.expiresMs ?? null,
      );
      if (added === 0) {
        throw new AppError('TOKEN_EXISTS', `There is a token "${name}" already`, {
          hint: 'Choose another name, or revoke the old one first',
        });
      }
      return { token, secret };
    },
    list: async () => database.all('SELECT * FROM tokens ORDER BY name').map(tokenOf),
    revoke: async (idOrName) =>
      database.run('DELETE FROM tokens WHERE id = ? OR name = ?', idOrName, idOrName) > 0,
    find: async (secret) => {
      const nowMs = clock.nowMs();
      const row = database.get(
        'SELECT * FROM tokens WHERE secret_hash = ? AND (expires_ms IS NULL OR expires_ms > ?)',
        hashSecret(secret),
        nowMs,
      );
      if (row === undefined) return undefined;
      const token = tokenOf(row);
      if (nowMs - (token.lastUsedMs ?? 0) > lastUsedStepMs) {
        database.run('UPDATE tokens SET last_used_ms = ? WHERE id = ?', nowMs, token.id);
      }
      return token;
    },
  };
}

export function accessKeyStore(
  database: Database,
  clock: Clock,
  sealer: () => Sealer,
): AccessKeyStore {
  return {
    create: async ({ name, role }) => {
      mustBeName(name);
      const id = `AKIA${Array.from({ length: 16 }, () => accessKeyAlphabet[randomInt(32)]).join('')}`;
      const secret = randomBytes(30).toString('base64');
      const key: AccessKey = { id, name, role, createdMs: clock.nowMs() };
      database.run(
        'INSERT INTO access_keys (id, name, role, sealed_secret, created_ms) VALUES (?, ?, ?, ?, ?)',
        id,
        name,
        role,
        sealer().seal(secret, id),
        key.createdMs,
      );
      return { key, secret };
    },
    list: async () =>
      database
        .all('SELECT id, name, role, created_ms FROM access_keys ORDER BY created_ms, id')
        .map(accessKeyOf),
    revoke: async (id) => database.run('DELETE FROM access_keys WHERE id = ?', id) === 1,
    find: async (id) => {
      const row = database.get('SELECT * FROM access_keys WHERE id = ?', id);
      if (row === undefined) return undefined;
      const secret = sealer().unseal(row['sealed_secret'] as Uint8Array, id);
      if (secret === undefined) {
        throw new AppError('ACCESS_KEY_UNREADABLE', `The secret of ${id} cannot be read`, {
          hint: 'The key file of the data directory was replaced: revoke the key and make another',
        });
      }
      return { key: accessKeyOf(row), secret };
    },
  };
}

function tokenOf(row: Row): ApiToken {
  return {
    id: String(row['id']),
    name: String(row['name']),
    role: row['role'] as ApiToken['role'],
    createdMs: Number(row['created_ms']),
    expiresMs: numberOrUndefined(row['expires_ms']),
    lastUsedMs: numberOrUndefined(row['last_used_ms']),
  };
}

function accessKeyOf(row: Row): AccessKey {
  return {
    id: String(row['id']),
    name: String(row['name']),
    role: row['role'] as AccessKey['role'],
    createdMs: Number(row['created_ms']),
  };
}

function numberOrUndefined(value: Row[string] | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

function mustBeName(name: string): void {
  if (name.trim() !== '' && name.length <= 128) return;
  throw new AppError('CREDENTIAL_INVALID', 'A name needs 1 to 128 characters');
}
