import { BugError } from '#base';

/** What an informer knows, by key; see {@link ObjectStore}. */
export type Indexer<P> = (object: P) => Iterable<string>;

/** `namespace/name`, or `name` of what has no namespace. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** Objects as they were last seen. Read only; they must not be changed. */
export interface ObjectStore<P> {
  readonly size: number;
  get(namespace: string | undefined, name: string): P | undefined;
  values(): IterableIterator<P>;
  /** Objects that the index has under a value. @throws {BugError} for an index that was not added */
  byIndex(index: string, value: string): Iterable<P>;
  /** Adds an index, over what is there too; a second one of the same name is passed over. */
  addIndex(index: string, indexer: Indexer<P>): void;
}

interface Entry<P> {
  readonly object: P;
  readonly uid: string;
  readonly resourceVersion: string;
}

interface Index<P> {
  readonly indexer: Indexer<P>;
  readonly keys: Map<string, Set<string>>;
}

const nothing: readonly never[] = [];

export class MutableStore<P> implements ObjectStore<P> {
  readonly #entries = new Map<string, Entry<P>>();
  readonly #indexes = new Map<string, Index<P>>();

  get size(): number {
    return this.#entries.size;
  }

  get(namespace: string | undefined, name: string): P | undefined {
    return this.#entries.get(objectKey(namespace, name))?.object;
  }

  entry(key: string): Entry<P> | undefined {
    return this.#entries.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  *values(): IterableIterator<P> {
    for (const { object } of this.#entries.values()) yield object;
  }

  *byIndex(index: string, value: string): Iterable<P> {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new BugError(`There is no index ${index}`);
    for (const key of found.keys.get(value) ?? nothing) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) yield entry.object;
    }
  }

  addIndex(name: string, indexer: Indexer<P>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<P> = { indexer, keys: new Map() };
    this.#indexes.set(name, index);
    for (const [key, { object }] of this.#entries) enter(index, key, object);
  }

  set(key: string, entry: Entry<P>): void {
    const before = this.#entries.get(key);
    for (const index of this.#indexes.values()) {
      if (before !== undefined) leave(index, key, before.object);
      enter(index, key, entry.object);
    }
    this.#entries.set(key, entry);
  }

  delete(key: string): P | undefined {
    const before = this.#entries.get(key);
    if (before === undefined) return undefined;
    for (const index of this.#indexes.values()) leave(index, key, before.object);
    this.#entries.delete(key);
    return before.object;
  }
}

function enter<P>({ indexer, keys }: Index<P>, key: string, object: P): void {
  for (const value of indexer(object)) {
    const held = keys.get(value);
    if (held === undefined) keys.set(value, new Set([key]));
    else held.add(key);
  }
}

function leave<P>({ indexer, keys }: Index<P>, key: string, object: P): void {
  for (const value of indexer(object)) {
    const held = keys.get(value);
    held?.delete(key);
    if (held?.size === 0) keys.delete(value);
  }
}
