import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Program = ChildProcessByStdio<null, null, Readable>;

/** The program itself as a server without an agent, over a folder of its own; `config` is YAML. */
export function startProgram(folder: string, config: string, port = 0): Program {
  writeFileSync(join(folder, 'nunchi.yaml'), `${config}\nagent: {enabled: false}\n`);
  return spawn(
    process.execPath,
    [
      join(root, 'src/main.ts'),
      'server',
      ...['--config', join(folder, 'nunchi.yaml')],
      ...['--data-dir', join(folder, 'data')],
      ...['--listen', `127.0.0.1:${port}`],
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

/** Where the program says it is ready; it logs before and after. */
export async function addressOf({ stderr }: Program): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    const url = /ready at (https?:\/\/\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      // Whatever it says later must not fill the pipe.
      stderr.resume();
      return url;
    }
    lines.push(line);
  }
  throw new Error(`The server ended: ${lines.join('\n')}`);
}
