/** Where a text stops being JSON, and why. */
export interface JsonProblem {
  readonly kind:
    | 'unexpected'
    | 'end'
    | 'unclosedText'
    | 'badEscape'
    | 'control'
    | 'after'
    | 'depth';
  /** What stands there; '' at the end. */
  readonly found: string;
  /** UTF-16 units from the start. */
  readonly offset: number;
}

/** The text of a value, with the place of its name where it has one. */
export interface JsonRange {
  readonly from: number;
  readonly to: number;
}

export interface JsonScan {
  readonly problem: JsonProblem | undefined;
  /** Places of values by path: `panels[3].gridPos`; `''` is all of it. */
  readonly ranges: ReadonlyMap<string, JsonRange>;
}

/** Deeper than this no document is read. */
const maxDepth = 100;
/** Places beyond these are not kept: the text is still checked. */
const maxRanges = 200_000;

class Failure extends Error {
  readonly problem: JsonProblem;
  constructor(problem: JsonProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

/** Reads a text as JSON.parse() does, and says exactly where it fails. */
export function scanJson(text: string): JsonScan {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { problem: undefined, ranges: scanner.ranges };
  } catch (error) {
    if (error instanceof Failure) return { problem: error.problem, ranges: scanner.ranges };
    throw error;
  }
}

/** The place of a path, or of the nearest thing around it that is there. */
export function rangeOfPath(ranges: JsonScan['ranges'], path: string): JsonRange | undefined {
  for (let part = path; ; part = part.replace(/(?:\.[^.[\]]+|\[\d+\]|^[^.[\]]+)$/, '')) {
    const range = ranges.get(part);
    if (range !== undefined || part === '') return range;
    if (part.replace(/(?:\.[^.[\]]+|\[\d+\]|^[^.[\]]+)$/, '') === part) return ranges.get('');
  }
}

/** Counted from 1. */
export function placeOf(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

class Scanner {
  readonly ranges: Map<string, JsonRange> = new Map<string, JsonRange>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#space();
    this.#value('', 0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('after');
  }

  #value(path: string, depth: number): void {
    if (depth > maxDepth) this.#fail('depth');
    const from = this.#at;
    switch (this.#text[this.#at]) {
      case '{':
        this.#object(path, depth);
        break;
      case '[':
        this.#list(path, depth);
        break;
      case '"':
        this.#string();
        break;
      default:
        this.#scalar();
    }
    if (this.ranges.size < maxRanges) this.ranges.set(path, { from, to: this.#at });
  }

  #object(path: string, depth: number): void {
    this.#at++;
    this.#space();
    if (this.#take('}')) return;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('unexpected');
      const key = this.#string();
      this.#space();
      if (!this.#take(':')) this.#fail('unexpected');
      this.#space();
      this.#value(path === '' ? key : `${path}.${key}`, depth + 1);
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail('unexpected');
  }

  #list(path: string, depth: number): void {
    this.#at++;
    this.#space();
    if (this.#take(']')) return;
    let index = 0;
    do {
      this.#space();
      this.#value(`${path}[${index++}]`, depth + 1);
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']')) this.#fail('unexpected');
  }

  /** Its raw text: keys of paths have no escapes. */
  #string(): string {
    const from = ++this.#at;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char === '\n') {
        this.#at = from - 1;
        this.#fail('unclosedText');
      }
      if (char === '"') return this.#text.slice(from, this.#at++);
      if ((char as string) < ' ') this.#fail('control');
      if (char === '\\') {
        const valid = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
        valid.lastIndex = this.#at;
        if (!valid.test(this.#text)) this.#fail('badEscape');
        this.#at = valid.lastIndex;
      } else this.#at++;
    }
  }

  #scalar(): void {
    const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
    scalar.lastIndex = this.#at;
    if (!scalar.test(this.#text)) this.#fail('unexpected');
    this.#at = scalar.lastIndex;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    const space = /[ \t\r\n]*/y;
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
  }

  #fail(kind: JsonProblem['kind']): never {
    const isEnd = this.#at >= this.#text.length && kind === 'unexpected';
    const word = /[\w.+-]+|[\s\S]/y;
    word.lastIndex = this.#at;
    const found = word.exec(this.#text)?.[0].slice(0, 40) ?? '';
    throw new Failure({ kind: isEnd ? 'end' : kind, found, offset: this.#at });
  }
}
