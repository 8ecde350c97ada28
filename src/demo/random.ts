const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** A small seeded generator (sfc32): the same seed gives the same demo, on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed` is any text; different texts give unrelated sequences. */
  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < seed.length; i++) {
      hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
    }
    this.#a = hash | 0;
    this.#b = Math.imul(hash, 0x9e3779b1) | 0;
    this.#c = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) | 0;
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** [0, 1) */
  next(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** Whole numbers, both ends included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** Picks by weight. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T {
    let total = 0;
    for (const [weight] of items) total += weight;
    let rest = this.next() * total;
    for (const [weight, item] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return items.at(-1)![1];
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.u32().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  uuid(): string {
    const h = this.hex(32);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
  }

  /** The suffix of a pod's name: letters and digits that Kubernetes uses. */
  suffix(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += suffixLetters[this.int(0, suffixLetters.length - 1)]!;
    return text;
  }

  /** Exponential with this mean: waiting times, latencies. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }
}
