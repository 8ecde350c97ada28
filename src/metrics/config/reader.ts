import { type Document, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { ConfigProblem } from '#config';
import { resolveNode } from './yaml-nodes.ts';

/** One YAML file, or a part of one, with the lines of its nodes and what is wrong with it. */
export class DocumentReader {
  readonly problems: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];
  /** The file as the user named it. */
  readonly file: string;
  readonly #lines = new LineCounter();
  readonly #firstLine: number;
  readonly #keyPrefix: string;
  readonly #document: Document;
  readonly #isBroken: boolean;

  /** @param part where the text stands in its file, when it is a part of it */
  constructor(
    content: string,
    file: string,
    part: { readonly firstLine: number; readonly key: string } = { firstLine: 1, key: '' },
  ) {
    this.file = file;
    this.#firstLine = part.firstLine;
    this.#keyPrefix = part.key === '' ? '' : `${part.key}.`;
    this.#document = parseDocument(content, { lineCounter: this.#lines, merge: true });
    for (const error of this.#document.errors) {
      // The first document counts, as in the reference.
      if (error.code === 'MULTIPLE_DOCS') continue;
      this.problems.push({
        source: file,
        line: (error.linePos?.[0].line ?? 1) + this.#firstLine - 1,
        key: '',
        message: error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
      });
    }
    this.#isBroken = this.problems.length > 0;
  }

  /** Undefined: an empty document, or one that is no YAML. */
  get root(): Node | undefined {
    if (this.#isBroken || this.#document.contents === null) return undefined;
    return this.resolve(this.#document.contents);
  }

  problem(
    node: Node | undefined,
    key: string,
    what: { readonly message: string; readonly value?: string; readonly allowed?: string },
  ): void {
    this.problems.push(this.#at(node, key, what));
  }

  /** Something that is accepted and has no effect here. */
  warning(node: Node | undefined, key: string, message: string): void {
    this.warnings.push(this.#at(node, key, { message }));
  }

  resolve(node: Node): Node {
    return resolveNode(node, this.#document);
  }

  /** A scalar as written: `0123` keeps its zero. */
  text(node: Node, key: string, allowed: string): string | undefined {
    if (!isScalar(node)) {
      this.problem(node, key, { message: 'expected one value', allowed });
      return undefined;
    }
    return node.type === 'PLAIN' ? (node.source ?? String(node.value)) : String(node.value);
  }

  plain(node: Node): unknown {
    return node.toJS(this.#document);
  }

  #at(node: Node | undefined, key: string, what: { readonly message: string }): ConfigProblem {
    const offset = node?.range?.[0];
    const line =
      offset === undefined ? undefined : this.#lines.linePos(offset).line + this.#firstLine - 1;
    return { source: this.file, line, key: `${this.#keyPrefix}${key}`, ...what };
  }
}
