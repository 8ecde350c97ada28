import { AppError } from '#base';
import type { Emit, KubernetesObject } from './contract.ts';
import { type AllowList, allowedFor } from './label-names.ts';
import { LabelSets, labelText } from './label-sets.ts';
import { ObjectTable } from './object-table.ts';
import { resources } from './resources/all.ts';
import { SeriesColumns } from './series-columns.ts';

/** Series of one object; an Endpoints object of a thousand addresses and ports has fewer. */
const maxSeriesPerObject = 65_536;

/** Something in an object that was not as the API says; its other families are there all the same. */
export type ObjectFault = (fault: {
  readonly resource: string;
  readonly family: string;
  readonly name: string;
  readonly error: unknown;
}) => void;

export interface StateMetricsOptions {
  readonly labels?: AllowList;
  readonly annotations?: AllowList;
  /** Names of resources; all where it is not given. @see resourceNames */
  readonly resources?: readonly string[];
  readonly onFault?: ObjectFault;
}

/** Plural names of the resources that have series. */
export const resourceNames: readonly string[] = [...resources.keys()];

/**
 * The series of Kubernetes objects. An object's change touches only its own block of rows; what is kept
 * of an object is that block and the labels that name it, never the object.
 *
 * Not for concurrent use from several threads; between two calls everything is consistent.
 */
export class StateMetrics {
  readonly columns: SeriesColumns = new SeriesColumns();
  readonly labelSets: LabelSets = new LabelSets();
  readonly tables: ReadonlyMap<string, ObjectTable>;
  readonly #onFault: ObjectFault | undefined;
  /** Numbers in the metric store of series that ended since they were last taken. */
  #ended = new Set<number>();
  #series = 0;
  // What the object in hand comes to; compared with what is there before it is kept.
  #families = new Uint16Array(256);
  #labels = new Uint32Array(256);
  #values = new Float64Array(256);
  #count = 0;
  #family = 0;
  readonly #seen = new Set<number>();

  /** @throws {AppError} STATE_METRICS_RESOURCE_UNKNOWN */
  constructor(options: StateMetricsOptions = {}) {
    const none: AllowList = new Map();
    this.#onFault = options.onFault;
    const tables = new Map<string, ObjectTable>();
    for (const name of options.resources ?? resourceNames) {
      const resource = resources.get(name);
      if (resource === undefined) {
        throw new AppError(
          'STATE_METRICS_RESOURCE_UNKNOWN',
          `There are no series of "${name}"; allowed: ${resourceNames.join(', ')}`,
        );
      }
      const allowed = allowedFor(name, options.labels ?? none, options.annotations ?? none);
      tables.set(name, new ObjectTable(resource, resource.families(allowed)));
    }
    this.tables = tables;
  }

  get series(): number {
    return this.#series;
  }

  objects(resource: string): number {
    return this.tables.get(resource)?.size ?? 0;
  }

  /** Takes an object in, or what has become of it. Resources that are not wanted are left out. */
  upsert(resource: string, object: KubernetesObject): void {
    const table = this.tables.get(resource);
    const uid = object.metadata?.uid;
    if (table === undefined || uid === undefined) return;
    const name = `${object.metadata?.namespace ?? ''}/${object.metadata?.name ?? ''}`;
    const identity = table.resource.identify(object);
    let id = table.byUid(uid);
    if (id !== undefined && !isEqual(table.identities[id], identity)) {
      this.#removeId(table, id);
      id = undefined;
    }
    // An object of this name and another uid is gone, whether or not anybody has said so yet.
    const former = id === undefined ? table.byName(name) : undefined;
    if (former !== undefined) this.#removeId(table, former);
    id ??= table.add(uid, name, identity);
    this.#generate(table, object, name);
    if (this.#isSameSeries(table, id)) this.#keepValues(table, id);
    else this.#replaceBlock(table, id);
  }

  remove(resource: string, uid: string): void {
    const table = this.tables.get(resource);
    const id = table?.byUid(uid);
    if (table !== undefined && id !== undefined) this.#removeId(table, id);
  }

  /** All objects of a resource, as a list gave them: others are gone. */
  replace(resource: string, objects: Iterable<KubernetesObject>): void {
    const table = this.tables.get(resource);
    if (table === undefined) return;
    const gone = new Set(table.uids());
    for (const object of objects) {
      gone.delete(object.metadata?.uid ?? '');
      this.upsert(resource, object);
    }
    for (const uid of gone) this.remove(resource, uid);
  }

  /** Series in the metric store that ended since the last call. The caller may change the set. */
  takeEnded(): Set<number> {
    const ended = this.#ended;
    this.#ended = new Set();
    return ended;
  }

  /** Takes back that a series ended: it is there again. */
  revive(ref: number): void {
    this.#ended.delete(ref);
  }

  /** Ends series that could not be told of; they are taken again. */
  giveBackEnded(refs: Iterable<number>): void {
    for (const ref of refs) this.#ended.add(ref);
  }

  #generate(table: ObjectTable, object: KubernetesObject, name: string): void {
    this.#count = 0;
    for (const [at, family] of table.families.entries()) {
      this.#family = at;
      if (this.#seen.size > 0) this.#seen.clear();
      try {
        family.emit(object, this.#emit);
      } catch (error) {
        this.#onFault?.({ resource: table.resource.name, family: family.name, name, error });
      }
    }
  }

  readonly #emit: Emit = (value, pairs) => {
    const labels =
      pairs === undefined || pairs.length === 0 ? 0 : this.labelSets.acquire(labelText(pairs));
    // Twice the same series would be an error to everybody who reads them.
    if (this.#seen.has(labels) || this.#count >= maxSeriesPerObject) {
      this.labelSets.release(labels);
      return;
    }
    this.#seen.add(labels);
    if (this.#count === this.#families.length) this.#growScratch();
    const at = this.#count++;
    this.#families[at] = this.#family;
    this.#labels[at] = labels;
    this.#values[at] = value;
  };

  #growScratch(): void {
    const length = this.#families.length * 2;
    const families = new Uint16Array(length);
    families.set(this.#families);
    this.#families = families;
    const labels = new Uint32Array(length);
    labels.set(this.#labels);
    this.#labels = labels;
    const values = new Float64Array(length);
    values.set(this.#values);
    this.#values = values;
  }

  #isSameSeries(table: ObjectTable, id: number): boolean {
    const { families, labels } = this.columns;
    const start = table.starts[id]!;
    if (table.counts[id] !== this.#count) return false;
    for (let at = 0; at < this.#count; at++) {
      if (families[start + at] !== this.#families[at] || labels[start + at] !== this.#labels[at])
        return false;
    }
    return true;
  }

  #keepValues(table: ObjectTable, id: number): void {
    const { values } = this.columns;
    const start = table.starts[id]!;
    for (let at = 0; at < this.#count; at++) {
      values[start + at] = this.#values[at]!;
      this.labelSets.release(this.#labels[at]!);
    }
  }

  #replaceBlock(table: ObjectTable, id: number): void {
    const count = this.#count;
    const oldStart = table.starts[id]!;
    const oldCount = table.counts[id]!;
    const start = this.columns.allocate(count);
    const { families, labels, values, refs } = this.columns;
    let hint = 0;
    for (let at = 0; at < count; at++) {
      const row = start + at;
      families[row] = this.#families[at]!;
      labels[row] = this.#labels[at]!;
      values[row] = this.#values[at]!;
      refs[row] = 0;
      // Mostly the order is what it was: the row after the last one found comes first.
      for (let tried = 0; tried < oldCount; tried++) {
        const old = oldStart + ((hint + tried) % oldCount);
        if (labels[old] !== labels[row] || families[old] !== families[row]) continue;
        refs[row] = refs[old]!;
        refs[old] = 0;
        hint = old - oldStart + 1;
        break;
      }
    }
    this.#endBlock(oldStart, oldCount);
    table.starts[id] = start;
    table.counts[id] = count;
    this.#series += count;
  }

  #removeId(table: ObjectTable, id: number): void {
    this.#endBlock(table.starts[id]!, table.counts[id]!);
    table.remove(id);
  }

  #endBlock(start: number, count: number): void {
    const { labels, refs } = this.columns;
    for (let row = start; row < start + count; row++) {
      this.labelSets.release(labels[row]!);
      const ref = refs[row]!;
      if (ref !== 0 && ref !== refusedRef) this.#ended.add(ref);
    }
    this.columns.release(start, count);
    this.#series -= count;
  }
}

/** Stands for the number of a series that the store did not take. */
export const refusedRef = 0xffff_ffff;

function isEqual(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((value, at) => value === b[at]);
}
