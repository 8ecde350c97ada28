import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../eventually.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const mainFile = join(root, 'src/main.ts');

/** A port that was free a moment ago: a server that is restarted must come back at the same one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** False, or why a private mount namespace cannot be had here. */
export function withoutUnshare(): string | false {
  if (process.platform !== 'linux') return 'unshare needs Linux';
  try {
    execFileSync(
      'unshare',
      ['-m', '--propagation', 'private', 'mount', '-t', 'tmpfs', 'x', '/mnt'],
      {
        stdio: 'ignore',
      },
    );
    return false;
  } catch {
    return 'unshare -m and mount need root';
  }
}

export interface Mount {
  readonly target: string;
  /** A folder to bind there. */
  readonly source: string;
}

export interface ProgramOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Seen by this process alone. */
  readonly mounts?: readonly Mount[];
}

/** A `nunchi` process that can be killed at any moment and started again. */
export class Program {
  readonly #options: ProgramOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #log = '';
  starts = 0;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** What it wrote to stderr lately, over all its lives. */
  get log(): string {
    return this.#log;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    if (this.#child !== undefined) throw new Error('It runs already');
    this.starts++;
    const { args, env, mounts } = this.#options;
    const command = [process.execPath, mainFile, ...args];
    const binds = (mounts ?? []).map(({ source, target }) => `mount --bind ${source} ${target}`);
    const wrapped =
      mounts === undefined
        ? command
        : ['unshare', '-m', '--propagation', 'private', 'sh', '-c']
            .concat(`${[...binds, 'exec "$@"'].join(' && ')}`, 'sh')
            .concat(command);
    const child = spawn(wrapped[0]!, wrapped.slice(1), {
      cwd: root,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        if (this.#child === child) this.#child = undefined;
        this.#note(`-- ended: ${code ?? signal}\n`);
        resolve(undefined);
      });
    });
    child.stderr?.on('data', (chunk: Buffer) => this.#note(chunk.toString('utf8')));
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** A graceful stop. @returns false when it took too long and was killed */
  async stop(withinMs = 60_000): Promise<boolean> {
    const child = this.#child;
    let inTime = true;
    const timer = setTimeout(() => {
      inTime = false;
      child?.kill('SIGKILL');
    }, withinMs);
    child?.kill('SIGTERM');
    await this.#ended;
    clearTimeout(timer);
    return inTime;
  }

  #note(text: string): void {
    this.#log = (this.#log + text).slice(-60_000);
  }
}

/** A server, agents and folders of one test; `await using` ends and removes all of it. */
export class Rig implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly server: Program;
  readonly #programs: Program[] = [];
  readonly #children: ChildProcess[] = [];
  readonly #cleanups: (() => void)[] = [];

  private constructor(folder: string, port: number, options: RigOptions) {
    this.folder = folder;
    this.port = port;
    const dataDir = options.serverDataDir?.(folder) ?? join(folder, 'server');
    const config = this.config(
      'server.yaml',
      options.serverConfig ?? { logs: { store: busyStore } },
    );
    this.server = this.program({
      args: [
        ...['server', '--config', config, '--data-dir', dataDir],
        ...['--listen', `127.0.0.1:${port}`],
      ],
      ...(options.serverEnv === undefined ? {} : { env: options.serverEnv(folder) }),
    });
  }

  static async open(options: RigOptions = {}): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-faults-'));
    return new Rig(folder, await freePort(), options);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  path(...parts: string[]): string {
    const path = join(this.folder, ...parts);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Writes a nunchi.yaml (JSON is YAML). @returns its path */
  config(name: string, content: unknown): string {
    const path = join(this.folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  program(options: ProgramOptions): Program {
    const program = new Program(options);
    this.#programs.push(program);
    return program;
  }

  /** Runs at the end, before the folder is removed. */
  defer(cleanup: () => void): void {
    this.#cleanups.push(cleanup);
  }

  /** Another script of this folder, to its end. @returns what it printed */
  async run(script: string, argument: unknown): Promise<string> {
    const file = fileURLToPath(new URL(script, import.meta.url));
    const child = spawn(process.execPath, [file, JSON.stringify(argument)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${script} ended with ${code}`);
    return printed;
  }

  async startServer(): Promise<void> {
    this.server.start();
    await this.serverReady();
  }

  async serverReady(): Promise<void> {
    await eventually(
      async () => ((await fetch(`${this.url}/-/ready`)).status === 200 ? true : undefined),
      120_000,
      () => this.server.log,
    );
  }

  /** Events in all groups, as the server counts them. */
  async eventCount(): Promise<number> {
    const response = await fetch(`${this.url}/nunchi/logs/groups`);
    const { groups } = (await response.json()) as { groups: readonly { events: number }[] };
    return groups.reduce((sum, group) => sum + group.events, 0);
  }

  async groups(): Promise<readonly string[]> {
    const response = await fetch(`${this.url}/nunchi/logs/groups`);
    const { groups } = (await response.json()) as { groups: readonly { name: string }[] };
    return groups.map((group) => group.name);
  }

  /** The rows of a query, one at a time, without a bound. */
  async *rows(text: string, groups: readonly string[]): AsyncGenerator<Record<string, unknown>> {
    const response = await fetch(`${this.url}/nunchi/logs/export?format=json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        text,
        language: 'CWLI',
        groups,
        fromMs: 0,
        toMs: 8_640_000_000_000_000,
      }),
    });
    if (!response.ok || response.body === null)
      throw new Error(`The export answered ${response.status} ${await response.text()}`);
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield JSON.parse(line) as Record<string, unknown>;
    }
  }

  /** What the server says of its store, for the message of a failure. */
  async storeState(): Promise<string> {
    const overview = await (await fetch(`${this.url}/nunchi/logs/overview`)).text();
    const counted: unknown[] = [];
    for await (const row of this.rows('stats count(*) as events', await this.groups()))
      counted.push(row);
    const files = ['segments', 'damaged', 'wal'].map((name) => {
      const folder = join(this.folder, 'server', 'logs', name);
      return existsSync(folder) ? `${name}: ${readdirSync(folder).join(' ')}` : `no ${name}`;
    });
    return `${JSON.stringify(counted)} ${files.join('; ')} ${overview}`;
  }

  /** Messages of all events of the groups. */
  async *messages(groups?: readonly string[]): AsyncGenerator<string> {
    const names = groups ?? (await this.groups());
    for await (const row of this.rows('fields @message', names)) yield String(row['@message']);
  }

  /** A sample of the server's own metrics, labels added up. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    let sum = 0;
    for (const line of text.split('\n')) {
      if (!line.startsWith(name)) continue;
      const after = line[name.length];
      if (after === ' ' || after === '{') sum += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
    return sum;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#programs.map((program) => program.kill()));
    for (const cleanup of this.#cleanups.reverse()) cleanup();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Small segments, so that sealing and merging are under way when a process is killed. */
export const busyStore = {
  minFreeDisk: '1MiB',
  segment: { freshSize: '8MiB', maxFreshAge: '3s' },
} as const;

export interface RigOptions {
  /** Content of nunchi.yaml. */
  readonly serverConfig?: unknown;
  readonly serverEnv?: (folder: string) => Readonly<Record<string, string>>;
  /** Default: a folder of the rig. */
  readonly serverDataDir?: (folder: string) => string;
}

/** Arguments of an agent that reads these container logs and nothing else. */
export function agentConfig(
  rig: Rig,
  containers: readonly string[],
  options: { readonly dataDir?: string; readonly maxSpool?: string } = {},
): ProgramOptions {
  const config = rig.config('agent.yaml', {
    agent: {
      id: 'node-1',
      server: { url: rig.url },
      inputs: { discover: false, containers, journald: 'off', kmsg: 'off' },
      metrics: { enabled: false },
      ...(options.maxSpool === undefined ? {} : { spool: { maxSize: options.maxSpool } }),
    },
  });
  const dataDir = options.dataDir ?? rig.path('agent');
  return { args: ['agent', '--config', config, '--data-dir', dataDir] };
}

/** Path of the log of a container, in a folder of the kubelet's shape. */
export function containerLog(folder: string, index: number): string {
  const uid = `0a1b2c3d-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const path = join(folder, 'pods', `default_shop-${index}_${uid}`, 'app');
  mkdirSync(path, { recursive: true });
  return join(path, '0.log');
}

/** The line of a container in a stored message, as the pipelines of records write it. */
export function logText(message: string): string {
  return String((JSON.parse(message) as { log?: unknown }).log).trimEnd();
}
