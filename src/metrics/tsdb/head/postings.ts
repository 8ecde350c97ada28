/** References that only grow, sorted because they are given in that order. */
export class RefList {
  refs: Uint32Array = new Uint32Array(4);
  count = 0;

  push(ref: number): void {
    if (this.count === this.refs.length) {
      const larger = new Uint32Array(
        this.count < 1024 ? this.count * 2 : Math.ceil(this.count * 1.25),
      );
      larger.set(this.refs);
      this.refs = larger;
    }
    this.refs[this.count++] = ref;
  }

  view(): Uint32Array {
    return this.refs.subarray(0, this.count);
  }
}

/** Which series have a label pair. A pair of one series, as ids are, costs a number and no list. */
export class Postings {
  /** Name to value to references. Symbols as keys. */
  readonly names: Map<number, Map<number, number | RefList>> = new Map();

  add(name: number, value: number, ref: number): void {
    let values = this.names.get(name);
    if (values === undefined) {
      values = new Map();
      this.names.set(name, values);
    }
    const known = values.get(value);
    if (known === undefined) {
      values.set(value, ref);
    } else if (typeof known === 'number') {
      const list = new RefList();
      list.push(known);
      list.push(ref);
      values.set(value, list);
    } else {
      known.push(ref);
    }
  }

  values(name: number): ReadonlyMap<number, number | RefList> | undefined {
    return this.names.get(name);
  }

  count(name: number, value: number): number {
    return sizeOf(this.names.get(name)?.get(value));
  }

  /** Sorted. */
  refs(name: number, value: number): Uint32Array {
    return viewOf(this.names.get(name)?.get(value));
  }

  /** Forgets references of a pair for which `isGone` holds. */
  remove(name: number, value: number, isGone: (ref: number) => boolean): void {
    const values = this.names.get(name);
    const list = values?.get(value);
    if (values === undefined || list === undefined) return;
    if (typeof list === 'number') {
      if (isGone(list)) values.delete(value);
    } else {
      let kept = 0;
      for (let at = 0; at < list.count; at++) {
        const ref = list.refs[at]!;
        if (!isGone(ref)) list.refs[kept++] = ref;
      }
      list.count = kept;
      if (kept === 0) values.delete(value);
      else if (kept * 4 < list.refs.length) list.refs = list.refs.slice(0, Math.max(4, kept));
    }
    if (values.size === 0) this.names.delete(name);
  }
}

export const sizeOf = (list: number | RefList | undefined): number =>
  list === undefined ? 0 : typeof list === 'number' ? 1 : list.count;

export function viewOf(list: number | RefList | undefined): Uint32Array {
  if (list === undefined) return new Uint32Array(0);
  return typeof list === 'number' ? Uint32Array.of(list) : list.view();
}
