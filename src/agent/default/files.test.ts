import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { decodeBatch } from '#logs/batch';
import { newContainerStats } from '../container/handler.ts';
import { builtinMultiline } from '../multiline/builtin.ts';
import { RuleMachines } from '../multiline/rules.ts';
import { BatchWriter } from '../ship/batch-writer.ts';
import type { LineHandler } from '../tail/handler.ts';
import { isBinaryFile } from './binary.ts';
import { type FileHandlerParts, type FileInput, fileHandler } from './file-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-agent-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const nowMs = Date.UTC(2026, 10, 24);

function handler(
  parser: FileInput['parser'],
  own: Partial<FileHandlerParts> = {},
): { handler: LineHandler; events: () => [number, string][] } {
  const writer = new BatchWriter();
  const made = fileHandler(parser, {
    writer,
    group: Buffer.from('g'),
    stream: Buffer.from('s'),
    maxLineBytes: 1000,
    idleFlushMs: 5000,
    nowMs: () => 0,
    wallMs: () => nowMs,
    stats: newContainerStats(),
    container: () => assert.fail('no container line is here'),
    ...own,
  });
  return {
    handler: made,
    events: () => {
      const events: [number, string][] = [];
      for (const { count, timestampsMs, messages } of decodeBatch(Buffer.from(writer.finish()))) {
        const bytes = Buffer.from(messages.buffer, messages.byteOffset, messages.length);
        for (let row = 0, at = 0; row < count; row++) {
          const length = bytes.readUInt32LE(at);
          events.push([timestampsMs[row]!, bytes.toString('utf8', at + 4, at + 4 + length)]);
          at += 4 + length;
        }
      }
      writer.reset();
      return events;
    },
  };
}

function feed(to: LineHandler, text: string): void {
  const bytes = Buffer.from(text);
  to.lines(bytes, 0, bytes.length, { path: '/x.log', offset: 0 });
}

describe('fileHandler()', () => {
  const cases: readonly [FileInput['parser'], string, number][] = [
    ['none', '2026-01-02T03:04:05Z hello', nowMs],
    ['auto', '2026-01-02T03:04:05Z hello', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['json', '{"msg":"a","ts":1767323045.5}', 1_767_323_045_500],
    ['json', '{"time":"2026-01-02T03:04:05.250Z"}', Date.UTC(2026, 0, 2, 3, 4, 5, 250)],
    ['json', '{"timestamp":1767323045000000000}', 1_767_323_045_000],
    ['json', 'no json at all', nowMs],
  ];
  for (const [parser, line, timeMs] of cases) {
    it(`${parser}: ${line}`, () => {
      const { handler: made, events } = handler(parser);
      feed(made, `${line}\n`);
      assert.deepEqual(events(), [[timeMs, line]]);
    });
  }

  it('auto notices container lines by the first', () => {
    const seen: string[] = [];
    const { handler: made } = handler('auto', {
      container: () => ({
        lines: (bytes, start, end) => void seen.push(bytes.toString('utf8', start, end)),
        saveState: () => ({ held: 1 }),
        restoreState: () => {},
        flushIdle: () => false,
        finish: () => {},
      }),
    });
    feed(made, '2026-01-02T03:04:05.1Z stdout F hello\n');
    assert.equal(seen.length, 1);
    assert.deepEqual(made.saveState(), { kind: 'container', inner: { held: 1 } });
  });

  it('joins a stack trace, also over a restart in its middle', () => {
    const joiner = (): RuleMachines => new RuleMachines([builtinMultiline.get('java')!.rules]);
    const first = handler('none', { joiner });
    feed(first.handler, 'before\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\n');
    assert.deepEqual(first.events(), [[nowMs, 'before']]);
    const second = handler('none', { joiner });
    second.handler.restoreState(first.handler.saveState());
    feed(second.handler, '\tat a.B.d(B.java:2)\nafter\n');
    assert.deepEqual(
      second.events().map(([, message]) => message),
      ['java.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)', 'after'],
    );
    assert.equal(second.handler.saveState(), undefined);
  });
});

describe('isBinaryFile()', () => {
  const cases: readonly [string, Buffer, boolean][] = [
    ['plain.log', Buffer.from('hello\n'), false],
    ['empty.log', Buffer.alloc(0), false],
    ['korean.log', Buffer.from('안녕하세요\n'), false],
    ['crashed.log', Buffer.concat([Buffer.alloc(64), Buffer.from('after the crash\n')]), false],
    ['wtmp', Buffer.concat([Buffer.from([8, 0, 0, 0]), Buffer.alloc(400)]), true],
    ['lastlog', Buffer.alloc(4096), true],
    ['system.journal', Buffer.from('LPKSHHRH'), true],
    ['old.log.xz', Buffer.from('x'), true],
    ['old.log.gz', Buffer.from([0x1f, 0x8b, 8, 0]), false],
  ];
  for (const [name, bytes, want] of cases) {
    it(`${name}: ${want}`, () => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      assert.equal(isBinaryFile(path), want);
    });
  }
});
