/** Texts of labels, each held once and known by a number from 1 on. Numbers of unused texts are reused. */
export class Symbols {
  readonly #ids = new Map<string, number>();
  readonly #texts: (string | undefined)[] = [undefined];
  #uses = new Uint32Array(1024);
  #free: number[] = [];
  #bytes = 0;

  get count(): number {
    return this.#ids.size;
  }

  /** About the bytes of all texts. */
  get bytes(): number {
    return this.#bytes;
  }

  /** 0: not known. */
  find(text: string): number {
    return this.#ids.get(text) ?? 0;
  }

  text(id: number): string {
    return this.#texts[id]!;
  }

  /** The number of a text, which is used once more. */
  use(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#free.pop() ?? this.#texts.length;
      this.#texts[id] = text;
      this.#ids.set(text, id);
      this.#bytes += text.length;
      if (id >= this.#uses.length) {
        const larger = new Uint32Array(this.#uses.length * 2);
        larger.set(this.#uses);
        this.#uses = larger;
      }
    }
    this.#uses[id]!++;
    return id;
  }

  release(id: number): void {
    if (--this.#uses[id]! > 0) return;
    const text = this.#texts[id]!;
    this.#ids.delete(text);
    this.#texts[id] = undefined;
    this.#bytes -= text.length;
    this.#free.push(id);
  }
}
