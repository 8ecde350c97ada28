import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forEachEvent } from '#logs/batch';
import { criBlocks, type EksData, eksBatches, needle } from './data.ts';

describe('criBlocks()', () => {
  const read = (seed: number) => {
    const blocks = criBlocks({ bytes: 12_000_000, seed });
    const parts: Buffer[] = [];
    for (;;) {
      const next = blocks.next();
      if (next.done === true) return { bytes: Buffer.concat(parts), data: next.value };
      parts.push(Buffer.from(next.value));
    }
  };

  it('gives CRI lines, the same for the same seed', () => {
    const { bytes, data } = read(1);
    assert.equal(bytes.length, data.bytes);
    let lines = 0;
    let needles = 0;
    let contentBytes = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf('\n', at);
      const line = bytes.subarray(at, end);
      assert.match(
        line.toString('latin1', 0, 41),
        /^2026-01-15T\d\d:\d\d:\d\d\.\d{9}Z std(out|err) [PF] /,
      );
      if (line.includes(needle)) needles++;
      contentBytes += line.length - 40;
      lines++;
      at = end + 1;
    }
    assert.deepEqual([lines, needles, contentBytes], [data.lines, data.needles, data.contentBytes]);
    assert.ok(read(1).bytes.equals(bytes));
    assert.ok(!read(2).bytes.equals(bytes));
  });
});

describe('eksBatches()', () => {
  it('gives events that agree with its answers', () => {
    const batches = eksBatches({ events: 60_000, eventsPerBatch: 7000 });
    const seen = { events: 0, messageBytes: 0, needles: 0, forbidden: 0 };
    const byUserAgent = new Map<string, number>();
    let lastMs = 0;
    let data: EksData | undefined;
    while (data === undefined) {
      const next = batches.next();
      if (next.done === true) {
        data = next.value;
        break;
      }
      for (const section of next.value) {
        forEachEvent(section, (timeMs, message) => {
          seen.events++;
          seen.messageBytes += message.length;
          lastMs = Math.max(lastMs, timeMs);
          if (message.includes(needle)) seen.needles++;
          if (message.includes('Forbidden')) seen.forbidden++;
          if (!section.stream.includes('audit')) return;
          const { userAgent } = JSON.parse(message.toString()) as { userAgent: string };
          byUserAgent.set(userAgent, (byUserAgent.get(userAgent) ?? 0) + 1);
        });
      }
    }
    const { events, messageBytes, needles, forbidden } = data;
    assert.deepEqual(seen, { events, messageBytes, needles, forbidden });
    assert.deepEqual(new Map([...byUserAgent].sort()), new Map([...data.byUserAgent].sort()));
    assert.equal(lastMs, data.endMs);
  });
});
