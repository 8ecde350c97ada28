import { RE2JS } from 're2js';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { AppError, describeError, nearestWord } from '#base';
import { Template } from '#go-template';
import { parsePrometheusDurationMs } from '#metrics/config';
import { parseSelector } from '#metrics/promql';
import type {
  AdapterConfig,
  AdapterRule,
  FoundPattern,
  GroupResource,
  ResourceLabels,
  UsageRule,
} from './contract.ts';

/** A file is written by people; a larger one is none. */
const maxFileBytes = 4 * 1024 * 1024;
const maxProblems = 100;
const delimiters = { left: '<<', right: '>>' };
const defaultWindowMs = 60_000;

const keys = {
  root: ['rules', 'externalRules', 'resourceRules'],
  rule: ['seriesQuery', 'seriesFilters', 'resources', 'name', 'metricsQuery'],
  resources: ['template', 'overrides', 'namespaced'],
  override: ['group', 'resource'],
  name: ['matches', 'as'],
  filter: ['is', 'isNot'],
  resourceRules: ['cpu', 'memory', 'window'],
  usage: ['containerQuery', 'nodeQuery', 'resources', 'containerLabel'],
} as const;

/**
 * Reads a configuration of prometheus-adapter.
 * @param firstLine of the text in its file, from 1
 * @throws {AppError} METRICS_ADAPTER_INVALID with every problem, a line each: `FILE:LINE: KEY: …`
 */
export function parseAdapterConfig(file: string, text: string, firstLine = 1): AdapterConfig {
  if (text.length > maxFileBytes) {
    throw new AppError('METRICS_ADAPTER_INVALID', `${file}: larger than ${maxFileBytes} bytes`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const reader = new AdapterReader((offset) => {
    return `${file}:${lines.linePos(offset ?? 0).line + firstLine - 1}`;
  });
  for (const { pos, message } of document.errors) {
    reader.problem(pos[0], '', message.split('\n')[0] ?? '');
  }
  const config = reader.config(document.errors.length > 0 ? undefined : document.contents);
  const problems = reader.problems.slice(0, maxProblems);
  if (problems.length === 0) return config;
  throw new AppError('METRICS_ADAPTER_INVALID', problems.join('\n'), { details: { problems } });
}

class AdapterReader {
  readonly problems: string[] = [];
  readonly #placeOf: (offset: number | undefined) => string;

  constructor(placeOf: (offset: number | undefined) => string) {
    this.#placeOf = placeOf;
  }

  problem(offset: number | undefined, path: string, message: string): void {
    const key = path === '' ? '' : `${path}: `;
    this.problems.push(`${this.#placeOf(offset)}: ${key}${message}`);
  }

  config(root: unknown): AdapterConfig {
    const map = root === undefined ? undefined : this.#map(root as Node, '', keys.root);
    if (map === undefined) return { rules: [], externalRules: [], usage: undefined };
    return {
      rules: this.#rules(map, 'rules'),
      externalRules: this.#rules(map, 'externalRules'),
      usage: this.#usage(map),
    };
  }

  #rules(map: YAMLMap, key: string): readonly AdapterRule[] {
    return this.#list(map, key, key).flatMap((node, index) => {
      const path = `${key}[${index}]`;
      const rule = this.#map(node, path, keys.rule);
      return rule === undefined ? [] : [this.#rule(rule, path, key === 'externalRules')];
    });
  }

  #rule(map: YAMLMap, path: string, isExternal: boolean): AdapterRule {
    const seriesQuery = this.#required(map, 'seriesQuery', path);
    const matchers = this.#try(map, 'seriesQuery', path, () => parseSelector(seriesQuery)) ?? [];
    return {
      place: this.#placeOf(map.range?.[0]),
      matchers,
      filters: this.#filters(map, path),
      labels: this.#labels(map, path, isExternal),
      name: this.#name(map, path),
      query: this.#template(map, 'metricsQuery', path),
    };
  }

  #filters(map: YAMLMap, path: string): AdapterRule['filters'] {
    return this.#list(map, 'seriesFilters', `${path}.seriesFilters`).flatMap((node, index) => {
      const at = `${path}.seriesFilters[${index}]`;
      const filter = this.#map(node, at, keys.filter);
      if (filter === undefined) return [];
      return (['is', 'isNot'] as const).flatMap((key) => {
        const pattern = this.#pattern(filter, key, at);
        return pattern === undefined ? [] : [{ pattern, isWanted: key === 'is' }];
      });
    });
  }

  #name(map: YAMLMap, path: string): AdapterRule['name'] {
    const at = `${path}.name`;
    const name = this.#section(map, 'name', at, keys.name);
    const matches = (name && this.#pattern(name, 'matches', at)) ?? patternOf('.*');
    const as = (name && this.#text(name, 'as', at)) ?? '';
    if (as !== '') return { matches, as };
    // One group is what it is called; more than one leaves it open.
    const groups = matches.names.length - 1;
    if (groups > 1) {
      this.problem(name?.range?.[0], `${at}.as`, 'is needed where "matches" has several groups');
    }
    return { matches, as: groups === 1 ? '${1}' : '${0}' };
  }

  #labels(map: YAMLMap, path: string, isExternal: boolean): ResourceLabels {
    const at = `${path}.resources`;
    const section = this.#section(map, 'resources', at, keys.resources);
    const overrides = new Map<string, GroupResource>();
    const list = section && this.#section(section, 'overrides', `${at}.overrides`);
    for (const { key, value } of list?.items ?? []) {
      const label = isScalar(key) ? String(key.value) : '';
      const where = `${at}.overrides.${label}`;
      const one = this.#map(value as Node, where, keys.override);
      if (one === undefined) continue;
      const group = this.#text(one, 'group', where);
      overrides.set(label, { group, resource: this.#required(one, 'resource', where) });
    }
    const hasTemplate = section !== undefined && this.#text(section, 'template', at) !== undefined;
    const template = hasTemplate ? this.#template(section, 'template', at) : undefined;
    if (!isExternal && template === undefined && overrides.size === 0) {
      this.problem(map.range?.[0], at, 'needs "template" or "overrides": labels must name objects');
    }
    const namespaced = section && this.#text(section, 'namespaced', at);
    return { overrides, template, isNamespaced: namespaced !== 'false' };
  }

  #usage(map: YAMLMap): AdapterConfig['usage'] {
    const at = 'resourceRules';
    const section = this.#section(map, at, at, keys.resourceRules);
    if (section === undefined) return undefined;
    const window = this.#text(section, 'window', at);
    const windowMs =
      window === undefined
        ? defaultWindowMs
        : this.#try(section, 'window', at, () => parsePrometheusDurationMs(window));
    const cpu = this.#usageRule(section, 'cpu');
    const memory = this.#usageRule(section, 'memory');
    if (cpu === undefined || memory === undefined) return undefined;
    return { cpu, memory, windowMs: windowMs ?? defaultWindowMs };
  }

  #usageRule(map: YAMLMap, key: 'cpu' | 'memory'): UsageRule | undefined {
    const at = `resourceRules.${key}`;
    const rule = this.#section(map, key, at, keys.usage);
    if (rule === undefined) {
      this.problem(map.range?.[0], at, 'is missing');
      return undefined;
    }
    return {
      place: this.#placeOf(rule.range?.[0]),
      containerQuery: this.#template(rule, 'containerQuery', at),
      nodeQuery: this.#template(rule, 'nodeQuery', at),
      labels: this.#labels(rule, at, false),
      containerLabel: this.#required(rule, 'containerLabel', at),
    };
  }

  #template(map: YAMLMap, key: string, path: string): Template {
    const source = this.#required(map, key, path);
    const make = (text: string): Template => new Template(key, text, { delimiters });
    return this.#try(map, key, path, () => make(source)) ?? make('');
  }

  #pattern(map: YAMLMap, key: string, path: string): FoundPattern | undefined {
    const source = this.#text(map, key, path);
    if (source === undefined || source === '') return undefined;
    return this.#try(map, key, path, () => patternOf(source));
  }

  #try<T>(map: YAMLMap, key: string, path: string, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      const node = map.get(key, true) as Node | undefined;
      this.problem(node?.range?.[0], `${path}.${key}`, describeError(error));
      return undefined;
    }
  }

  #map(node: Node, path: string, known?: readonly string[]): YAMLMap | undefined {
    if (node === null || (isScalar(node) && node.value === null)) return undefined;
    if (!isMap(node)) {
      this.problem(node.range?.[0], path, 'must be a section');
      return undefined;
    }
    for (const { key } of known === undefined ? [] : node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (known?.includes(name) !== false) continue;
      const near = nearestWord(name, known);
      const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
      const offset = isScalar(key) ? key.range?.[0] : undefined;
      this.problem(offset, path === '' ? name : `${path}.${name}`, `unknown key (${hint})`);
    }
    return node;
  }

  #section(
    map: YAMLMap,
    key: string,
    path: string,
    known?: readonly string[],
  ): YAMLMap | undefined {
    const node = map.get(key, true) as Node | undefined;
    return node === undefined ? undefined : this.#map(node, path, known);
  }

  #list(map: YAMLMap, key: string, path: string): readonly Node[] {
    const node = map.get(key, true) as Node | undefined;
    if (node === undefined || (isScalar(node) && node.value === null)) return [];
    if (isSeq(node)) return node.items as readonly Node[];
    this.problem(node.range?.[0], path, 'must be a list');
    return [];
  }

  #text(map: YAMLMap, key: string, path: string): string | undefined {
    const node = map.get(key, true) as Node | undefined;
    if (node === undefined || (isScalar(node) && node.value === null)) return undefined;
    if (isScalar(node)) return String(node.value);
    this.problem(node.range?.[0], `${path}.${key}`, 'must be a text');
    return undefined;
  }

  #required(map: YAMLMap, key: string, path: string): string {
    const text = this.#text(map, key, path);
    if (text === undefined || text === '') {
      this.problem(map.range?.[0], `${path}.${key}`, 'is missing');
    }
    return text ?? '';
  }
}

function patternOf(source: string): FoundPattern {
  const engine = RE2JS.compile(source);
  const names: (string | undefined)[] = new Array<undefined>(engine.groupCount() + 1).fill(
    undefined,
  );
  for (const [name, index] of Object.entries(engine.namedGroups())) names[index] = name;
  return {
    names,
    find: (text) => {
      const matcher = engine.matcher(text);
      if (!matcher.find()) return undefined;
      return names.map((_, index) => matcher.group(index) ?? '');
    },
  };
}
