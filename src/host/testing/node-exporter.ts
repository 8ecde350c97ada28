import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ignoredDisks, ignoredFilesystemTypes, ignoredMountPoints } from '../index.ts';
import type { SampleKind } from './recording.ts';

const program = 'prometheus-node-exporter';

/** Whether Debian's node_exporter is installed. */
export const hasNodeExporter = (): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

export interface Scrape {
  /** By `name{label="value"}`, labels in order, empty ones left out. */
  readonly values: ReadonlyMap<string, number>;
  /** By family. */
  readonly kinds: ReadonlyMap<string, SampleKind>;
  readonly helps: ReadonlyMap<string, string>;
}

/** Debian's node_exporter on a free port of this machine, told to leave out what we leave out. */
export class NodeExporter implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  static async start(): Promise<NodeExporter> {
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [
        `--web.listen-address=${address}`,
        `--collector.diskstats.device-exclude=${ignoredDisks.source}`,
        `--collector.filesystem.mount-points-exclude=${ignoredMountPoints.source}`,
        `--collector.filesystem.fs-types-exclude=${ignoredFilesystemTypes.source}`,
        '--collector.netdev.device-exclude=^$',
        // What newer releases do by default.
        '--collector.netclass.ignore-invalid-speed',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    child.stderr?.resume();
    const exporter = new NodeExporter(child, `http://${address}/metrics`);
    const deadline = performance.now() + 30_000;
    for (;;) {
      try {
        await exporter.scrape();
        return exporter;
      } catch (error) {
        if (performance.now() > deadline || child.exitCode !== null) {
          child.kill('SIGKILL');
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async scrape(): Promise<Scrape> {
    const response = await fetch(this.#url);
    return parseText(await response.text());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

function parseText(text: string): Scrape {
  const values = new Map<string, number>();
  const kinds = new Map<string, SampleKind>();
  const helps = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, what, name = '', rest = ''] = /^# (TYPE|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (what === 'TYPE') kinds.set(name, rest as SampleKind);
    else if (what === 'HELP') helps.set(name, rest);
    else if (line !== '') {
      const at = line.lastIndexOf(' ');
      values.set(keyOf(line.slice(0, at)), Number(line.slice(at + 1)));
    }
  }
  return { values, kinds, helps };
}

function keyOf(series: string): string {
  const name = series.replace(/\{.*/, '');
  const pairs = [...series.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
    .filter(([, , value]) => value !== '')
    .map(([pair]) => pair)
    .sort();
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`;
}
