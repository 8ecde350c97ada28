import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isAppError, silentLogger } from '#base';
import { openStateStore } from '#state';
import { makeInitialAdmin } from './initial-admin.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-admin-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('makeInitialAdmin', () => {
  const withState = async (
    name: string,
    work: (state: Awaited<ReturnType<typeof openStateStore>>) => Promise<void>,
  ): Promise<void> => {
    await using state = await openStateStore({ dataDir: join(folder, name) });
    await work(state);
  };
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'from a file!\n');

  it('makes an administrator once, and leaves users alone after that', async () => {
    await withState('once', async (state) => {
      const deps = { state, log: silentLogger };
      await makeInitialAdmin({ name: 'root', password: undefined, passwordFile }, deps);
      assert.equal((await state.users.verify('root', 'from a file!'))?.role, 'admin');
      await state.users.setPassword('root', 'changed by hand');
      await makeInitialAdmin({ name: 'other', password: 'another one', passwordFile }, deps);
      assert.deepEqual(
        (await state.users.list()).map(({ name }) => name),
        ['root'],
      );
      assert.ok(await state.users.verify('root', 'changed by hand'));
    });
  });

  it('makes nobody without a password', async () => {
    await withState('none', async (state) => {
      const none = { name: 'root', password: undefined, passwordFile: undefined };
      await makeInitialAdmin(none, { state, log: silentLogger });
      assert.deepEqual(await state.users.list(), []);
    });
  });

  for (const [what, options, message] of [
    ['a file that is not there', { passwordFile: '/nowhere/password' }, /cannot be read/],
    ['a password that is too short', { password: 'short' }, /needs 8 to/],
  ] as const) {
    it(`refuses ${what}, and names it`, async () => {
      await withState(what.replaceAll(' ', '-'), async (state) => {
        const given = { name: 'root', password: undefined, passwordFile: undefined, ...options };
        await assert.rejects(
          makeInitialAdmin(given, { state, log: silentLogger }),
          (error) =>
            isAppError(error) &&
            error.code === 'INITIAL_ADMIN_INVALID' &&
            message.test(error.message),
        );
      });
    });
  }
});
