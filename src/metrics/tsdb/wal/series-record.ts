import type { Labels } from '#metrics/model';
import { ByteReader, type ByteWriter } from '../codec/bytes.ts';
import type { SeriesRef } from '../contract.ts';
import type { SeriesTable } from '../head/table.ts';

/*
 * A frame of series has each text once, names and values in the order of their first use:
 *
 *     | texts, (length, bytes)… | series, (ref, texts of it, number of the text…)… |
 */

/** By number of a text in the table: its number in the frame + 1. Zero between two frames. */
let numberOf = new Uint32Array(1024);

/** Writes series as they stand in the table; those that are gone by now are left out. */
export function writeSeries(out: ByteWriter, refs: readonly SeriesRef[], table: SeriesTable): void {
  const { texts } = table;
  const ids: number[] = [];
  const note = (id: number): void => {
    if (id >= numberOf.length) {
      const larger = new Uint32Array(id * 2);
      larger.set(numberOf);
      numberOf = larger;
    }
    if (numberOf[id] === 0) numberOf[id] = ids.push(id);
  };
  let count = 0;
  for (const ref of refs) {
    const row = table.row(ref);
    if (row === 0) continue;
    count++;
    for (let at = 0; at < table.pairCount(row); at++) {
      const pair = table.pairAt(row, at);
      note(texts.nameOf(pair));
      note(pair);
    }
  }
  out.uvarint(ids.length);
  for (const id of ids) {
    out.uvarint(texts.lengthOf(id));
    texts.writeTo(id, out);
  }
  out.uvarint(count);
  for (const ref of refs) {
    const row = table.row(ref);
    if (row === 0) continue;
    const size = table.pairCount(row);
    out.uvarint(ref);
    out.uvarint(size * 2);
    for (let at = 0; at < size; at++) {
      const pair = table.pairAt(row, at);
      out.uvarint(numberOf[texts.nameOf(pair)]! - 1);
      out.uvarint(numberOf[pair]! - 1);
    }
  }
  for (const id of ids) numberOf[id] = 0;
}

export function readSeries(
  payload: Uint8Array,
  visit: (ref: SeriesRef, labels: Labels) => void,
): void {
  const reader = new ByteReader(payload);
  const texts = Array.from({ length: reader.uvarint() }, () => reader.text());
  const count = reader.uvarint();
  for (let at = 0; at < count; at++) {
    const ref = reader.uvarint();
    const size = reader.uvarint();
    const labels: string[] = new Array(size);
    for (let index = 0; index < size; index++) labels[index] = texts[reader.uvarint()]!;
    visit(ref, labels);
  }
}

/**
 * Adds the series of a frame to a table, without a string for any of their texts.
 * @param isWanted leaves out references that are known
 * @param visit the row is a new one, or that of a series with the same labels
 */
export function loadSeries(
  payload: Uint8Array,
  table: SeriesTable,
  isWanted: (ref: SeriesRef) => boolean,
  visit: (ref: SeriesRef, row: number) => void,
): void {
  const { texts } = table;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const reader = new ByteReader(payload);
  const textCount = reader.uvarint();
  const starts = new Uint32Array(textCount);
  const ends = new Uint32Array(textCount);
  for (let at = 0; at < textCount; at++) {
    const length = reader.uvarint();
    starts[at] = reader.at;
    reader.at += length;
    ends[at] = reader.at;
  }
  /** What a text was the last time: as a name, and as a value. */
  const names = new Uint32Array(textCount);
  const values = new Uint32Array(textCount);
  let pairs = new Uint32Array(64);
  const count = reader.uvarint();
  for (let at = 0; at < count; at++) {
    const ref = reader.uvarint();
    const size = reader.uvarint() / 2;
    if (!isWanted(ref)) {
      for (let index = 0; index < size * 2; index++) reader.uvarint();
      continue;
    }
    if (size > pairs.length) pairs = new Uint32Array(size * 2);
    for (let index = 0; index < size; index++) {
      const nameText = reader.uvarint();
      const valueText = reader.uvarint();
      // Names stay while the frame is read: each of its series uses what it names.
      let name = names[nameText]!;
      if (name === 0) {
        name = texts.name(view, starts[nameText]!, ends[nameText]!);
        names[nameText] = name;
      }
      let pair = values[valueText]!;
      if (pair !== 0 && texts.nameOf(pair) === name) {
        texts.retain(pair);
      } else {
        pair = texts.use(name, view, starts[valueText]!, ends[valueText]!);
        values[valueText] = pair;
      }
      pairs[index] = pair;
    }
    visit(ref, table.findOrAddPairs(pairs, size, ref));
  }
}
