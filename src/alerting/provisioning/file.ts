import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { describeError } from '#base';
import { expandNode } from './environment.ts';

/** What is wrong in a file of provisioning. */
export interface FileProblem {
  readonly file: string;
  /** 1-based. */
  readonly line: number | undefined;
  /** `groups[0].rules[1]` */
  readonly key: string;
  readonly message: string;
}

export const problemText = ({ file, line, key, message }: FileProblem): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${key === '' ? '' : `${key}: `}${message}`;

/** An object of a file, with the place it stands at. */
export interface Placed {
  readonly value: Readonly<Record<string, unknown>>;
  readonly key: string;
  problem(message: string): FileProblem;
  /** Objects of a list within it. */
  list(name: string): readonly Placed[];
}

const sections = [
  'groups',
  'deleteRules',
  'contactPoints',
  'deleteContactPoints',
  'policies',
  'muteTimes',
  'deleteMuteTimes',
  'templates',
  'deleteTemplates',
] as const;
type SectionName = (typeof sections)[number];

/** One file of `provisioning/alerting`. */
export interface ProvisioningFile {
  readonly sections: Readonly<Record<SectionName, readonly Placed[]>>;
  /** Whether the tree of policies is to be as it was at the beginning. */
  readonly resetsPolicies: boolean;
  readonly problems: readonly FileProblem[];
}

const knownKeys: ReadonlySet<string> = new Set([...sections, 'apiVersion', 'resetPolicies']);

/** Reads a file; what is wrong with its form is in `problems`, the rest is there. */
export function readProvisioningFile(
  file: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): ProvisioningFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const lineOf = (node: Node | undefined): number | undefined =>
    node?.range ? lines.linePos(node.range[0]).line : undefined;
  const problems: FileProblem[] = document.errors.map((error) => ({
    file,
    line: error.linePos?.[0].line,
    key: '',
    message: error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
  }));
  const nothing = Object.fromEntries(sections.map((name) => [name, []])) as unknown as Record<
    SectionName,
    readonly Placed[]
  >;
  const root = document.contents as Node | null;
  if (problems.length > 0 || root === null) {
    return { sections: nothing, resetsPolicies: false, problems };
  }
  if (!isMap(root)) {
    problems.push({ file, line: lineOf(root), key: '', message: 'expected keys and values' });
    return { sections: nothing, resetsPolicies: false, problems };
  }
  expandNode(root, environment);

  const placed = (node: unknown, key: string): Placed[] => {
    const problem = (message: string): FileProblem => ({
      file,
      line: lineOf(node as Node | undefined),
      key,
      message,
    });
    if (!isMap(node)) {
      problems.push(problem('expected keys and values'));
      return [];
    }
    let value: Placed['value'];
    try {
      value = node.toJS(document) as Placed['value'];
    } catch (error) {
      // Aliases of aliases, which would be more than there is memory.
      problems.push(problem(describeError(error)));
      return [];
    }
    const listOf = (name: string): readonly Placed[] =>
      itemsOf(node.get(name, true), `${key}.${name}`);
    return [{ value, key, problem, list: listOf }];
  };
  const itemsOf = (node: unknown, key: string): readonly Placed[] => {
    if (node === undefined || node === null) return [];
    if (isSeq(node)) return node.items.flatMap((item, at) => placed(item, `${key}[${at}]`));
    if ((node as { value?: unknown }).value === null) return [];
    problems.push({ file, line: lineOf(node as Node), key, message: 'expected a list' });
    return [];
  };

  for (const { key } of root.items) {
    const name = String((key as { value?: unknown }).value);
    if (knownKeys.has(name)) continue;
    const message = `unknown key; allowed: ${[...knownKeys].join(', ')}`;
    problems.push({ file, line: lineOf(key as Node), key: name, message });
  }
  const found = Object.fromEntries(
    sections.map((name) => [name, itemsOf(root.get(name, true), name)]),
  ) as unknown as Record<SectionName, readonly Placed[]>;
  const resets = root.get('resetPolicies', true);
  return {
    sections: found,
    resetsPolicies: isSeq(resets) && resets.items.length > 0,
    problems,
  };
}
