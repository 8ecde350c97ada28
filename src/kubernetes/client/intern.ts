/** Strings of one generation; the values that many objects share are far fewer. */
const maxStrings = 16_384;
/** Longer ones are seldom the same. */
const maxLength = 200;
/** Objects of the API are not deeper; a hostile one must not overflow the stack. */
const maxDepth = 32;

/**
 * Makes equal strings of many objects one string: JSON gives each object its own copy of its
 * namespace, image, labels. Forgets what is not seen again: two generations, the older one dropped
 * when the newer one is full.
 */
export class Interner {
  #young = new Map<string, string>();
  #old = new Map<string, string>();

  /** Strings held at the moment. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  string(value: string): string {
    if (value.length > maxLength) return value;
    const young = this.#young.get(value);
    if (young !== undefined) return young;
    const shared = this.#old.get(value) ?? value;
    if (this.#young.size >= maxStrings) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(shared, shared);
    return shared;
  }

  /** Replaces the strings within a value of JSON, in place. Returns the value. */
  all<T>(value: T): T {
    return this.#walk(value, 0) as T;
  }

  #walk(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.string(value);
    if (typeof value !== 'object' || value === null || depth >= maxDepth) return value;
    const object = value as Record<string, unknown>;
    for (const key in object) {
      const before = object[key];
      if (typeof before === 'string') {
        // Unique by their nature: they would only push others out.
        if (key === 'uid' || key === 'resourceVersion') continue;
        object[key] = this.string(before);
      } else if (typeof before === 'object') this.#walk(before, depth + 1);
    }
    return value;
  }
}
