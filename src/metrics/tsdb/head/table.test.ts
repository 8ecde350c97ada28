import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareLabels, compareText, type Labels, labelsKey, labelsOfRecord } from '#metrics/model';
import { ByteWriter } from '../codec/bytes.ts';
import { loadSeries, readSeries, writeSeries } from '../wal/series-record.ts';
import { Postings } from './postings.ts';
import { SeriesTable } from './table.ts';
import { TextTable } from './texts.ts';

const text = fc.oneof(
  fc.constantFrom('a', 'b', 'job', '한국', '\u{1f600}', '\uffee', 'x'.repeat(300)),
  fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme' }),
);
const labels = fc
  .dictionary(text, text, { minKeys: 1, maxKeys: 4, noNullPrototype: true })
  .map(labelsOfRecord);

interface Step {
  readonly kind: 'add' | 'remove';
  readonly labels: Labels;
}

const steps = fc.array(
  fc.record<Step>({ kind: fc.constantFrom('add', 'add', 'add', 'remove'), labels }),
  { maxLength: 200 },
);

// The column may be another one after a row was added.
const refOf = (table: SeriesTable, row: number): number => table.ref[row]!;

function checkTable(table: SeriesTable, model: ReadonlyMap<string, number>): void {
  assert.equal(table.count, model.size);
  const pairs = new Map<string, number[]>();
  const names = new Map<string, Set<string>>();
  for (const [key, ref] of model) {
    const own = key.split('\u0000');
    assert.equal(table.ref[table.find(own)], ref);
    assert.deepEqual(table.labels(table.row(ref)), own);
    for (let at = 0; at < own.length; at += 2) {
      const pair = `${own[at]}\u0000${own[at + 1]}`;
      pairs.set(pair, [...(pairs.get(pair) ?? []), ref]);
      names.set(own[at]!, (names.get(own[at]!) ?? new Set()).add(own[at + 1]!));
    }
  }
  for (const [pair, refs] of pairs) {
    const [name, value] = pair.split('\u0000') as [string, string];
    const found = [...table.postings.refs(table.pair(name, value))];
    assert.deepEqual(new Set(found), new Set(refs));
    assert.equal(found.length, refs.length);
  }
  const known = [...table.texts.names].map((name) => table.texts.text(name));
  assert.deepEqual(known.sort(compareText), [...names.keys()].sort(compareText));
  for (const [name, values] of names) {
    const found = [...table.texts.values(table.name(name))].map((pair) => table.texts.text(pair));
    assert.deepEqual(new Set(found), values);
    assert.equal(table.texts.valueCount(table.name(name)), values.size);
  }
}

describe('SeriesTable', () => {
  it('is what a map from labels to references would be, with lists of every pair', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const table = new SeriesTable();
        const model = new Map<string, number>();
        for (const step of list) {
          const key = labelsKey(step.labels);
          const ref = model.get(key);
          if (step.kind === 'add') {
            const row = table.findOrAdd(step.labels);
            assert.equal(ref ?? table.ref[row], table.ref[row]);
            model.set(key, table.ref[row]!);
          } else if (ref !== undefined) {
            table.remove([table.row(ref)]);
            model.delete(key);
            assert.equal(table.find(step.labels), 0);
          }
        }
        checkTable(table, model);
      }),
    );
  });

  it('order() is label order', () => {
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        const table = new SeriesTable();
        const order = table.order(table.findOrAdd(a), table.findOrAdd(b));
        assert.equal(Math.sign(order), Math.sign(compareLabels(a, b)));
      }),
    );
  });

  it('comes back from a frame of series, whole or into a table that has some of them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(labels, { selector: labelsKey, maxLength: 40 }), (all) => {
        const table = new SeriesTable();
        const refs = all.map((each) => refOf(table, table.findOrAdd(each)));
        const out = new ByteWriter();
        writeSeries(out, refs, table);
        const read: [number, Labels][] = [];
        readSeries(out.written(), (ref, each) => read.push([ref, each]));
        assert.deepEqual(
          read,
          all.map((each, at) => [refs[at], each]),
        );
        const again = new SeriesTable();
        const model = new Map<string, number>();
        // One is there under another number, one under its own.
        if (all.length > 2) {
          model.set(labelsKey(all[0]!), refOf(again, again.findOrAdd(all[0]!, 1000)));
          model.set(labelsKey(all[1]!), refOf(again, again.findOrAdd(all[1]!, refs[1])));
        }
        loadSeries(
          out.written(),
          again,
          (ref) => again.row(ref) === 0,
          (ref, row) => {
            const key = labelsKey(again.labels(row));
            assert.equal(again.ref[row], model.get(key) ?? ref);
            model.set(key, again.ref[row]!);
          },
        );
        for (const each of all) assert.ok(model.has(labelsKey(each)));
        checkTable(again, model);
      }),
    );
  });
});

describe('TextTable', () => {
  it('moves its bytes together when most of them are gone', () => {
    const table = new TextTable();
    const bytes = Buffer.alloc(1000);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    bytes.write('name');
    const name = table.name(view, 0, 4);
    const ids: number[] = [];
    for (let at = 0; at < 20_000; at++) {
      bytes.writeUInt32LE(at, 0);
      ids.push(table.use(name, view, 0, 300));
    }
    const full = table.memoryBytes;
    for (const id of ids.slice(0, 19_990)) table.release(id);
    assert.ok(table.memoryBytes < full / 2);
    for (let at = 19_990; at < 20_000; at++) {
      bytes.writeUInt32LE(at, 0);
      assert.equal(table.find(name, view, 0, 300), ids[at]);
    }
    assert.equal(table.text(name), 'name');
  });
});

describe('Postings', () => {
  it('is a map from pairs to lists, through growth and removal', () => {
    const postings = new Postings();
    const model = new Map<number, number[]>();
    let ref = 1;
    const check = (): void => {
      for (const [pair, refs] of model) assert.deepEqual([...postings.refs(pair)], refs);
    };
    // Sizes around every power of two up to beyond a page, in turns so that lists lie between others.
    for (const size of [1, 2, 3, 4, 5, 8, 9, 1000, 70_000, 300_000]) {
      for (let pair = 1; pair <= 5; pair++) {
        const refs = model.get(pair) ?? [];
        while (refs.length < size + pair) {
          postings.add(pair, ref);
          refs.push(ref++);
        }
        model.set(pair, refs);
      }
    }
    check();
    for (const divisor of [2, 3, 50, 1000, 7919]) {
      for (const [pair, refs] of model) {
        const isGone = (each: number): boolean => each % divisor !== 0;
        postings.remove(pair, isGone);
        model.set(
          pair,
          refs.filter((each) => !isGone(each)),
        );
      }
      check();
      for (const [pair, refs] of model) {
        const next = ref++ * 2 * 3 * 50;
        postings.add(pair, next);
        refs.push(next);
      }
      check();
    }
    for (const pair of model.keys()) postings.remove(pair, () => true);
    for (const pair of model.keys()) assert.equal(postings.size(pair), 0);
    assert.equal(postings.size(999_999), 0);
  });
});
