import { createHash } from 'node:crypto';
import type { Collection, StateStore } from '#state';
import type { Facts, FactsOf, TrackedName } from './facts.ts';
import { trackedNames } from './facts.ts';

/** Facts are saved in so many documents a kind: a change writes a part of them only. */
const buckets = 32;
const listLimit = 10_000;

type Bucket = Record<string, Facts>;

/** What is known of objects across restarts, by kind and `namespace/name`. */
export class FactsMemory {
  readonly #collection: Collection<Bucket | { readonly known: true }>;
  readonly #prefix: string;
  readonly #facts = new Map<TrackedName, Map<string, Facts>>();
  readonly #known = new Set<TrackedName>();
  readonly #dirty = new Set<string>();

  private constructor(collection: Collection<Bucket | { readonly known: true }>, prefix: string) {
    this.#collection = collection;
    this.#prefix = prefix;
    for (const name of trackedNames) this.#facts.set(name, new Map());
  }

  static async open(state: StateStore, clusterName: string): Promise<FactsMemory> {
    const collection = state.collection<Bucket | { readonly known: true }>('kubernetes-changes');
    const memory = new FactsMemory(collection, `${clusterName}/`);
    const saved = await collection.list({ prefix: memory.#prefix, limit: listLimit });
    for (const { id, value } of saved) memory.#load(id, value);
    return memory;
  }

  get size(): number {
    let sum = 0;
    for (const facts of this.#facts.values()) sum += facts.size;
    return sum;
  }

  /** Whether all objects of a kind were seen once: what comes afterwards is new. */
  isKnown(name: TrackedName): boolean {
    return this.#known.has(name);
  }

  setKnown(name: TrackedName): void {
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.#dirty.add(`${name}/known`);
  }

  get<N extends TrackedName>(name: N, key: string): FactsOf[N] | undefined {
    return this.#facts.get(name)?.get(key) as FactsOf[N] | undefined;
  }

  set<N extends TrackedName>(name: N, key: string, facts: FactsOf[N]): void {
    const known = this.#facts.get(name);
    if (known === undefined) return;
    const before = known.get(key);
    known.set(key, facts);
    const isSame = before !== undefined && JSON.stringify(before) === JSON.stringify(facts);
    if (!isSame) this.#dirty.add(`${name}/${bucketOf(key)}`);
  }

  delete(name: TrackedName, key: string): void {
    if (this.#facts.get(name)?.delete(key)) this.#dirty.add(`${name}/${bucketOf(key)}`);
  }

  keys(name: TrackedName): string[] {
    return [...(this.#facts.get(name)?.keys() ?? [])];
  }

  /** What has changed since the last call, to be saved once it is told. */
  takeDirty(): ReadonlyMap<string, Bucket | { readonly known: true }> {
    const dirty = new Map<string, Bucket | { readonly known: true }>();
    for (const part of this.#dirty) {
      const [name, bucket] = part.split('/') as [TrackedName, string];
      dirty.set(part, bucket === 'known' ? { known: true } : this.#bucket(name, Number(bucket)));
    }
    this.#dirty.clear();
    return dirty;
  }

  /** What could not be saved is saved next time. */
  async save(dirty: ReadonlyMap<string, Bucket | { readonly known: true }>): Promise<void> {
    try {
      for (const [part, value] of dirty) await this.#collection.put(this.#prefix + part, value);
    } catch (error) {
      this.markDirty(dirty.keys());
      throw error;
    }
  }

  /** They were taken, but could not be saved. */
  markDirty(parts: Iterable<string>): void {
    for (const part of parts) this.#dirty.add(part);
  }

  #load(id: string, value: Bucket | { readonly known: true }): void {
    const [name, bucket] = id.slice(this.#prefix.length).split('/') as [TrackedName, string];
    const facts = this.#facts.get(name);
    if (facts === undefined) return;
    if (bucket === 'known') this.#known.add(name);
    else for (const [key, one] of Object.entries(value as Bucket)) facts.set(key, one);
  }

  #bucket(name: TrackedName, bucket: number): Bucket {
    const found: Bucket = {};
    for (const [key, facts] of this.#facts.get(name) ?? []) {
      if (bucketOf(key) === bucket) found[key] = facts;
    }
    return found;
  }
}

const bucketOf = (key: string): number =>
  (createHash('sha1').update(key).digest()[0] ?? 0) % buckets;
