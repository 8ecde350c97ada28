/** Becomes lean as its first argument says, and prints what it has become. */
import { becomeLean } from './agent-process.ts';
import { leanProcess } from './lean-process.ts';

const args = process.argv.slice(2);
if (args[0] === 'agent') becomeLean(args[1], process.env);
else leanProcess(args, process.env);
const { MALLOC_ARENA_MAX, MALLOC_MMAP_THRESHOLD_, NODE_COMPILE_CACHE } = process.env;
process.stdout.write(
  JSON.stringify({
    pid: process.pid,
    args,
    flags: process.execArgv,
    env: { MALLOC_ARENA_MAX, MALLOC_MMAP_THRESHOLD_, NODE_COMPILE_CACHE },
  }),
);
