import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { allOnce, criLines, LineLedger, lineText } from './lines.ts';
import { agentConfig, containerLog, logText, Rig } from './rig.ts';

const dayMs = 86_400_000;
const fixture = new URL('clock-shift.fixture.ts', import.meta.url).href;

describe('clocks that are wrong', { concurrency: 1 }, () => {
  it('lines with times far from now are stored, each once', async () => {
    await using rig = await Rig.open();
    const log = containerLog(rig.path('log'), 0);
    const times = [
      // What a Go program logs whose time was never set.
      '0001-01-01T00:00:00Z',
      '1969-12-31T23:59:59.999Z',
      '1970-01-01T00:00:00Z',
      '2001-09-09T01:46:40.5Z',
      new Date().toISOString(),
      '2099-12-31T23:59:59Z',
      '9999-12-31T23:59:59.999999999Z',
    ];
    times.forEach((time, i) => {
      appendFileSync(log, `${time} stdout F ${lineText(0, i)}\n`);
    });
    await rig.startServer();
    const agent = rig.program(agentConfig(rig, [log]));
    agent.start();
    await eventually(
      async () => ((await rig.eventCount()) >= times.length ? true : undefined),
      120_000,
      () => agent.log,
    );
    assert.ok(await agent.stop());
    const ledger = new LineLedger([times.length]);
    for await (const message of rig.messages()) ledger.add(logText(message));
    assert.deepEqual(ledger.result(), allOnce);
  });

  it('jumps of the server and of the agent lose nothing, and ingestion times do not go back', async () => {
    const shiftFile = (folder: string): string => join(folder, 'clock');
    const variables = (folder: string): Record<string, string> => ({
      NODE_OPTIONS: `--import ${fixture}`,
      NUNCHI_TEST_CLOCK: shiftFile(folder),
    });
    await using rig = await Rig.open({ serverEnv: variables });
    const jump = (ms: number): void => writeFileSync(shiftFile(rig.folder), String(ms));
    jump(0);
    const log = containerLog(rig.path('log'), 0);
    await rig.startServer();
    const agent = rig.program({ ...agentConfig(rig, [log]), env: variables(rig.folder) });
    agent.start();
    let lines = 0;
    for (const shiftMs of [0, -dayMs, 2 * dayMs, -40 * dayMs, 0]) {
      jump(shiftMs);
      for (let i = 0; i < 300; i++, lines++) {
        const cri = criLines(lineText(0, lines), 'stdout', Date.now() + shiftMs);
        appendFileSync(log, Buffer.concat(cri));
      }
      const want = lines;
      await eventually(
        async () => ((await rig.eventCount()) >= want ? true : undefined),
        120_000,
        () => `${agent.log}\n${rig.server.log}`,
      );
      // Sealed and read back under another time than written.
      if (shiftMs < 0) {
        await rig.server.kill();
        await rig.startServer();
      }
    }
    assert.ok(await agent.stop());
    const ledger = new LineLedger([lines]);
    const ingested: number[] = [];
    const groups = await rig.groups();
    for await (const row of rig.rows('fields @message, toMillis(@ingestionTime) as t', groups)) {
      const text = logText(String(row['@message']));
      ledger.add(text);
      ingested[Number(/:(\d+) /.exec(text)![1])] = Number(row['t']);
    }
    assert.deepEqual(ledger.result(), allOnce);
    assert.ok(ingested.every((time, i) => i === 0 || time >= ingested[i - 1]!));
  });
});
