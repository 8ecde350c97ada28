import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { criBlocks } from './data.ts';

/** Of one line: `2026-01-15T00:00:00.000000000Z stdout F text`. */
const tagOffset = 38;

export interface AgentInput {
  readonly lines: number;
  readonly bytes: number;
  /** Lines in pieces are one event. */
  readonly events: number;
}

/** Made once; the same bytes on every machine. */
export function makeAgentInput(bytes: number): { folder: string; input: AgentInput } {
  const folder = join(import.meta.dirname, 'data', `agent-${bytes}`);
  const facts = join(folder, 'facts.json');
  if (existsSync(facts))
    return { folder, input: JSON.parse(readFileSync(facts, 'utf8')) as AgentInput };
  mkdirSync(folder, { recursive: true });
  const log = join(folder, `shop-7d4f9c5b6-x2x4p_default_shop-${'0123456789abcdef'.repeat(4)}.log`);
  const file = openSync(`${log}.tmp`, 'w');
  let events = 0;
  const blocks = criBlocks({ bytes });
  for (;;) {
    const next = blocks.next();
    if (next.done === true) {
      closeSync(file);
      renameSync(`${log}.tmp`, log);
      const input = { lines: next.value.lines, bytes: next.value.bytes, events };
      writeFileSync(facts, JSON.stringify(input));
      return { folder, input };
    }
    const block = next.value;
    for (let at = 0; at < block.length; at = block.indexOf(10, at) + 1) {
      if (block[at + tagOffset] === 0x46) events++;
    }
    for (let at = 0; at < block.length; ) at += writeSync(file, block, at);
  }
}

/** CPU time of a process since its start. */
export function cpuSecondsOf(pid: number): number {
  // Fields 14 and 15, in ticks of 10 ms; the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Of a process, in MiB: `VmHWM` (the highest so far) or `VmRSS`. */
export function residentMiB(pid: number, which: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(hard);
}
