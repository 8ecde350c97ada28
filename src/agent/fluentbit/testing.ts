import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import type { AgentEvent } from '../contract.ts';
import { parseJsonRecord } from '../records/json-parse.ts';
import { printJsonRecord } from '../records/json-print.ts';
import { checkFluentBitConfig, type FluentBitConfig } from './load.ts';
import { formatProblem } from './problems.ts';

/** 2024-03-25T02:41:59Z: the time of the clock that plugins of tests have. */
export const testNowMs: number = Date.UTC(2024, 2, 25, 2, 41, 59);

/** Reads a configuration given as text; file names in problems come without their folder. */
export function checkText(
  text: string,
  options: {
    readonly name?: string;
    readonly files?: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): { config: FluentBitConfig; problems: string[]; warnings: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-config-'));
  try {
    const name = options.name ?? 'main.conf';
    for (const [file, content] of Object.entries({ ...options.files, [name]: text })) {
      writeFileSync(join(folder, file), content);
    }
    const deps = {
      clock: new ManualClock(testNowMs),
      log: silentLogger,
      metrics: new MetricsRegistry(),
      env: options.env ?? {},
      hostname: 'host',
      random: () => 0,
    };
    const { config, problems } = checkFluentBitConfig(join(folder, name), deps);
    const clean = (line: string): string => line.replaceAll(`${folder}/`, '');
    return {
      config,
      problems: problems.problems.map(formatProblem).map(clean),
      warnings: problems.warnings.map(formatProblem).map(clean),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function eventOf(json: string): AgentEvent {
  return { time: { seconds: 1711334519, nanoseconds: 633035943 }, record: parseJsonRecord(json)! };
}

/** Sends one record through the filters of a configuration; undefined when it is dropped. */
export async function filterRecord(
  config: FluentBitConfig,
  json: string,
  tag = 'test.tag',
): Promise<{ out: string | undefined; reemitted: { tag: string; record: string }[] }> {
  const reemitted: { tag: string; record: string }[] = [];
  let events = [eventOf(json)];
  for (const { filter, match } of config.pipeline.filters) {
    if (!match(tag)) continue;
    events = await filter.apply(tag, events, {
      reemit: async (newTag, moved) => {
        for (const { record } of moved)
          reemitted.push({ tag: newTag, record: printJsonRecord(record) });
      },
    });
  }
  const [event] = events;
  return { out: event && printJsonRecord(event.record), reemitted };
}
