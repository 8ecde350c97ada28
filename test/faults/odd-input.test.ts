import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { allOnce, criLines, LineLedger, lineText } from './lines.ts';
import { agentConfig, containerLog, logText, Rig } from './rig.ts';

describe('input that is odd', { concurrency: 1 }, () => {
  it('lines of 1 MB arrive whole, beside small ones', async () => {
    await using rig = await Rig.open();
    const log = containerLog(rig.path('log'), 0);
    const texts: string[] = [];
    for (let i = 0; i < 12; i++) {
      // 900,000 bytes: with the record around it still under the bound of an event (1 MiB).
      const text = i % 2 === 0 ? `${i} small 눈치` : `${i} ${'한글 logs '.repeat(68_000)}end`;
      texts.push(text);
      appendFileSync(log, Buffer.concat(criLines(text, 'stdout', Date.now())));
    }
    await rig.startServer();
    const agent = rig.program(agentConfig(rig, [log]));
    agent.start();
    await eventually(
      async () => ((await rig.eventCount()) >= texts.length ? true : undefined),
      120_000,
      () => agent.log,
    );
    assert.ok(await agent.stop());
    const stored: string[] = [];
    for await (const message of rig.messages()) stored.push(logText(message));
    assert.deepEqual(stored.map((text) => text.length).sort(), texts.map((t) => t.length).sort());
    assert.deepEqual(new Set(stored), new Set(texts));
  });

  it('a line longer than the bound is stored in pieces: no byte is lost', async () => {
    await using rig = await Rig.open();
    const log = containerLog(rig.path('log'), 0);
    const text = `begin ${'0123456789'.repeat(300_000)} end`;
    appendFileSync(log, Buffer.concat(criLines(text, 'stdout', Date.now())));
    appendFileSync(log, Buffer.concat(criLines('after', 'stdout', Date.now())));
    await rig.startServer();
    const agent = rig.program(agentConfig(rig, [log]));
    agent.start();
    await eventually(
      async () => ((await rig.eventCount()) >= 4 ? true : undefined),
      120_000,
      () => agent.log,
    );
    assert.ok(await agent.stop());
    let chars = 0;
    for await (const message of rig.messages()) chars += logText(message).length;
    assert.equal(chars, text.length + 'after'.length);
  });

  it('invalid UTF-8 is stored with U+FFFD, and its neighbours unchanged', async () => {
    await using rig = await Rig.open();
    const log = containerLog(rig.path('log'), 0);
    const line = (bytes: Buffer): Buffer =>
      Buffer.concat([Buffer.from(`${new Date().toISOString()} stdout F `), bytes, Buffer.of(10)]);
    const odd = [
      Buffer.from('before'),
      Buffer.of(0x61, 0xff, 0xfe, 0x62),
      Buffer.of(0x63, 0xc3, 0x28, 0xed, 0xa0, 0x80),
      Buffer.of(0x64, 0xf0, 0x9f),
      Buffer.from('after 눈치 😀'),
    ];
    writeFileSync(log, Buffer.concat(odd.map(line)));
    await rig.startServer();
    const agent = rig.program(agentConfig(rig, [log]));
    agent.start();
    await eventually(
      async () => ((await rig.eventCount()) >= odd.length ? true : undefined),
      120_000,
      () => agent.log,
    );
    assert.ok(await agent.stop());
    const stored: string[] = [];
    for await (const message of rig.messages()) stored.push(logText(message));
    assert.deepEqual(stored.sort(), odd.map((bytes) => bytes.toString('utf8')).sort());
    assert.equal(stored.filter((text) => text.includes('\ufffd')).length, 3);
  });

  it('5,000 files at once are all read, with bounded descriptors and memory', {
    skip: process.platform === 'linux' ? false : 'reads /proc',
  }, async () => {
    await using rig = await Rig.open();
    const files = 5000;
    const linesEach = 6;
    const folder = rig.path('log', 'containers');
    const paths = Array.from({ length: files }, (_, i) => {
      const id = String(i).padStart(64, '0');
      return join(folder, `shop-${i}_default_app-${id}.log`);
    });
    mkdirSync(folder, { recursive: true });
    const write = (from: number, to: number): void => {
      paths.forEach((path, i) => {
        const parts: Buffer[] = [];
        for (let n = from; n < to; n++) {
          // Number 200 of a container is long; these are all short.
          parts.push(...criLines(lineText(i, n), 'stdout', Date.now()));
        }
        appendFileSync(path, Buffer.concat(parts));
      });
    };
    write(0, linesEach / 2);
    await rig.startServer();
    const agent = rig.program(agentConfig(rig, [join(folder, '*.log')]));
    agent.start();
    let maxOpen = 0;
    let maxRssBytes = 0;
    const watch = (): void => {
      if (agent.pid === undefined) return;
      const open = readdirSync(`/proc/${agent.pid}/fd`).length;
      const status = readFileSync(`/proc/${agent.pid}/status`, 'utf8');
      const rss = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
      maxOpen = Math.max(maxOpen, open);
      maxRssBytes = Math.max(maxRssBytes, rss);
    };
    const arrived = (count: number): Promise<true> =>
      eventually(
        async () => {
          watch();
          return (await rig.eventCount()) >= count ? true : undefined;
        },
        60_000,
        () => agent.log,
      );
    await arrived((files * linesEach) / 2);
    write(linesEach / 2, linesEach);
    await arrived(files * linesEach);
    assert.ok(await agent.stop());
    const ledger = new LineLedger(Array.from({ length: files }, () => linesEach));
    for await (const message of rig.messages()) ledger.add(logText(message));
    assert.deepEqual(ledger.result(), allOnce);
    assert.ok(maxOpen < 1200, `${maxOpen} descriptors`);
    assert.ok(maxRssBytes < 300 * 1024 * 1024, `${maxRssBytes} bytes of memory`);
  });
});
