import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BatchSection, decodeBatch, forEachEvent, maxExpandedBytes } from '#logs/batch';
import { BatchWriter } from './batch-writer.ts';

const group = Buffer.from('/g');
const stream = Buffer.from('스트림');
const tail = Buffer.from(',"kubernetes":{"pod_name":"웹"}}');
const form = { text: 0, object: 1, looseObject: 2 };

interface Row {
  readonly timestampMs: number;
  readonly time: string;
  readonly head: string;
  readonly text: string;
}

function addRow(writer: BatchWriter, { timestampMs, time, head, text }: Row, rowForm = 0): void {
  const bytes = Buffer.from(`${time}${head}${text}\n`);
  writer.write(bytes, 0, bytes.length);
  writer.row(timestampMs, bytes.length, Buffer.byteLength(time), rowForm);
}

function messages(section: BatchSection): [number, string][] {
  const found: [number, string][] = [];
  forEachEvent(section, (timestampMs, message) => void found.push([timestampMs, String(message)]));
  return found;
}

const decoded = (writer: BatchWriter): BatchSection[] => {
  const sections = decodeBatch(Buffer.from(writer.finish()));
  writer.reset();
  return sections;
};

const at = '2026-11-24T00:00:00.5Z';
const row = (text: string, timestampMs = 1000): Row => ({
  timestampMs,
  time: at,
  head: ' stdout F ',
  text,
});

describe('BatchWriter and decodeBatch()', () => {
  it('give the message that each row stands for, in any mix of sections', () => {
    const text = fc.oneof(
      { weight: 10, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
      { weight: 10, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
      fc.constantFrom('a\nb', '', 'x'.repeat(70_000), '"'.repeat(30_000)),
    );
    const anyRow = fc.record({
      timestampMs: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 8.64e15 })),
      hasTime: fc.boolean(),
      stream: fc.constantFrom('stdout', 'stderr'),
      tag: fc.constantFrom('F', 'P'),
      text,
      opens: fc.constantFrom('lines', 'lines', 'lines', 'other tail', 'messages'),
    });
    const writer = new BatchWriter();
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 20 }), (rows) => {
        const expected: [number, string][] = [];
        const otherTail = Buffer.from('}');
        for (const { timestampMs, hasTime, tag, opens, ...own } of rows) {
          // What no UTF-8 can say is no text of a line.
          const log = own.text.toWellFormed();
          if (opens === 'messages') {
            writer.begin(group, stream);
            writer.add(timestampMs, Buffer.from(log));
            expected.push([timestampMs, log]);
            continue;
          }
          const ownTail = opens === 'lines' ? tail : otherTail;
          writer.beginLines(group, stream, ownTail);
          const [time, head] = hasTime ? [at, ` ${own.stream} ${tag} `] : ['', ''];
          addRow(writer, { timestampMs, time, head, text: log });
          const record = hasTime ? { time, stream: own.stream, _p: tag, log } : { log };
          expected.push([timestampMs, JSON.stringify(record).slice(0, -1) + String(ownTail)]);
        }
        assert.equal(writer.events, rows.length);
        const sections = decoded(writer);
        assert.deepEqual(sections.flatMap(messages), expected);
        for (const section of sections) assert.equal(section.stream, '스트림');
      }),
      { numRuns: 200 },
    );
  });

  it('repeats an object as log_processed, in its shortest form', () => {
    const writer = new BatchWriter();
    writer.beginLines(group, stream, Buffer.from('}'));
    addRow(writer, row('{"a":1.0}'), form.object);
    addRow(writer, row('{ "a" : "x\\n" }'), form.looseObject);
    assert.deepEqual(
      decoded(writer)
        .flatMap(messages)
        .map(([, message]) => message.slice(message.indexOf('"log"'))),
      [
        '"log":"{\\"a\\":1.0}","log_processed":{"a":1.0}}',
        '"log":"{ \\"a\\" : \\"x\\\\n\\" }","log_processed":{"a":"x"}}',
      ],
    );
  });

  it('puts the time of reading where no store takes an event’s own', () => {
    const writer = new BatchWriter(() => 77);
    writer.beginLines(group, stream, tail);
    addRow(writer, row('before 1970', -1));
    assert.equal(decoded(writer)[0]?.timestampsMs[0], 77);
  });

  it('a batch is about as long as its lines', () => {
    const writer = new BatchWriter();
    writer.beginLines(group, stream, tail);
    for (let i = 0; i < 10_000; i++) addRow(writer, row('some text of a line', i));
    const lineBytes = 10_000 * (at.length + 30);
    const { bytes } = writer;
    const encoded = writer.finish().length;
    assert.ok(Math.abs(encoded - bytes) < 64);
    assert.ok(encoded < lineBytes * 1.25);
  });

  it('never reads outside of hostile bytes: a batch or BATCH_INVALID', () => {
    const writer = new BatchWriter();
    writer.beginLines(group, stream, tail);
    addRow(writer, row('one'));
    addRow(writer, row('{"a":"한국"}'), form.object);
    addRow(writer, row('{"a": "b"}'), form.looseObject);
    addRow(writer, { ...row('no time'), time: '', head: '' });
    writer.begin(group, stream);
    writer.add(1, Buffer.from('message'));
    writer.beginLines(group, stream, tail);
    addRow(writer, row('near', 1));
    addRow(writer, row('far', 1e13));
    const valid = Buffer.from(writer.finish());
    const change = fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 }));
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 6 }),
        fc.oneof(fc.constant(valid.length), fc.nat({ max: valid.length })),
        (changes, length) => {
          const bytes = Uint8Array.from(valid);
          for (const [place, value] of changes) bytes[place] = value;
          try {
            for (const section of decodeBatch(bytes.subarray(0, length))) {
              // Each message by itself is text.
              for (const [, message] of messages(section)) assert.ok(!message.includes('\ufffd'));
            }
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'BATCH_INVALID', String(error));
            refused++;
          }
        },
      ),
      { numRuns: 3000 },
    );
    assert.ok(refused > 100 && refused < 3000);
  });

  it('refuses rows that would take more memory than a batch may', () => {
    const writer = new BatchWriter();
    writer.beginLines(group, stream, Buffer.from(`,"kubernetes":"${'x'.repeat(60_000)}"}`));
    // A count of its own, an upper bound.
    while (writer.expandedBytes <= maxExpandedBytes * 1.01) addRow(writer, row(''));
    const batch = Buffer.from(writer.finish());
    assert.ok(batch.length < 1024 * 1024);
    assert.throws(() => decodeBatch(batch), { code: 'BATCH_INVALID', message: /take more than/ });
  });
});
