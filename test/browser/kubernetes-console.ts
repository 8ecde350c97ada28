import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browse, type ConsoleUnderTest, endProcess } from './console.ts';
import { sendLogs } from './made-logs.ts';
import { kubeconfigOf, openMadeApi } from './made-objects.ts';
import { writeSeries } from './made-series.ts';
import { addressOf, startProgram } from './program.ts';

/** The program itself, beside an API server that has the made-up cluster, with its hour of series and logs. */
export async function startMadeCluster(
  port = 0,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-kubernetes-'));
  const nowMs = Date.now();
  const api = await openMadeApi(nowMs);
  writeFileSync(join(folder, 'kubeconfig'), kubeconfigOf(api.url));
  const kubernetes = {
    enabled: 'on',
    kubeconfig: join(folder, 'kubeconfig'),
    // The past is written with the same names; both would be told twice.
    stateMetrics: { enabled: false },
  };
  const server = startProgram(folder, `kubernetes: ${JSON.stringify(kubernetes)}`, port);
  const close = async (): Promise<void> => {
    await endProcess(server);
    await api[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(server);
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
  const server = startProgram(folder, 'kubernetes: {enabled: "off"}');
  const close = async (): Promise<void> => {
    await endProcess(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return await browse((await addressOf(server)).replace(/\/$/, ''), close);
  } catch (error) {
    await close();
    throw error;
  }
}

// `node test/browser/kubernetes-console.ts 7600`: for working on the pages.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = await startMadeCluster(Number(process.argv[2] ?? 0));
  process.stdout.write(`${made.url}\n`);
  process.once('SIGTERM', () => void made.close().then(() => process.exit(0)));
}
