import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Runs one benchmark by its name: `npm run bench -- NAME`. A benchmark is a file of this folder that
 * exports `run(args)`; helpers do not.
 */
const [name, ...args] = process.argv.slice(2);
const folder = import.meta.dirname;
const file = join(folder, `${name}.ts`);
const exists = name !== undefined && /^[\w-]+$/.test(name) && (await canRead(file));
const found = exists ? ((await import(file)) as { run?: (args: string[]) => Promise<void> }) : {};

if (found.run === undefined) {
  const helpers = new Set([
    'run.ts',
    'kubernetes-objects.ts',
    'data.ts',
    'metrics-servers.ts',
    'scrape-target.ts',
  ]);
  const names = (await readdir(folder))
    .filter((each) => each.endsWith('.ts') && !helpers.has(each) && !each.includes('-process'))
    .map((each) => each.slice(0, -3));
  console.error(`Usage: npm run bench -- NAME, where NAME is one of: ${names.sort().join(', ')}`);
  process.exitCode = 1;
} else {
  await found.run(args);
}

async function canRead(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
