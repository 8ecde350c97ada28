import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A metrics server of the comparison, as a process of its own. */
export interface MetricsServer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  /** CPU seconds since its start, user and system, all threads. */
  cpuSeconds(): number;
  /** Highest resident memory so far, bytes. */
  peakBytes(): number;
  residentBytes(): number;
  diskBytes(): number;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const startTimeoutMs = 30_000;

/** Where a program of this name is; undefined: not installed. */
export function programPath(name: string): string | undefined {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** Jobs of a prometheus.yml, as objects: JSON is YAML. */
export type ScrapeJobs = readonly Readonly<Record<string, unknown>>[];

export async function startNunchi(folder: string, jobs: ScrapeJobs = []): Promise<MetricsServer> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'nunchi.yaml');
  writeFileSync(config, JSON.stringify({ metrics: { prometheus: { scrape_configs: jobs } } }));
  const args = [join(root, 'src/main.ts'), 'server', '--config', config];
  return start('nunchi', process.execPath, folder, port, '/-/ready', [
    ...args,
    ...['--data-dir', join(folder, 'data'), '--listen', `127.0.0.1:${port}`],
  ]);
}

/** Undefined where Prometheus is not installed. */
export async function startPrometheus(
  folder: string,
  jobs: ScrapeJobs = [],
): Promise<MetricsServer | undefined> {
  const path = programPath('prometheus');
  if (path === undefined) return undefined;
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ scrape_configs: jobs }));
  return start('prometheus', path, folder, port, '/-/ready', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    '--web.enable-admin-api',
    '--storage.tsdb.retention.time=10y',
  ]);
}

/** Undefined where VictoriaMetrics is not installed. */
export async function startVictoria(
  folder: string,
  jobs: ScrapeJobs = [],
): Promise<MetricsServer | undefined> {
  const path = programPath('victoria-metrics');
  if (path === undefined) return undefined;
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'scrape.yml');
  writeFileSync(config, JSON.stringify({ scrape_configs: jobs }));
  return start('victoria-metrics', path, folder, port, '/health', [
    `-promscrape.config=${config}`,
    `-storageDataPath=${join(folder, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-retentionPeriod=10y',
    // Otherwise a repeated query is answered out of memory.
    '-search.disableCache',
    '-dedup.minScrapeInterval=0',
  ]);
}

async function start(
  name: string,
  program: string,
  folder: string,
  port: number,
  readyPath: string,
  args: readonly string[],
): Promise<MetricsServer> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: root });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const answer = await fetch(url + readyPath).catch(() => undefined);
    if (answer?.ok === true) break;
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start: ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const pid = child.pid!;
  return {
    name,
    url,
    pid,
    folder,
    cpuSeconds: () => cpuSecondsOf(pid),
    peakBytes: () => statusBytes(pid, 'VmHWM'),
    residentBytes: () => statusBytes(pid, 'VmRSS'),
    diskBytes: () => folderBytes(join(folder, 'data')),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await once(child, 'close');
  clearTimeout(timer);
}

const ticksPerSecond = 100;

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function statusBytes(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const line = status.split('\n').find((each) => each.startsWith(`${field}:`));
  return Number(line?.match(/\d+/)?.[0] ?? 0) * 1024;
}

export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    // Files come and go while a server runs.
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
