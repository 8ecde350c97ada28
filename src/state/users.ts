import { randomBytes } from 'node:crypto';
import { AppError, type Clock } from '#base';
import type { SessionStore, User, UserStore } from './contract.ts';
import type { Database, Row } from './database.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { hashSecret } from './seal.ts';

const minPasswordLength = 8;
/** scrypt reads it all: a longer one would let a stranger spend our time. */
const maxPasswordLength = 1024;
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,127}$/u;
/** Scrypt tries at once; more wait, so that logins cannot take the thread pool from the store. */
const maxConcurrentHashes = 2;

export function userStore(database: Database, clock: Clock): UserStore {
  const gate = concurrencyGate(maxConcurrentHashes);
  // Verified against when the name is unknown, so that both answers take as long.
  let decoy: Promise<string> | undefined;

  const find = (name: string): Row | undefined =>
    database.get('SELECT name, role, password_hash, created_ms FROM users WHERE name = ?', name);

  return {
    add: async ({ name, password, role }) => {
      if (!namePattern.test(name)) {
        throw new AppError('USER_INVALID', `"${name}" is not a user name`, {
          hint: 'Use letters, digits and . _ @ + -, at most 128, starting with a letter or digit',
        });
      }
      mustBePassword(password);
      if (find(name) !== undefined) throw userExists(name);
      const hash = await gate(() => hashPassword(password));
      const user: User = { name, role, createdMs: clock.nowMs() };
      const added = database.run(
        'INSERT INTO users (name, role, password_hash, created_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
        name,
        role,
        hash,
        user.createdMs,
      );
      if (added === 0) throw userExists(name);
      return user;
    },
    list: async () =>
      database.all('SELECT name, role, created_ms FROM users ORDER BY name').map(userOf),
    get: async (name) => {
      const row = find(name);
      return row === undefined ? undefined : userOf(row);
    },
    remove: async (name) => database.run('DELETE FROM users WHERE name = ?', name) === 1,
    setPassword: async (name, password) => {
      mustBePassword(password);
      const hash = await gate(() => hashPassword(password));
      database.transaction(() => {
        const changed = database.run(
          'UPDATE users SET password_hash = ? WHERE name = ?',
          hash,
          name,
        );
        if (changed === 0) {
          throw new AppError('USER_NOT_FOUND', `There is no user "${name}"`, {
            hint: 'nunchi user list shows all',
          });
        }
        database.run('DELETE FROM sessions WHERE user_name = ?', name);
      });
    },
    verify: async (name, password) => {
      if (password.length > maxPasswordLength) return undefined;
      decoy ??= hashPassword(randomBytes(16).toString('hex'));
      const row = find(name);
      const hash = row === undefined ? await decoy : String(row['password_hash']);
      const isRight = await gate(() => verifyPassword(password, hash));
      return isRight && row !== undefined ? userOf(row) : undefined;
    },
  };
}

export function sessionStore(database: Database, clock: Clock): SessionStore {
  return {
    start: async (userName, lifetimeMs) => {
      const secret = randomBytes(32).toString('base64url');
      const createdMs = clock.nowMs();
      const expiresMs = createdMs + lifetimeMs;
      const user = database.transaction(() => {
        database.run('DELETE FROM sessions WHERE expires_ms <= ?', createdMs);
        const row = database.get(
          'SELECT name, role, created_ms FROM users WHERE name = ?',
          userName,
        );
        if (row === undefined) {
          throw new AppError('USER_NOT_FOUND', `There is no user "${userName}"`);
        }
        database.run(
          'INSERT INTO sessions (secret_hash, user_name, created_ms, expires_ms) VALUES (?, ?, ?, ?)',
          hashSecret(secret),
          userName,
          createdMs,
          expiresMs,
        );
        return userOf(row);
      });
      return { secret, user, createdMs, expiresMs };
    },
    find: async (secret) => {
      const row = database.get(
        `SELECT users.name, users.role, users.created_ms,
                sessions.created_ms AS started_ms, sessions.expires_ms
         FROM sessions JOIN users ON users.name = sessions.user_name
         WHERE secret_hash = ? AND sessions.expires_ms > ?`,
        hashSecret(secret),
        clock.nowMs(),
      );
      if (row === undefined) return undefined;
      return {
        user: userOf(row),
        createdMs: Number(row['started_ms']),
        expiresMs: Number(row['expires_ms']),
      };
    },
    end: async (secret) => {
      database.run('DELETE FROM sessions WHERE secret_hash = ?', hashSecret(secret));
    },
  };
}

function userOf(row: Row): User {
  return {
    name: String(row['name']),
    role: row['role'] as User['role'],
    createdMs: Number(row['created_ms']),
  };
}

function mustBePassword(password: string): void {
  if (password.length >= minPasswordLength && password.length <= maxPasswordLength) return;
  throw new AppError(
    'USER_INVALID',
    `A password needs ${minPasswordLength} to ${maxPasswordLength} characters`,
  );
}

function userExists(name: string): AppError {
  return new AppError('USER_EXISTS', `There is a user "${name}" already`, {
    hint: 'nunchi user passwd changes the password',
  });
}

/** Runs at most `max` at once, the others in the order they came. */
function concurrencyGate(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
