import {
  ByteSink,
  forEachForwardEntry,
  MsgpackReader,
  type MsgpackValue,
  writeMsgpackAsJson,
} from '#wire';
import type { Collector } from './collector.ts';
import type { EventRouting } from './contract.ts';
import { compileTemplate, type Template } from './template.ts';

export const forwardDefaults: Required<EventRouting> = {
  group: "/nunchi/forward/{tag[0]|'untagged'}",
  stream: '{tag}',
};

/** Decides group, stream and message of an event. */
export class ForwardRouter {
  readonly #group: Template;
  readonly #stream: Template;
  readonly #needsRecord: boolean;
  readonly #sink = new ByteSink(4096);

  constructor(routing: EventRouting) {
    this.#group = compileTemplate(routing.group ?? forwardDefaults.group);
    this.#stream = compileTemplate(routing.stream ?? forwardDefaults.stream);
    const names = [...this.#group.names, ...this.#stream.names];
    this.#needsRecord = names.some((name) => name.startsWith('record.'));
  }

  collect(tag: string, source: string, entries: Uint8Array, collector: Collector): void {
    let place = this.#needsRecord ? undefined : this.#placeOf(tag, source, undefined);
    forEachForwardEntry(entries, (time, reader) => {
      if (this.#needsRecord) {
        place = this.#placeOf(tag, source, new MsgpackReader(entries, reader.offset).value());
      }
      const message = this.#message(reader);
      const timeMs = time.seconds * 1000 + Math.floor(time.nanoseconds / 1e6);
      collector.add(place!.group, place!.stream, timeMs, message);
    });
  }

  #placeOf(
    tag: string,
    source: string,
    record: MsgpackValue | undefined,
  ): { readonly group: string; readonly stream: string } {
    const lookup = (name: string): string | undefined => {
      if (name === 'tag') return tag;
      if (name === 'source') return source;
      const part = /^tag\[(\d+)\]$/.exec(name);
      if (part !== null) return tag.split('.')[Number(part[1])];
      if (!name.startsWith('record.')) return undefined;
      let value: MsgpackValue | undefined = record;
      for (const key of name.slice(7).split('.')) {
        value = value instanceof Map ? value.get(key) : undefined;
      }
      if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
      return value === undefined || value === null || typeof value === 'object'
        ? undefined
        : String(value);
    };
    return { group: this.#group.render(lookup), stream: this.#stream.render(lookup) };
  }

  /** The text of a record that is nothing but a line; else the record as JSON. A view. */
  #message(reader: MsgpackReader): Uint8Array {
    const start = reader.offset;
    if (reader.peek() === 'map' && reader.mapHeader() === 1) {
      const keyKind = reader.peek();
      const key = keyKind === 'string' ? reader.text() : '';
      const valueKind = keyKind === 'string' ? reader.peek() : 'nil';
      if (lineKeys.has(key) && (valueKind === 'string' || valueKind === 'binary')) {
        const line = reader.raw();
        return line.at(-1) === 0x0a ? line.subarray(0, -1) : line;
      }
    }
    reader.offset = start;
    this.#sink.clear();
    writeMsgpackAsJson(reader, this.#sink);
    return this.#sink.view();
  }
}

/** What shippers call the line itself. */
const lineKeys: ReadonlySet<string> = new Set(['log', 'message', 'MESSAGE', 'msg']);
