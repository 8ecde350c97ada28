import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What a run of the CLI printed and how it ended. */
export interface AwsResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AwsCli {
  run(...args: string[]): Promise<AwsResult>;
  /** Runs, must succeed, and parses what is printed; undefined for no output. */
  json(...args: string[]): Promise<unknown>;
  /** Starts a command that runs until `stop`; `output()` is what it has printed so far. */
  start(...args: string[]): { output(): string; stop(): Promise<void> };
}

/** Debian's awscli (version 2, with `logs tail`) first, then whatever is in the PATH. */
const candidates = ['/usr/bin/aws', 'aws'];

/** The CLI of major version 2; undefined where there is none. */
export function findAwsCli(): string | undefined {
  return candidates.find((path) => {
    if (path.startsWith('/') && !existsSync(path)) return false;
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
    return /^aws-cli\/2\./.test(stdout ?? '');
  });
}

/**
 * Why tests that need a tool are skipped; false when it is there. Where the tool is asked for by
 * name in NUNCHI_TEST_REQUIRE (comma-separated), its absence fails instead.
 */
export function skipWithout(tool: string, found: string | undefined): string | false {
  if (found !== undefined) return false;
  if ((process.env['NUNCHI_TEST_REQUIRE'] ?? '').split(',').includes(tool)) {
    throw new Error(`${tool} is required by NUNCHI_TEST_REQUIRE and was not found`);
  }
  return `${tool} is not installed`;
}

/** @param home an empty folder: no configuration of the person who runs the tests is read */
export function awsCli(
  path: string,
  options: { readonly url: string; readonly home: string; readonly env?: NodeJS.ProcessEnv },
): AwsCli {
  const env = {
    PATH: process.env['PATH'],
    HOME: options.home,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_DEFAULT_REGION: 'ap-northeast-2',
    AWS_PAGER: '',
    PYTHONUNBUFFERED: '1',
    ...options.env,
  };
  const withEndpoint = (args: string[]): string[] => ['--endpoint-url', options.url, ...args];
  const run: AwsCli['run'] = (...args) =>
    new Promise((resolve, reject) => {
      execFile(
        path,
        withEndpoint(args),
        { env, timeout: 180_000, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error !== null && typeof error.code !== 'number') reject(error);
          else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        },
      );
    });
  return {
    run,
    json: async (...args) => {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0) throw new Error(`aws ${args.join(' ')} ended with ${code}: ${stderr}`);
      return stdout.trim() === '' ? undefined : JSON.parse(stdout);
    },
    start: (...args) => {
      const child = spawn(path, withEndpoint(args), { env });
      let output = '';
      const take = (chunk: Buffer): void => {
        output += chunk.toString('utf8');
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      return {
        output: () => output,
        stop: () => {
          child.kill('SIGINT');
          return ended;
        },
      };
    },
  };
}
