import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { agentCommand, warmUpAgent } from '#cli';
import { cpuSecondsOf, makeAgentInput, residentMiB, stop } from './agent-process.ts';

/** The process is looked at so often: what it did after the last look is not counted. */
const lookMs = 20;

/**
 * The record pipeline: `nunchi agent -c FILE` reads CRI lines by `multiline.parser docker, cri` to its
 * end and counts the events. CPU time and highest resident memory are the process' own, from its start.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      bytes: { type: 'string', default: '60000000' },
      'cpu-prof': { type: 'string' },
    },
  });
  const { folder, input } = makeAgentInput(Number(values.bytes));
  const work = mkdtempSync(join(tmpdir(), 'nunchi-bench-agent-records-'));
  let agent: ChildProcess | undefined;
  try {
    const file = join(work, 'fluent-bit.conf');
    writeFileSync(file, configOf(join(folder, '*.log')));
    const command = agentCommand({
      args: ['-c', file, '--data-dir', join(work, 'agent')],
      env: process.env,
      dataDir: work,
    });
    await warmUpAgent(command);
    const profile = values['cpu-prof'];
    const startedMs = performance.now();
    agent = spawn(
      command.program,
      [
        ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
        ...command.args,
      ],
      { env: command.env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    agent.stdout!.on('data', (chunk) => {
      text = `${text}${String(chunk)}`.slice(-1000);
    });
    let cpuSeconds = 0;
    let maxRssMiB = 0;
    while (agent.exitCode === null) {
      try {
        cpuSeconds = cpuSecondsOf(agent.pid!);
        maxRssMiB = residentMiB(agent.pid!, 'VmHWM') || maxRssMiB;
      } catch {
        // Gone since it was asked for.
      }
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    const wallMs = performance.now() - startedMs;
    const found = Number(/.*total = (\d+)/s.exec(text)?.[1]);
    if (found !== input.events) throw new Error(`Counted ${found} events of ${input.events}`);
    const megabytes = input.bytes / 1e6;
    const result = {
      benchmark: 'agent-records',
      lines: input.lines,
      bytes: input.bytes,
      events: found,
      cpuSeconds: Number(cpuSeconds.toFixed(2)),
      megabytesPerCpuSecond: Math.round(megabytes / cpuSeconds),
      maxRssMiB,
      wallSeconds: Number((wallMs / 1000).toFixed(1)),
    };
    console.log(
      `${input.lines} lines (${megabytes.toFixed(0)} MB) are ${found} events, all counted`,
    );
    console.log(JSON.stringify(result));
  } finally {
    if (agent !== undefined) await stop(agent);
    rmSync(work, { recursive: true, force: true });
  }
}

const configOf = (paths: string): string => `[SERVICE]
    Flush 1
    Log_Level warn

[INPUT]
    Name tail
    Path ${paths}
    multiline.parser docker, cri
    Read_from_Head On
    Skip_Long_Lines On
    Exit_On_Eof On

[OUTPUT]
    Name counter
    Match *
`;
