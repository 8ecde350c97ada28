import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, type Clock, describeError, systemClock } from '#base';
import { documentCollection } from './collection.ts';
import type { Collection, StateStore } from './contract.ts';
import { accessKeyStore, tokenStore } from './credentials.ts';
import { Database } from './database.ts';
import { migrations } from './migrations.ts';
import { Sealer } from './seal.ts';
import { sessionStore, userStore } from './users.ts';

/**
 * Opens (and makes, and migrates) `state.db` and `state.key` in the data directory, both readable
 * by their owner only. @throws {AppError} STATE_UNREADABLE, STATE_TOO_NEW
 */
export async function openStateStore(
  options: { readonly dataDir: string },
  deps: { readonly clock?: Clock } = {},
): Promise<StateStore> {
  const clock = deps.clock ?? systemClock;
  const path = join(options.dataDir, 'state.db');
  try {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o750 });
  } catch (error) {
    throw new AppError(
      'STATE_UNREADABLE',
      `Cannot make ${options.dataDir}: ${describeError(error)}`,
      {
        hint: 'Choose another folder with --data-dir',
        cause: error,
      },
    );
  }
  const database = Database.open(path, migrations);
  chmodSync(path, 0o600);
  // Only access keys and sealed secrets need it; many installations have none.
  let sealer: Sealer | undefined;
  const openSealer = (): Sealer => {
    sealer ??= Sealer.open(join(options.dataDir, 'state.key'));
    return sealer;
  };
  return {
    collection: <T>(name: string): Collection<T> => documentCollection<T>(database, name, clock),
    users: userStore(database, clock),
    sessions: sessionStore(database, clock),
    tokens: tokenStore(database, clock),
    accessKeys: accessKeyStore(database, clock, openSealer),
    secrets: {
      seal: (secret, context) => Buffer.from(openSealer().seal(secret, context)).toString('base64'),
      unseal: (sealed, context) => openSealer().unseal(Buffer.from(sealed, 'base64'), context),
    },
    hasCredentials: async () =>
      database.get(
        `SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM tokens)
           OR EXISTS (SELECT 1 FROM access_keys)`,
      ) !== undefined,
    [Symbol.asyncDispose]: async () => database.close(),
  };
}
