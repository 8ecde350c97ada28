import { spawn } from 'node:child_process';
import { AppError, describeError } from '#base';

/** What a program wrote, as much as is kept. */
export interface ProgramOutput {
  /** stdout, then stderr, without escape sequences. */
  readonly text: string;
  /** Undefined: it was ended because it took too long. */
  readonly code: number | undefined;
  /** More was written than is kept. */
  readonly isCut: boolean;
}

export interface RunOptions {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** The whole environment: nothing of the server's own gets to the program by itself. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

/**
 * Runs a program with its arguments as they are: no shell sees them. When its time is over, it has written too
 * much or nobody waits any more, it is ended with everything that it has started.
 * @throws {AppError} CHAT_PROGRAM_MISSING when it cannot be started
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs, maxBytes, env, cwd, signal }: RunOptions,
): Promise<ProgramOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      shell: false,
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: plugins that it starts are ended with it.
      detached: true,
    });
    const parts = { out: [] as Buffer[], err: [] as Buffer[] };
    let bytes = 0;
    let isCut = false;
    let isLate = false;
    const end = (): void => endGroup(child.pid);
    const endLate = (): void => {
      isLate = true;
      end();
    };
    const timer = setTimeout(endLate, timeoutMs);
    if (signal?.aborted === true) endLate();
    signal?.addEventListener('abort', endLate, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', endLate);
    };
    const take =
      (kind: 'out' | 'err') =>
      (chunk: Buffer): void => {
        const room = maxBytes - bytes;
        if (chunk.length > room) {
          isCut = true;
          end();
        }
        if (room > 0) parts[kind].push(chunk.subarray(0, room));
        bytes += chunk.length;
      };
    child.stdout.on('data', take('out'));
    child.stderr.on('data', take('err'));
    child.on('error', (error) => {
      settle();
      reject(
        new AppError('CHAT_PROGRAM_MISSING', `${program} cannot be run: ${describeError(error)}`),
      );
    });
    // What it left running is not to outlive it, nor to hold its pipes open.
    child.on('exit', end);
    child.on('close', (code) => {
      settle();
      const text = [parts.out, parts.err]
        .map((list) => Buffer.concat(list).toString('utf8').trimEnd())
        .filter((one) => one !== '')
        .join('\n');
      resolve({ text: plain(text), code: isLate ? undefined : (code ?? (isCut ? 0 : 1)), isCut });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const escapeCharacter = String.fromCharCode(27);
const escapes = new RegExp(
  `${escapeCharacter}(\\[[0-9;?]*[A-Za-z]|\\][^\u0007${escapeCharacter}]*\u0007?)`,
  'g',
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const plain = (text: string): string => text.replace(escapes, '').replace(controls, '');
