/** Labels as they are written between braces: `phase="Running",reason="a \"b\""`. */
export function labelText(pairs: readonly string[]): string {
  let text = '';
  for (let at = 0; at < pairs.length; at += 2) {
    text += `${at === 0 ? '' : ','}${pairs[at]}="${escapeValue(pairs[at + 1] ?? '')}"`;
  }
  return text;
}

const escapeValue = (value: string): string =>
  /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
    : value;

/** Names and values of a text that `labelText` wrote. */
export function labelPairs(text: string): string[] {
  const pairs: string[] = [];
  for (const [, name = '', value = ''] of text.matchAll(/([^=,]+)="((?:[^"\\]|\\.)*)"/g)) {
    pairs.push(name, value.includes('\\') ? unescapeValue(value) : value);
  }
  return pairs;
}

const unescapeValue = (value: string): string =>
  value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));

/**
 * Label sets by number. Most of them are shared by many objects (`phase="Running"`); one that nobody
 * has any more is forgotten and its number given again. 0 is the empty set.
 */
export class LabelSets {
  readonly #numbers = new Map<string, number>([['', 0]]);
  readonly #texts: string[] = [''];
  #users = new Uint32Array(1024);
  readonly #free: number[] = [];

  get size(): number {
    return this.#numbers.size;
  }

  /** The number of a set, with one more user. */
  acquire(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) {
      this.#users[known]!++;
      return known;
    }
    const number = this.#free.pop() ?? this.#texts.length;
    if (number >= this.#users.length) {
      const users = new Uint32Array(this.#users.length * 2);
      users.set(this.#users);
      this.#users = users;
    }
    this.#texts[number] = text;
    this.#numbers.set(text, number);
    this.#users[number] = 1;
    return number;
  }

  release(number: number): void {
    if (number === 0 || --this.#users[number]! > 0) return;
    this.#numbers.delete(this.#texts[number]!);
    this.#texts[number] = '';
    this.#free.push(number);
  }

  text(number: number): string {
    return this.#texts[number]!;
  }
}
