import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { browse, type ConsoleUnderTest, endProcess } from './console.ts';
import { sendLogs } from './made-logs.ts';
import { kubeconfigOf, openMadeApi } from './made-objects.ts';
import { writeSeries } from './made-series.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program itself, beside an API server that has the made-up cluster, with its hour of series and logs. */
export async function startMadeCluster(
  port = 0,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-kubernetes-'));
  const nowMs = Date.now();
  const api = await openMadeApi(nowMs);
  writeFileSync(join(folder, 'kubeconfig'), kubeconfigOf(api.url));
  writeFileSync(
    join(folder, 'nunchi.yaml'),
    JSON.stringify({
      agent: { enabled: false },
      kubernetes: {
        enabled: 'on',
        kubeconfig: join(folder, 'kubeconfig'),
        // The past is written with the same names; both would be told twice.
        stateMetrics: { enabled: false },
      },
    }),
  );
  const server = startProgram(folder, port);
  const close = async (): Promise<void> => {
    await endProcess(server);
    await api[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(server.stderr);
    await writeSeries(url, nowMs);
    await sendLogs(url, nowMs);
    return { url: url.replace(/\/$/, ''), close };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function startKubernetesConsole(): Promise<ConsoleUnderTest> {
  const { url, close } = await startMadeCluster();
  return await browse(url, close);
}

/** The program where there is no cluster. */
export async function startConsoleWithoutCluster(): Promise<ConsoleUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-kubernetes-'));
  writeFileSync(
    join(folder, 'nunchi.yaml'),
    JSON.stringify({ agent: { enabled: false }, kubernetes: { enabled: 'off' } }),
  );
  const server = startProgram(folder, 0);
  const close = async (): Promise<void> => {
    await endProcess(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return await browse((await addressOf(server.stderr)).replace(/\/$/, ''), close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** A server with the configuration that stands in the folder. */
function startProgram(folder: string, port: number): ChildProcess & { readonly stderr: Readable } {
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
async function addressOf(output: Readable): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: output })) {
    const url = /ready at (https?:\/\/\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      output.resume();
      return url;
    }
    lines.push(line);
  }
  throw new Error(`The server ended: ${lines.join('\n')}`);
}

// `node test/browser/kubernetes-console.ts 7600`: for working on the pages.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = await startMadeCluster(Number(process.argv[2] ?? 0));
  process.stdout.write(`${made.url}\n`);
  process.once('SIGTERM', () => void made.close().then(() => process.exit(0)));
}
