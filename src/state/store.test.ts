import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '#base';
import { openStateStore, type StateStore } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'nunchi-state-'));
let folders = 0;
const newFolder = (): string => join(root, String(folders++));
const throwsCode = (code: string) => (error: unknown) => (error as { code: string }).code === code;

after(() => rmSync(root, { recursive: true }));

describe('collection()', () => {
  it('behaves as a sorted map with versions', async () => {
    const id = fc.constantFrom('a', 'ab', 'b', '한', '한글', 'z/1', 'Z');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), id, value: fc.jsonValue() }),
      fc.record({ kind: fc.constant('delete' as const), id }),
    );
    await using store = await openStateStore({ dataDir: newFolder() });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const collection = store.collection<unknown>(`c${run++}`);
        const model = new Map<string, { version: number; value: unknown }>();
        for (const action of steps) {
          const held = model.get(action.id);
          if (action.kind === 'put') {
            const saved = await collection.put(action.id, action.value);
            assert.equal(saved.version, (held?.version ?? 0) + 1);
            model.set(action.id, { version: saved.version, value: saved.value });
          } else {
            assert.equal(await collection.delete(action.id), held !== undefined);
            model.delete(action.id);
          }
        }
        const byBytes = (a: string, b: string): number =>
          Buffer.compare(Buffer.from(a), Buffer.from(b));
        const ids = [...model.keys()].sort(byBytes);
        const list = await collection.list();
        assert.deepEqual(
          list.map((saved) => saved.id),
          ids,
        );
        for (const saved of list) assert.deepEqual(saved.value, model.get(saved.id)?.value);
        const prefixed = await collection.list({ prefix: '한', limit: 1 });
        assert.deepEqual(
          prefixed.map((s) => s.id),
          ids.filter((x) => x.startsWith('한')).slice(0, 1),
        );
        const later = await collection.list({ after: 'ab' });
        assert.deepEqual(
          later.map((s) => s.id),
          ids.filter((x) => byBytes(x, 'ab') > 0),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a put and a delete that did not read the last version', async () => {
    await using store = await openStateStore({ dataDir: newFolder() });
    const things = store.collection<number>('things');
    await things.put('a', 1, { ifVersion: 0 });
    await things.put('a', 2, { ifVersion: 1 });
    await assert.rejects(things.put('a', 3, { ifVersion: 1 }), throwsCode('STATE_CONFLICT'));
    await assert.rejects(things.put('a', 3, { ifVersion: 0 }), throwsCode('STATE_CONFLICT'));
    await assert.rejects(things.delete('a', { ifVersion: 1 }), throwsCode('STATE_CONFLICT'));
    assert.equal((await things.get('a'))?.value, 2);
  });
});

describe('credentials', () => {
  const clock = new ManualClock(1_700_000_000_000);
  let dataDir: string;
  let store: StateStore;
  beforeEach(async () => {
    dataDir = newFolder();
    store = await openStateStore({ dataDir }, { clock });
  });

  it('keeps users with hashed passwords and ends their sessions', async () => {
    assert.equal(await store.hasCredentials(), false);
    await store.users.add({ name: 'ann', password: 'correct horse', role: 'editor' });
    assert.equal(await store.hasCredentials(), true);
    await assert.rejects(
      store.users.add({ name: 'ann', password: 'other words', role: 'viewer' }),
      throwsCode('USER_EXISTS'),
    );
    await assert.rejects(
      store.users.add({ name: 'bob', password: 'short', role: 'viewer' }),
      throwsCode('USER_INVALID'),
    );
    assert.equal(await store.users.verify('ann', 'wrong horse'), undefined);
    assert.equal(await store.users.verify('nobody', 'correct horse'), undefined);
    assert.equal((await store.users.verify('ann', 'correct horse'))?.role, 'editor');
    const session = await store.sessions.start('ann', 60_000);
    assert.equal((await store.sessions.find(session.secret))?.user.name, 'ann');
    await store.users.setPassword('ann', 'battery staple');
    assert.equal(await store.sessions.find(session.secret), undefined);
    const next = await store.sessions.start('ann', 60_000);
    await clock.advance(60_000);
    assert.equal(await store.sessions.find(next.secret), undefined);
    await store[Symbol.asyncDispose]();
    const bytes = readFileSync(join(dataDir, 'state.db'));
    for (const secret of ['correct horse', 'battery staple', session.secret]) {
      assert.equal(bytes.includes(secret), false);
    }
    assert.equal(statSync(join(dataDir, 'state.db')).mode & 0o077, 0);
  });

  it('keeps tokens that expire and can be revoked', async () => {
    const { secret, token } = await store.tokens.create({
      name: 'ci',
      role: 'agent',
      lifetimeMs: 1000,
    });
    assert.equal((await store.tokens.find(secret))?.role, 'agent');
    assert.equal(await store.tokens.find(`${secret}x`), undefined);
    await assert.rejects(
      store.tokens.create({ name: 'ci', role: 'viewer' }),
      throwsCode('TOKEN_EXISTS'),
    );
    await clock.advance(1000);
    assert.equal(await store.tokens.find(secret), undefined);
    assert.equal(await store.tokens.revoke(token.id), true);
    assert.equal(await store.tokens.revoke(token.id), false);
  });

  it('seals the secrets of access keys with a key file of the owner', async () => {
    const { key, secret } = await store.accessKeys.create({ name: 'aws', role: 'admin' });
    assert.match(key.id, /^AKIA[A-Z2-7]{16}$/);
    assert.equal(secret.length, 40);
    await store[Symbol.asyncDispose]();
    assert.equal(statSync(join(dataDir, 'state.key')).mode & 0o777, 0o600);
    assert.equal(readFileSync(join(dataDir, 'state.db')).includes(secret), false);
    await using again = await openStateStore({ dataDir });
    assert.equal((await again.accessKeys.find(key.id))?.secret, secret);
    assert.equal(await again.accessKeys.find('AKIAAAAAAAAAAAAAAAAA'), undefined);
    rmSync(join(dataDir, 'state.key'));
    await using other = await openStateStore({ dataDir });
    await assert.rejects(other.accessKeys.find(key.id), throwsCode('ACCESS_KEY_UNREADABLE'));
  });
});

describe('openStateStore()', () => {
  it('refuses a file of a newer program', async () => {
    const dataDir = newFolder();
    await (await openStateStore({ dataDir }))[Symbol.asyncDispose]();
    const db = new DatabaseSync(join(dataDir, 'state.db'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    await assert.rejects(openStateStore({ dataDir }), throwsCode('STATE_TOO_NEW'));
  });

  it('has after kill -9 all that a put resolved for', async () => {
    const dataDir = newFolder();
    const script = `
      import { openStateStore } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      const store = await openStateStore({ dataDir: ${JSON.stringify(dataDir)} });
      const numbers = store.collection('numbers');
      for (let n = 1; ; n++) { await numbers.put(String(n).padStart(6, '0'), n); process.stdout.write(n + '\\n'); }
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = 0;
    let rest = '';
    for await (const chunk of child.stdout) {
      rest += String(chunk);
      const lines = rest.split('\n');
      rest = lines.pop()!;
      acknowledged = Number(lines.at(-1) ?? acknowledged);
      if (acknowledged >= 50 && !child.killed) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await using store = await openStateStore({ dataDir });
    const numbers = await store.collection<number>('numbers').list();
    assert.ok(numbers.length >= acknowledged, `${numbers.length} of ${acknowledged}`);
    assert.deepEqual(
      numbers.map((saved) => saved.value),
      numbers.map((_, index) => index + 1),
    );
  });
});

describe('secrets', () => {
  it('are text that opens again, after a restart too, and only under the same context', async () => {
    const dataDir = newFolder();
    let sealed: string;
    {
      await using store = await openStateStore({ dataDir });
      sealed = store.secrets.seal('hook', 'contact-point/a');
      assert.ok(!sealed.includes('hook'));
    }
    await using store = await openStateStore({ dataDir });
    assert.equal(store.secrets.unseal(sealed, 'contact-point/a'), 'hook');
    assert.equal(store.secrets.unseal(sealed, 'contact-point/b'), undefined);
  });
});
