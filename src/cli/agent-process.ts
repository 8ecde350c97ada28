import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The young generation stays small: the agent's work is done in a few buffers that are used again,
 * what it makes besides is little and short-lived.
 */
const nodeFlags: readonly string[] = [
  '--max-semi-space-size=1',
  '--max-old-space-size=128',
  '--v8-pool-size=1',
  '--optimize-for-size',
];

/**
 * One heap of the C library in place of one per thread, and few threads. What is larger than 64 KiB
 * (a compressed batch is) is mapped on its own and given back when freed: left alone, the library raises
 * that bound with the first large buffer and keeps the rest. With a bound of 128 KiB 6 MiB of its heap
 * are holes.
 */
const leanEnvironment: NodeJS.ProcessEnv = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_TOP_PAD_: '65536',
  UV_THREADPOOL_SIZE: '2',
};

const warmUpTimeoutMs = 20_000;

/** How `nunchi agent` is started as a process of its own. */
export interface AgentCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The command for `nunchi agent ARGS`. The compiled sources are kept in the data directory: a process
 * that finds them there never loads the compiler, which is 25 MB of memory.
 */
export function agentCommand(options: {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
}): AgentCommand {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  return {
    program: process.execPath,
    args: [...process.execArgv, ...nodeFlags, main, 'agent', ...options.args],
    env: {
      NODE_COMPILE_CACHE: join(options.dataDir, 'cache', 'node'),
      ...leanEnvironment,
      ...options.env,
    },
  };
}

/** Fills the cache of compiled sources by a run that only looks at its options. Never fails. */
export async function warmUpAgent(command: AgentCommand): Promise<void> {
  const child = spawn(command.program, [...command.args, '--dry-run'], {
    env: command.env,
    stdio: 'ignore',
    timeout: warmUpTimeoutMs,
  });
  await once(child, 'close').catch(() => {});
}

/**
 * Begins the process anew with the options of a lean one, under the same id and with the same files
 * open: an agent that is started by hand or by a DaemonSet has the memory of one that a server starts.
 * Returns where it is one already, where Node was given limits of its own, and where the system has
 * no such call.
 */
export function becomeLean(dataDir: string | undefined, env: NodeJS.ProcessEnv): void {
  const own = `${process.execArgv.join(' ')} ${env['NODE_OPTIONS'] ?? ''}`;
  const isLimited = /--max[-_](?:semi|old)[-_]space[-_]size/.test(own);
  // A channel to a parent, or to a test runner, does not survive.
  if (isLimited || process.execve === undefined || process.channel != null) return;
  const cache = dataDir !== undefined && isAbsolute(dataDir) ? dataDir : undefined;
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...nodeFlags, ...process.argv.slice(1)],
    {
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: join(cache, 'cache', 'node') }),
      ...leanEnvironment,
      ...env,
    },
  );
}
