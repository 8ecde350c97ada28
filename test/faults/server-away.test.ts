import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { eventually } from '../eventually.ts';
import { criLines } from './lines.ts';
import { agentConfig, containerLog, logText, Rig } from './rig.ts';

const maxSpoolBytes = 8 * 1024 * 1024;

function sizeOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

it('a server that is away long fills the spool to its bound, reading pauses, then all arrives', async () => {
  await using rig = await Rig.open();
  const log = containerLog(rig.path('log'), 0);
  const agent = rig.program(agentConfig(rig, [log], { maxSpool: '8MiB' }));
  agent.start();
  // Three times what the spool holds; random, for compression would let it hold more.
  const texts: string[] = [];
  for (let i = 0; i < 240; i++) {
    let text = `${i} `;
    while (text.length < 100_000) text += Math.random().toString(36).slice(2);
    texts.push(text);
    appendFileSync(log, Buffer.concat(criLines(text, 'stdout', Date.now())));
  }
  await eventually(
    () => (agent.log.includes('The spool is full') ? true : undefined),
    120_000,
    () => agent.log,
  );
  const spool = join(rig.folder, 'agent');
  assert.ok(sizeOf(spool) < maxSpoolBytes * 1.5, `${sizeOf(spool)} bytes on the disk`);
  // Meanwhile both the agent and the machine's log rotation go on.
  await agent.kill();
  agent.start();
  await rig.startServer();
  await eventually(
    async () => ((await rig.eventCount()) >= texts.length ? true : undefined),
    60_000,
    () => agent.log,
  );
  assert.ok(await agent.stop());
  const stored: string[] = [];
  for await (const message of rig.messages()) stored.push(logText(message));
  assert.equal(stored.length, texts.length);
  assert.deepEqual(new Set(stored), new Set(texts));
});
