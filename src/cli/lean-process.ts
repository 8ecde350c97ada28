import { join, resolve } from 'node:path';

/** Roles that run for weeks and move much memory through few buffers. */
const longRunning: ReadonlySet<string | undefined> = new Set(['start', 'server']);

/**
 * One heap of the C library, where there would be eight for each core, and what is larger than 4 MiB
 * mapped on its own: left alone the library raises that bound to 32 MiB, and keeps what is smaller.
 * (A bound of 128 KiB gives 30 MiB more back, but batches and compressors then cost twice the system
 * time.) The library reads these when it starts.
 */
export const leanEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '4194304',
  MALLOC_TRIM_THRESHOLD_: '8388608',
};

/** A young generation of 3 x 4 MiB: batches are buffers outside it. */
export const leanNodeFlags: readonly string[] = [
  '--max-semi-space-size=4',
  '--disable-warning=ExperimentalWarning',
];

/**
 * Starts this program anew in its own process, with settings that can only be given from outside:
 * a server takes some 150 MiB less for it after a burst of logs. Returns where that is not possible
 * or not wanted: other roles, other systems, settings that somebody made already.
 *
 * Compiled sources are kept in the data directory, where it is known: a process that finds them
 * there never loads the compiler of TypeScript (25 MB).
 */
export function leanProcess(args: readonly string[], env: NodeJS.ProcessEnv): void {
  if (process.platform !== 'linux' || process.execve === undefined) return;
  if (!longRunning.has(args[0]) || env['MALLOC_ARENA_MAX'] !== undefined) return;
  const dataDir = optionValue(args, '--data-dir') ?? env['NUNCHI_DATA_DIR'];
  const cache = dataDir ? { NODE_COMPILE_CACHE: join(resolve(dataDir), 'cache', 'node') } : {};
  const command = [
    process.execPath,
    ...process.execArgv,
    ...leanNodeFlags,
    ...process.argv.slice(1),
  ];
  process.execve(process.execPath, command, { ...cache, ...env, ...leanEnvironment });
}

function optionValue(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  if (at !== -1) return args[at + 1];
  return args.find((each) => each.startsWith(`${flag}=`))?.slice(flag.length + 1);
}
