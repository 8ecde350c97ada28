import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { agentCommand, warmUpAgent } from '#cli';
import { cpuSecondsOf, makeAgentInput, residentMiB, stop } from './agent-process.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const timeoutMs = 300_000;
/**
 * The agent as it runs on a node: `nunchi agent` reads CRI lines, `nunchi server` stores them
 * durably. Counted is the agent's own process, from its start: CPU time and highest resident memory
 * as the kernel has them. A query over the store checks that every event is there.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      bytes: { type: 'string', default: '1000000000' },
      'cpu-prof': { type: 'string' },
    },
  });
  const { folder, input } = makeAgentInput(Number(values.bytes));
  const work = mkdtempSync(join(tmpdir(), 'nunchi-bench-agent-'));
  const children: ChildProcess[] = [];
  try {
    const { server, url } = await startServer(work);
    children.push(server);
    const config = join(work, 'nunchi.yaml');
    const yaml = {
      log: { level: 'warn' },
      agent: {
        maxFirstRead: '100GiB',
        inputs: {
          discover: false,
          containers: [join(folder, '*.log')],
          journald: 'off',
          kmsg: 'off',
        },
      },
    };
    writeFileSync(config, JSON.stringify(yaml));
    const command = agentCommand({
      args: ['--config', config, '--data-dir', join(work, 'agent'), '--server', url],
      env: process.env,
      dataDir: work,
    });
    await warmUpAgent(command);
    const profile = values['cpu-prof'];
    const agent = spawn(
      command.program,
      [
        ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
        ...command.args,
      ],
      { env: command.env, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    children.push(agent);
    const startedMs = performance.now();
    let stored = 0;
    let firstMs = 0;
    while (stored < input.events) {
      if (performance.now() - startedMs > timeoutMs) throw new Error(`Only ${stored} events came`);
      if (agent.exitCode !== null) throw new Error(`The agent ended with ${agent.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      stored = await storedEvents(url);
      if (stored > 0 && firstMs === 0) firstMs = performance.now() - startedMs;
    }
    const wallMs = performance.now() - startedMs;
    const cpuSeconds = cpuSecondsOf(agent.pid!);
    const maxRssMiB = residentMiB(agent.pid!, 'VmHWM');
    const idle = await idleUse(agent.pid!);
    await stop(agent);
    const found = await count(url);
    if (found !== input.events) throw new Error(`Stored ${found} events of ${input.events}`);
    const megabytes = input.bytes / 1e6;
    const result = {
      benchmark: 'agent',
      lines: input.lines,
      bytes: input.bytes,
      events: found,
      cpuSeconds: Number(cpuSeconds.toFixed(2)),
      megabytesPerCpuSecond: Math.round(megabytes / cpuSeconds),
      maxRssMiB,
      wallSeconds: Number((wallMs / 1000).toFixed(1)),
      megabytesPerSecond: Math.round(megabytes / (wallMs / 1000)),
      firstEventMs: Math.round(firstMs),
      ...idle,
    };
    console.log(
      `${input.lines} lines (${megabytes.toFixed(0)} MB) are ${found} events, all stored`,
    );
    console.log(JSON.stringify(result));
  } finally {
    for (const child of children) await stop(child);
    rmSync(work, { recursive: true, force: true });
  }
}

async function startServer(work: string): Promise<{ server: ChildProcess; url: string }> {
  const args = [main, 'server', '--listen', '127.0.0.1:0', '--data-dir', join(work, 'server')];
  const server = spawn(process.execPath, [...args, '--log-level', 'warn'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  for await (const chunk of server.stderr) {
    text += String(chunk);
    const url = /Nunchi is ready at (\S+)/.exec(text)?.[1];
    if (url === undefined) continue;
    return { server, url };
  }
  throw new Error(`The server did not start: ${text}`);
}

async function storedEvents(url: string): Promise<number> {
  const response = await fetch(`${url}/nunchi/logs/groups`);
  const { groups } = (await response.json()) as { groups: readonly { readonly events: number }[] };
  return groups.reduce((sum, group) => sum + group.events, 0);
}

/** Asked of the store by a query over all events. */
async function count(url: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[main, 'query', 'stats count(*) as n', '--server', url, '--format', 'json'],
    ...['--since', '2026-01-01T00:00:00Z', '--until', '2027-01-01T00:00:00Z'],
  ]);
  return Number(/"n":\s*"?(\d+)/.exec(stdout)?.[1]);
}

/** What the agent takes with nothing to do. */
async function idleUse(pid: number): Promise<{ idleRssMiB: number; idleCpuPercent: number }> {
  const seconds = 5;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const before = cpuSecondsOf(pid);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return {
    idleRssMiB: residentMiB(pid, 'VmRSS'),
    idleCpuPercent: Number((((cpuSecondsOf(pid) - before) / seconds) * 100).toFixed(1)),
  };
}
