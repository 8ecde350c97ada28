import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  globSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from '../eventually.ts';
import { freePort } from '../faults/rig.ts';
import { findProgram } from './prometheus-tool.ts';

const psql = findProgram('psql');
/** Where the server's programs are: Debian keeps them out of the way of the path. */
export const postgresBin: string | undefined = binOf(findProgram('initdb'));

function binOf(initdb: string | undefined): string | undefined {
  if (psql === undefined) return undefined;
  return initdb === undefined
    ? globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1)
    : dirname(realpathSync(initdb));
}

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** The certificate that it shows, its own authority. */
  readonly certificate: string;
  /** Runs SQL as the superuser `postgres`. */
  run(sql: string, database?: string): void;
}

const isRoot = process.getuid?.() === 0;

/** The server does not run as root: another user's name stands before its programs. */
function asServer(program: string, args: readonly string[]): [string, string[]] {
  const path = join(postgresBin!, program);
  return isRoot ? ['runuser', ['-u', 'postgres', '--', path, ...args]] : [path, [...args]];
}

/** A server of its own in a temporary folder, on a free port, with TLS and passwords. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-pg-'));
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })),
    );
    chownSync(folder, uid!, gid!);
  }
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const run = (program: string, args: readonly string[], input = ''): string => {
    const [path, all] = asServer(program, args);
    return execFileSync(path, all, { input, encoding: 'utf8', cwd: '/', stdio: 'pipe' });
  };
  const password = join(tmpdir(), `nunchi-pg-password-${process.pid}`);
  writeFileSync(password, 'super', { mode: 0o644 });
  run('initdb', [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    '--pwfile',
    password,
    '-E',
    'UTF8',
    '--no-sync',
  ]);
  rmSync(password);
  const [shell, shellArgs] = isRoot
    ? ['runuser', ['-u', 'postgres', '--', 'openssl']]
    : ['openssl', []];
  execFileSync(
    shell as string,
    [
      ...(shellArgs as string[]),
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', join(data, 'server.key'), '-out', join(data, 'server.crt')],
    ],
    { cwd: '/', stdio: 'pipe' },
  );
  const certificate = execFileSync('cat', [join(data, 'server.crt')], { encoding: 'utf8' });
  const port = await freePort();
  const options = {
    listen_addresses: '127.0.0.1,::1',
    port: String(port),
    unix_socket_directories: folder,
    fsync: 'off',
    ssl: 'on',
    max_connections: '30',
  };
  const settings = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [path, args] = asServer('postgres', ['-D', data, ...settings]);
  const child = spawn(path, args, { cwd: '/', stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const sql = (text: string, database = 'postgres'): void => {
    const env = { ...process.env, PGPASSWORD: 'super' };
    const target = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', database];
    execFileSync(psql!, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...target], {
      input: text,
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  };
  await eventually(() => {
    try {
      sql('SELECT 1');
      return true;
    } catch (error) {
      if (child.exitCode !== null) throw error;
      return undefined;
    }
  }, 60_000).catch((error: unknown) => {
    run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
    throw error;
  });
  return {
    port,
    certificate,
    run: sql,
    [Symbol.asyncDispose]: async () => {
      run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
