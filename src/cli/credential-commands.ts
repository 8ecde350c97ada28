import { type Command, Option } from 'commander';
import { AppError, parseDurationMs } from '#base';
import { loadConfig } from '#config';
import type { Role, StateStore, User } from '#state';
import type { GlobalFlags } from './flags.ts';
import { readPassword } from './password-prompt.ts';
import { formatTable } from './table.ts';

const userRoles = ['viewer', 'editor', 'admin'] as const;

/** `user`, `token`, `access-key`: they write the state file and work while a server runs too. */
export function registerCredentialCommands(program: Command, env: NodeJS.ProcessEnv): void {
  const stateful = (command: Command): Command =>
    command
      .option('--config <file>', 'configuration file (NUNCHI_CONFIG)', env['NUNCHI_CONFIG'])
      .option('--data-dir <folder>', 'data directory of the server (NUNCHI_DATA_DIR)');

  const withState = async (
    flags: GlobalFlags,
    work: (state: StateStore) => Promise<void>,
  ): Promise<void> => {
    const { openStateStore } = await import('#state');
    const { dataDir } = loadConfig(flags.config, env, flags).server;
    await using state = await openStateStore({ dataDir });
    await work(state);
  };

  const user = program.command('user').description('people who log in');
  stateful(user.command('add <name>'))
    .description('add a user; the password is asked for, or read from standard input')
    .addOption(roleOption(userRoles, 'viewer'))
    .action(async (name: string, flags: GlobalFlags & { role: User['role'] }) => {
      const password = await readPassword(`Password for ${name}: `);
      await withState(flags, async (state) => {
        await state.users.add({ name, password, role: flags.role });
        print(`Added ${name} as ${flags.role}`);
      });
    });
  stateful(user.command('list'))
    .description('list users')
    .action((flags: GlobalFlags) =>
      withState(flags, async (state) => {
        const rows = (await state.users.list()).map((u) => [u.name, u.role, day(u.createdMs)]);
        process.stdout.write(formatTable(['NAME', 'ROLE', 'CREATED'], rows));
      }),
    );
  stateful(user.command('remove <name>'))
    .description('remove a user and end their sessions')
    .action((name: string, flags: GlobalFlags) =>
      withState(flags, async (state) => {
        if (!(await state.users.remove(name))) throw notFound('user', name);
        print(`Removed ${name}`);
      }),
    );
  stateful(user.command('passwd <name>'))
    .description('set another password and end the sessions')
    .action(async (name: string, flags: GlobalFlags) => {
      const password = await readPassword(`New password for ${name}: `);
      await withState(flags, async (state) => {
        await state.users.setPassword(name, password);
        print(`Changed the password of ${name}`);
      });
    });

  const token = program.command('token').description('API tokens of programs and agents');
  stateful(token.command('create <name>'))
    .description('make a token; it is shown once')
    .addOption(roleOption([...userRoles, 'agent'], 'viewer'))
    .option('--expires-in <duration>', 'lifetime such as 90d; without it for ever')
    .action((name: string, flags: GlobalFlags & { role: Role; expiresIn?: string }) =>
      withState(flags, async (state) => {
        const { expiresIn, role } = flags;
        const lifetime = expiresIn === undefined ? {} : { lifetimeMs: parseDurationMs(expiresIn) };
        const { secret } = await state.tokens.create({ name, role, ...lifetime });
        process.stderr.write('This is shown once:\n');
        print(secret);
      }),
    );
  stateful(token.command('list'))
    .description('list tokens')
    .action((flags: GlobalFlags) =>
      withState(flags, async (state) => {
        const rows = (await state.tokens.list()).map((t) => [
          t.id,
          t.name,
          t.role,
          day(t.createdMs),
          day(t.expiresMs),
          day(t.lastUsedMs),
        ]);
        const header = ['ID', 'NAME', 'ROLE', 'CREATED', 'EXPIRES', 'LAST USED'];
        process.stdout.write(formatTable(header, rows));
      }),
    );
  stateful(token.command('revoke <id-or-name>'))
    .description('end a token')
    .action((idOrName: string, flags: GlobalFlags) =>
      withState(flags, async (state) => {
        if (!(await state.tokens.revoke(idOrName))) throw notFound('token', idOrName);
        print(`Revoked ${idOrName}`);
      }),
    );

  const key = program.command('access-key').description('AWS access keys for aws and the SDKs');
  stateful(key.command('create <name>'))
    .description('make an access key; the secret is shown once')
    .addOption(roleOption(userRoles, 'editor'))
    .action((name: string, flags: GlobalFlags & { role: User['role'] }) =>
      withState(flags, async (state) => {
        const { key: made, secret } = await state.accessKeys.create({ name, role: flags.role });
        process.stderr.write('The secret is shown once:\n');
        print(`AWS_ACCESS_KEY_ID=${made.id}\nAWS_SECRET_ACCESS_KEY=${secret}`);
      }),
    );
  stateful(key.command('list'))
    .description('list access keys')
    .action((flags: GlobalFlags) =>
      withState(flags, async (state) => {
        const rows = (await state.accessKeys.list()).map((k) => [
          k.id,
          k.name,
          k.role,
          day(k.createdMs),
        ]);
        process.stdout.write(formatTable(['ID', 'NAME', 'ROLE', 'CREATED'], rows));
      }),
    );
  stateful(key.command('revoke <id>'))
    .description('end an access key')
    .action((id: string, flags: GlobalFlags) =>
      withState(flags, async (state) => {
        if (!(await state.accessKeys.revoke(id))) throw notFound('access key', id);
        print(`Revoked ${id}`);
      }),
    );
}

function roleOption(roles: readonly string[], fallback: string): Option {
  return new Option('--role <role>', 'what it may do').choices(roles).default(fallback);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function day(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

function notFound(kind: string, name: string): AppError {
  const command = kind.replace(' ', '-');
  return new AppError('NOT_FOUND', `There is no ${kind} "${name}"`, {
    hint: `nunchi ${command} list shows all`,
  });
}
