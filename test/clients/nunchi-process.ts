import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A real server process over a folder of its own, on a free port. */
export interface NunchiProcess extends AsyncDisposable {
  readonly url: string;
  /** Holds the data directory; removed at the end. */
  readonly folder: string;
  /** Runs another `nunchi` command on the same data directory; gives its output. */
  command(...args: string[]): Promise<string>;
}

/**
 * Resolves when the server says that it is ready.
 * @param options.config text of a nunchi.yaml
 * @param options.listen where it must be known beforehand
 * @param options.role `start` has an agent beside the server; default: the server alone
 * @param options.dataDir one that outlives the server; default: a folder of its own
 */
export async function startNunchi(
  options: {
    readonly config?: string;
    readonly listen?: string;
    readonly dataDir?: string;
    readonly role?: 'server' | 'start';
  } = {},
): Promise<NunchiProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'nunchi-clients-'));
  const configFile = join(folder, 'nunchi.yaml');
  await writeFile(configFile, options.config ?? '');
  const common = ['--config', configFile, '--data-dir', options.dataDir ?? join(folder, 'data')];
  const child = spawn(
    process.execPath,
    [
      'src/main.ts',
      options.role ?? 'server',
      '--listen',
      options.listen ?? '127.0.0.1:0',
      ...common,
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`The server ${why}:\n${log}`));
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      fail('was not ready within 60 s');
    }, 60_000);
    child.once('close', (code) => {
      clearTimeout(deadline);
      fail(`ended with ${code}`);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-100_000);
      const ready = /Nunchi is ready at (http:\/\/[^\s"]+)/.exec(log);
      if (ready === null) return;
      clearTimeout(deadline);
      resolve(ready[1]!);
    });
  });
  return {
    url,
    folder,
    command: async (...args) => {
      const command = ['src/main.ts', ...args, ...common];
      return (await run(process.execPath, command, { cwd: root })).stdout;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await ended;
      clearTimeout(hard);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
