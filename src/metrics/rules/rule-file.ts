import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { AppError, nearestWord } from '#base';
import { parsePrometheusDurationMs, resolveNode } from '#metrics/config';
import { isPlainLabelName, metricNameLabel } from '#metrics/model';
import { parseQuery } from '#metrics/promql';
import type { RuleConfig, RuleGroupConfig } from './contract.ts';
import { checkTemplate } from './template/expand.ts';

/** Rule files are written by people; a larger one is none. */
const maxFileBytes = 16 * 1024 * 1024;
/** A file that is wrong throughout need not be listed to its end. */
const maxProblems = 100;

const groupKeys = ['name', 'interval', 'limit', 'query_offset', 'labels', 'rules'];
const ruleKeys = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/**
 * Reads a rule file. The first document counts.
 * @throws {AppError} RULES_INVALID with every problem, a line each: `FILE: LINE:COLUMN: group "g", rule 1, "r": …`
 */
export function parseRuleFile(file: string, text: string): readonly RuleGroupConfig[] {
  if (text.length > maxFileBytes) {
    throw new AppError('RULES_INVALID', `${file}: the file is larger than ${maxFileBytes} bytes`);
  }
  const lines = new LineCounter();
  const document = parseDocument(firstDocument(text), {
    lineCounter: lines,
    uniqueKeys: true,
    merge: true,
  });
  const reader = new RuleReader(file, lines, document);
  for (const error of document.errors) reader.problem(error.pos[0], error.message.split('\n')[0]!);
  const groups = document.errors.length > 0 ? [] : reader.groups();
  if (reader.problems.length > 0) {
    throw new AppError('RULES_INVALID', reader.problems.slice(0, maxProblems).join('\n'), {
      details: { problems: reader.problems.slice(0, maxProblems) },
    });
  }
  return groups;
}

function firstDocument(text: string): string {
  const next = /\n---[ \t]*(?:\n|$)/.exec(
    text.replace(/^\s*---[ \t]*\n/, (head) => `${' '.repeat(head.length - 1)}\n`),
  );
  return next === null ? text : text.slice(0, next.index + 1);
}

class RuleReader {
  readonly problems: string[] = [];
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document;

  constructor(file: string, lines: LineCounter, document: Document) {
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  problem(offset: number | undefined, message: string): void {
    const { line, col } = this.#lines.linePos(offset ?? 0);
    this.problems.push(`${this.#file}: ${line}:${col}: ${message}`);
  }

  groups(): readonly RuleGroupConfig[] {
    const { contents } = this.#document;
    const root = contents === null ? null : this.#resolve(contents);
    if (root === null || (isScalar(root) && root.value === null)) return [];
    if (!isMap(root)) {
      this.problem(0, 'the file must be a map with the key "groups"');
      return [];
    }
    this.#knownKeys(root, ['groups'], '');
    const list = this.#get(root, 'groups');
    if (list === undefined || (isScalar(list) && list.value === null)) return [];
    if (!isSeq(list)) {
      this.problem(list.range?.[0], '"groups" must be a list');
      return [];
    }
    const names = new Set<string>();
    const groups: RuleGroupConfig[] = [];
    for (const item of list.items) {
      const group = this.#group(this.#resolve(item as Node), names);
      if (group !== undefined) groups.push(group);
    }
    return groups;
  }

  #group(node: Node, names: Set<string>): RuleGroupConfig | undefined {
    if (!isMap(node)) {
      this.problem(node.range?.[0], 'a group must be a map');
      return undefined;
    }
    const name = this.#text(node, 'name', '') ?? '';
    const where = `group ${JSON.stringify(name)}`;
    this.#knownKeys(node, groupKeys, where);
    if (name === '') this.problem(node.range?.[0], 'Groupname must not be empty');
    if (names.has(name)) {
      this.problem(
        node.range?.[0],
        `groupname: ${JSON.stringify(name)} is repeated in the same file`,
      );
    }
    names.add(name);
    const limit = this.#text(node, 'limit', where) ?? '0';
    if (!/^-?\d+$/.test(limit)) {
      this.problem(
        offsetOf(node, 'limit'),
        `${where}: "limit" must be a whole number, not "${limit}"`,
      );
    }
    const rules = this.#get(node, 'rules');
    if (rules !== undefined && !isSeq(rules) && !(isScalar(rules) && rules.value === null)) {
      this.problem(rules.range?.[0], `${where}: "rules" must be a list`);
    }
    const items = isSeq(rules) ? rules.items : [];
    return {
      name,
      file: this.#file,
      intervalMs: this.#duration(node, 'interval', where),
      limit: Math.max(0, Number(limit) || 0),
      queryOffsetMs: this.#duration(node, 'query_offset', where),
      labels: this.#record(node, 'labels', where),
      rules: items.flatMap(
        (item, at) => this.#rule(this.#resolve(item as Node), name, at + 1) ?? [],
      ),
    };
  }

  #rule(node: Node, group: string, number: number): RuleConfig | undefined {
    const start = node.range?.[0];
    const unnamed = `group ${JSON.stringify(group)}, rule ${number}`;
    if (!isMap(node)) {
      this.problem(start, `${unnamed}: a rule must be a map`);
      return undefined;
    }
    const record = this.#text(node, 'record', unnamed) ?? '';
    const alert = this.#text(node, 'alert', unnamed) ?? '';
    const where = `${unnamed}, ${JSON.stringify(record || alert)}`;
    this.#knownKeys(node, ruleKeys, where);
    const say = (key: string, message: string): void =>
      this.problem(offsetOf(node, key) ?? start, `${where}: ${message}`);
    if (record !== '' && alert !== '')
      say('record', "only one of 'record' and 'alert' must be set");
    if (record === '' && alert === '') say('record', "one of 'record' or 'alert' must be set");
    const expr = this.#text(node, 'expr', where) ?? '';
    if (expr.trim() === '') say('expr', "field 'expr' must be set in rule");
    else this.#checkExpression(expr, (message) => say('expr', message));
    const forMs = this.#duration(node, 'for', where) ?? 0;
    const keepFiringForMs = this.#duration(node, 'keep_firing_for', where) ?? 0;
    const labels = this.#record(node, 'labels', where);
    const annotations = this.#record(node, 'annotations', where);
    if (record !== '') {
      for (const key of ['annotations', 'for', 'keep_firing_for']) {
        if (node.has(key)) say(key, `invalid field '${key}' in recording rule`);
      }
      if (/[{}]/.test(record)) {
        say(
          'record',
          `braces present in the recording rule name; should it be in expr?: ${record}`,
        );
      } else if (!record.isWellFormed()) say('record', `invalid recording rule name: ${record}`);
    }
    for (const [name, value] of Object.entries(labels)) {
      if (name === '' || name === metricNameLabel) say('labels', `invalid label name: ${name}`);
      if (!value.isWellFormed()) say('labels', `invalid label value: ${value}`);
    }
    for (const name of Object.keys(annotations)) {
      if (!isPlainLabelName(name)) say('annotations', `invalid annotation name: ${name}`);
    }
    if (alert !== '') {
      for (const [kind, texts] of [
        ['label', labels],
        ['annotation', annotations],
      ] as const) {
        for (const [name, text] of Object.entries(texts)) {
          const fault = checkTemplate(alert, text);
          if (fault !== undefined) say(`${kind}s`, `${kind} ${JSON.stringify(name)}: ${fault}`);
        }
      }
    }
    return {
      record: record === '' ? undefined : record,
      alert: alert === '' ? undefined : alert,
      expr,
      forMs,
      keepFiringForMs,
      labels,
      annotations,
    };
  }

  #checkExpression(expr: string, say: (message: string) => void): void {
    try {
      parseQuery(expr);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      say(`could not parse expression: ${error.message}`);
    }
  }

  #knownKeys(map: YAMLMap, known: readonly string[], where: string): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (known.includes(name)) continue;
      const near = nearestWord(name, known);
      const hint =
        near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`;
      const offset = isScalar(key) ? key.range?.[0] : undefined;
      this.problem(offset, `${where === '' ? '' : `${where}: `}unknown key "${name}" (${hint})`);
    }
  }

  #text(map: YAMLMap, key: string, where: string): string | undefined {
    return this.#textOf(this.#get(map, key), key, where);
  }

  #textOf(node: Node | undefined, key: string, where: string): string | undefined {
    if (node === undefined) return undefined;
    if (isScalar(node)) {
      if (node.value === null) return undefined;
      // Numbers stay as they were written: `expr: 1e3`.
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    this.problem(node.range?.[0], `${where === '' ? '' : `${where}: `}"${key}" must be a text`);
    return undefined;
  }

  #duration(map: YAMLMap, key: string, where: string): number | undefined {
    const text = this.#text(map, key, where);
    if (text === undefined) return undefined;
    try {
      return parsePrometheusDurationMs(text);
    } catch (error) {
      this.problem(offsetOf(map, key), `${where}: "${key}": ${(error as Error).message}`);
      return undefined;
    }
  }

  #record(map: YAMLMap, key: string, where: string): Readonly<Record<string, string>> {
    const node = this.#get(map, key);
    const record: Record<string, string> = Object.create(null) as Record<string, string>;
    if (node === undefined || (isScalar(node) && node.value === null)) return record;
    if (!isMap(node)) {
      this.problem(node.range?.[0], `${where}: "${key}" must be a map of texts`);
      return record;
    }
    for (const { key: nameNode, value } of node.items) {
      const name = isScalar(nameNode) ? (nameNode.source ?? String(nameNode.value)) : '';
      const text = value === null ? undefined : this.#resolve(value as Node);
      record[name] = this.#textOf(text, name, where) ?? '';
    }
    return record;
  }

  #get(map: YAMLMap, key: string): Node | undefined {
    const node = map.get(key, true) as Node | undefined;
    return node === undefined ? undefined : this.#resolve(node);
  }

  #resolve(node: Node): Node {
    return resolveNode(node, this.#document);
  }
}

function offsetOf(map: YAMLMap, key: string): number | undefined {
  for (const pair of map.items) {
    if (isScalar(pair.key) && String(pair.key.value) === key) return pair.key.range?.[0];
  }
  return undefined;
}
