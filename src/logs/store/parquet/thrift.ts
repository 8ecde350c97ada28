import { AppError } from '#base';

/**
 * Thrift's compact protocol, as far as Parquet's metadata needs it.
 * Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
const compactType = { true: 1, false: 2, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 };

/** Writes one struct tree into a growing buffer. Integers must be safe integers. */
export class ThriftWriter {
  #buffer = Buffer.allocUnsafe(512);
  #length = 0;
  #lastField = 0;
  readonly #outer: number[] = [];

  /** The bytes written so far; a view that the next write may replace. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  i32(field: number, value: number): void {
    this.#header(field, compactType.i32);
    this.#zigzag(value);
  }

  i64(field: number, value: number): void {
    this.#header(field, compactType.i64);
    this.#zigzag(value);
  }

  text(field: number, value: string | Uint8Array): void {
    this.#header(field, compactType.binary);
    this.#binary(value);
  }

  struct(field: number, body: () => void): void {
    this.#header(field, compactType.struct);
    this.#enter();
    body();
    this.#leave();
  }

  i32List(field: number, values: readonly number[]): void {
    this.#list(field, compactType.i32, values.length);
    for (const value of values) this.#zigzag(value);
  }

  textList(field: number, values: readonly string[]): void {
    this.#list(field, compactType.binary, values.length);
    for (const value of values) this.#binary(value);
  }

  structList<T>(field: number, items: readonly T[], body: (item: T, index: number) => void): void {
    this.#list(field, compactType.struct, items.length);
    items.forEach((item, index) => {
      this.#enter();
      body(item, index);
      this.#leave();
    });
  }

  /** Ends the outermost struct. */
  end(): void {
    this.#byte(0);
  }

  #enter(): void {
    this.#outer.push(this.#lastField);
    this.#lastField = 0;
  }

  #leave(): void {
    this.#byte(0);
    this.#lastField = this.#outer.pop() ?? 0;
  }

  #header(field: number, type: number): void {
    // All field numbers of Parquet grow by less than 16 in the order we write them.
    this.#byte(((field - this.#lastField) << 4) | type);
    this.#lastField = field;
  }

  #list(field: number, type: number, count: number): void {
    this.#header(field, compactType.list);
    if (count < 15) {
      this.#byte((count << 4) | type);
    } else {
      this.#byte(0xf0 | type);
      this.#varint(count);
    }
  }

  #binary(value: string | Uint8Array): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #zigzag(value: number): void {
    this.#varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + extra));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

export type ThriftValue = number | boolean | Uint8Array | ThriftStruct | readonly ThriftValue[];
/** Values by field number. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Structs of Parquet's metadata nest four deep; the bound stops hostile input. */
const maxDepth = 16;

/**
 * Reads one struct. `end` is the offset after it.
 * @throws {AppError} SEGMENT_DAMAGED when the bytes are no such struct
 */
export function readThriftStruct(
  bytes: Uint8Array,
  start: number,
): { struct: ThriftStruct; end: number } {
  let offset = start;
  const fail = (): never => {
    throw new AppError('SEGMENT_DAMAGED', 'Parquet metadata is not readable');
  };
  const byte = (): number => bytes[offset++] ?? fail();
  const varint = (): number => {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const next = byte();
      value += (next & 127) * factor;
      if (next < 128) return value;
      factor *= 128;
    }
    return fail();
  };
  const zigzag = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const value = (type: number, depth: number): ThriftValue => {
    if (depth > maxDepth) return fail();
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return byte();
      case 4:
      case 5:
      case 6:
        return zigzag();
      case 8: {
        const length = varint();
        if (offset + length > bytes.length) return fail();
        offset += length;
        return bytes.subarray(offset - length, offset);
      }
      case 9: {
        const head = byte();
        const count = head >> 4 === 15 ? varint() : head >> 4;
        if (count > bytes.length) return fail();
        const items: ThriftValue[] = [];
        for (let i = 0; i < count; i++) items.push(value(head & 15, depth + 1));
        return items;
      }
      case 12:
        return struct(depth + 1);
      default:
        return fail();
    }
  };
  const struct = (depth: number): ThriftStruct => {
    const fields = new Map<number, ThriftValue>();
    let field = 0;
    for (;;) {
      const head = byte();
      if (head === 0) return fields;
      field = head >> 4 === 0 ? zigzag() : field + (head >> 4);
      fields.set(field, value(head & 15, depth));
    }
  };
  return { struct: struct(0), end: offset };
}
