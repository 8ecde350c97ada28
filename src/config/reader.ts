import { type Document, isAlias, isScalar, type LineCounter, type Node } from 'yaml';
import { type Environment, substituteEnvironment } from './environment.ts';

/** One thing wrong with the configuration. */
export interface ConfigProblem {
  /** The file as the user named it, or the flag or variable that gave the value. */
  readonly source: string;
  /** 1-based; undefined for flags and variables. */
  readonly line: number | undefined;
  /** Dotted key, such as `server.listen`; empty for problems of the whole file. */
  readonly key: string;
  readonly message: string;
  readonly value?: string;
  /** What may stand there. */
  readonly allowed?: string;
}

/** Turns nodes of one YAML document into text and values, and collects what is wrong with them. */
export class Reader {
  readonly problems: ConfigProblem[] = [];
  readonly #source: string;
  readonly #lines: LineCounter | undefined;
  readonly #text: string;
  readonly #document: Document;
  readonly #env: Environment | undefined;

  constructor(options: {
    readonly source: string;
    /** Absent: problems name the source only. */
    readonly lines?: LineCounter;
    readonly document: Document;
    /** What the document was parsed from; needed for `rawSection` only. */
    readonly text?: string;
    /** Absent: `${…}` is left as it is. */
    readonly env?: Environment;
  }) {
    this.#source = options.source;
    this.#lines = options.lines;
    this.#document = options.document;
    this.#text = options.text ?? '';
    this.#env = options.env;
  }

  problem(
    node: Node | undefined,
    key: string,
    what: { readonly message: string; readonly value?: string; readonly allowed?: string },
  ): void {
    const offset = node?.range?.[0];
    const line =
      offset === undefined || this.#lines === undefined
        ? undefined
        : this.#lines.linePos(offset).line;
    this.problems.push({ source: this.#source, line, key, ...what });
  }

  /** Follows an alias to the node it stands for. */
  resolve(node: Node): Node {
    return isAlias(node) ? (node.resolve(this.#document) ?? node) : node;
  }

  /** A node as it stands in the file: its text, indented as there. */
  rawSection(node: Node): { text: string; source: string; line: number } {
    const [start, end] = node.range ?? [0, 0];
    const { line, col } = this.#lines?.linePos(start) ?? { line: 1, col: 1 };
    const text = `${' '.repeat(Math.max(0, col - 1))}${this.#text.slice(start, end)}`;
    return { text, source: this.#source, line };
  }

  /** A scalar as written (`000123` keeps its zeros), variables replaced. */
  scalarText(node: Node, path: string, allowed: string): string | undefined {
    if (!isScalar(node)) {
      this.problem(node, path, { message: 'expected one value', allowed });
      return undefined;
    }
    const isPlain = node.type === 'PLAIN';
    const written = isPlain ? (node.source ?? String(node.value)) : String(node.value);
    if (this.#env === undefined) return written;
    let isBroken = false;
    const text = substituteEnvironment(written, this.#env, ({ message }) => {
      isBroken = true;
      this.problem(node, path, { message, value: written });
    });
    return isBroken ? undefined : text;
  }
}
