import type { Family, KubernetesObject, Resource } from './contract.ts';

/** The objects of one resource by number. A number is given again when its object is gone. */
export class ObjectTable {
  readonly resource: Resource;
  readonly families: readonly Family<KubernetesObject>[];
  /** Values of the labels that tell which object it is; undefined: no object has this number. */
  readonly identities: (readonly string[] | undefined)[] = [];
  /** First row of the object's block, and how many there are. */
  starts: Uint32Array = new Uint32Array(64);
  counts: Uint32Array = new Uint32Array(64);
  readonly #uids: string[] = [];
  readonly #names: string[] = [];
  readonly #byUid = new Map<string, number>();
  readonly #byName = new Map<string, number>();
  readonly #free: number[] = [];

  constructor(resource: Resource, families: readonly Family<KubernetesObject>[]) {
    this.resource = resource;
    this.families = families;
  }

  /** Objects that there are. */
  get size(): number {
    return this.#byUid.size;
  }

  byUid(uid: string): number | undefined {
    return this.#byUid.get(uid);
  }

  /** An object of that name, whatever its uid. */
  byName(name: string): number | undefined {
    return this.#byName.get(name);
  }

  uids(): IterableIterator<string> {
    return this.#byUid.keys();
  }

  add(uid: string, name: string, identity: readonly string[]): number {
    const id = this.#free.pop() ?? this.identities.length;
    if (id >= this.starts.length) {
      const starts = new Uint32Array(this.starts.length * 2);
      starts.set(this.starts);
      this.starts = starts;
      const counts = new Uint32Array(starts.length);
      counts.set(this.counts);
      this.counts = counts;
    }
    this.identities[id] = identity;
    this.#uids[id] = uid;
    this.#names[id] = name;
    this.#byUid.set(uid, id);
    this.#byName.set(name, id);
    this.starts[id] = 0;
    this.counts[id] = 0;
    return id;
  }

  remove(id: number): void {
    const [uid = '', name = ''] = [this.#uids[id], this.#names[id]];
    this.identities[id] = undefined;
    this.#uids[id] = '';
    this.#names[id] = '';
    this.#byUid.delete(uid);
    if (this.#byName.get(name) === id) this.#byName.delete(name);
    this.#free.push(id);
  }
}
