/**
 * Numbered log lines: each is known from its container and number alone, so that a reader can tell
 * one that is missing, doubled or changed.
 */

/** Characters of one, two, three and four bytes, none of which JSON escapes. */
const alphabet = 'abcdefghij klmnopqrst 0123456789 눈치 관측 é ß 😀 ';
const filler = alphabet.repeat(2000);

/** A runtime splits lines at this many bytes, wherever in a character that is. */
const maxPieceBytes = 16 * 1024;
/** Every so many lines one is so long that it is written in pieces. */
const longEvery = 400;
const longChars = 25_000;

/** The text of line `number` (from 0) of a container: no line feed, no space at its end. */
export function lineText(container: number, number: number): string {
  const chars =
    number % longEvery === longEvery / 2
      ? longChars
      : 60 + ((number * 7919 + container * 31) % 240);
  const start = ((number * 31 + container * 17) % 500) * 2;
  return `seq=${container}:${number} ${filler.slice(start, start + chars).toWellFormed()}.`;
}

/** Container and number of a line; undefined for a text that is none of ours. */
export function parseLine(text: string): { container: number; number: number } | undefined {
  const match = /^seq=(\d+):(\d+) /.exec(text);
  return match === null ? undefined : { container: Number(match[1]), number: Number(match[2]) };
}

/** A line as containerd writes it: one or more lines of the file. */
export function criLines(text: string, stream: 'stdout' | 'stderr', timeMs: number): Buffer[] {
  const bytes = Buffer.from(text);
  const time = `${new Date(timeMs).toISOString().slice(0, -1)}${nanoseconds(bytes.length)}Z`;
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += maxPieceBytes) {
    const piece = bytes.subarray(at, at + maxPieceBytes);
    const isLast = at + maxPieceBytes >= bytes.length;
    pieces.push(
      Buffer.concat([
        Buffer.from(`${time} ${stream} ${isLast ? 'F' : 'P'} `),
        piece,
        Buffer.from('\n'),
      ]),
    );
  }
  return pieces;
}

const nanoseconds = (seed: number): string => String((seed * 7919) % 1_000_000).padStart(6, '0');

/** What was read back, checked against what was written. */
export class LineLedger {
  readonly #seen: Uint8Array[];
  #doubled = 0;
  #changed = 0;
  #strange = 0;
  readonly #examples: string[] = [];

  /** @param counts how many lines each container wrote */
  constructor(counts: readonly number[]) {
    this.#seen = counts.map((count) => new Uint8Array(count));
  }

  add(text: string): void {
    const line = parseLine(text);
    const seen = line === undefined ? undefined : this.#seen[line.container];
    if (line === undefined || seen === undefined || line.number >= seen.length) {
      this.#strange++;
      this.#note(`strange: ${text.slice(0, 120)}`);
      return;
    }
    if (text !== lineText(line.container, line.number)) {
      this.#changed++;
      this.#note(`changed: ${text.length} characters, ${text.slice(0, 60)}…${text.slice(-20)}`);
    }
    if (seen[line.number] === 1) {
      this.#doubled++;
      this.#note(`doubled: ${line.container}:${line.number}`);
    }
    seen[line.number] = 1;
  }

  /** Nothing but zeros, and no examples, where every line was there exactly once, unchanged. */
  result(): {
    missing: number;
    doubled: number;
    changed: number;
    strange: number;
    examples: readonly string[];
  } {
    let missing = 0;
    this.#seen.forEach((seen, container) => {
      let from = -1;
      for (let number = 0; number <= seen.length; number++) {
        if (number < seen.length && seen[number] === 0) {
          missing++;
          if (from < 0) from = number;
        } else if (from >= 0) {
          this.#note(`missing: ${container}:${from} to ${number - 1} of ${seen.length}`);
          from = -1;
        }
      }
    });
    return {
      missing,
      doubled: this.#doubled,
      changed: this.#changed,
      strange: this.#strange,
      examples: this.#examples,
    };
  }

  #note(text: string): void {
    if (this.#examples.length < 30) this.#examples.push(text);
  }
}

/** What `result()` gives when all is well. */
export const allOnce = { missing: 0, doubled: 0, changed: 0, strange: 0, examples: [] } as const;
