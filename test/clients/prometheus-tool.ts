import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { eventually } from '../eventually.ts';

/** Where a program is, under any of its names; undefined where it is not. */
export function findProgram(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/bin');
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end; a code other than 0 is no error here. */
export function runProgram(
  path: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string } = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: 180_000, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(
      path,
      args,
      { ...limits, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    // A program that does not read its input may be gone before it is written.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** Programs that run beside a test; all are ended with it. */
export class Programs implements AsyncDisposable {
  readonly #children: { readonly child: ChildProcess; readonly ended: Promise<void> }[] = [];

  /**
   * Starts one and waits until it answers at `readyUrl`.
   * @returns kills it, and resolves when it is gone
   * @throws with what it logged
   */
  async start(
    path: string,
    args: readonly string[],
    readyUrl: string,
  ): Promise<() => Promise<void>> {
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    this.#children.push({ child, ended });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-20_000);
    });
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${path} ended with ${child.exitCode}: ${log}`);
      const response = await fetch(readyUrl).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok === true ? true : undefined;
    }, 40_000);
    return () => {
      child.kill('SIGKILL');
      return ended;
    };
  }

  /** Resolves when all that were started have ended by themselves. */
  async ended(): Promise<void> {
    await Promise.all(this.#children.map(({ ended }) => ended));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#children.map(({ ended }) => ended));
  }
}

export interface QuerySeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** An instant query, its series in order of their labels. @param atMs whole seconds */
export async function askInstant(url: string, query: string, atMs: number): Promise<QuerySeries[]> {
  const body = new URLSearchParams({ query, time: String(atMs / 1000) });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
  const answer = (await response.json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data: { readonly result: QuerySeries[] };
  };
  if (answer.status !== 'success') throw new Error(`${url}: ${query}: ${answer.error}`);
  const key = ({ metric }: QuerySeries): string => JSON.stringify(Object.entries(metric).sort());
  return answer.data.result
    .map((series) => ({
      ...series,
      metric: Object.fromEntries(Object.entries(series.metric).sort()),
    }))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
