import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { PipelineInput, PipelineOutput, PipelineSpec, TagMatch } from '../pipeline/spec.ts';
import { compileRegex } from '../regex/compile.ts';
import {
  commonOptions,
  filterPlugins,
  inputPlugins,
  outputPlugins,
  unsupportedPlugins,
} from './catalogue.ts';
import { readClassicFile } from './classic.ts';
import { ParserRegistry } from './parsers-file.ts';
import type { Plugin, PluginDeps, PluginScope } from './plugin.ts';
import { ProblemList } from './problems.ts';
import { propertyOf, type Section } from './sections.ts';
import { readService, type ServiceSettings } from './service.ts';
import { checkOptions, Settings } from './settings.ts';
import { parseSize } from './values.ts';
import { Variables } from './variables.ts';
import { readYamlFile } from './yaml.ts';

/** A configuration, read and checked, with its plugins made but not started. */
export interface FluentBitConfig {
  readonly pipeline: PipelineSpec;
  readonly service: ServiceSettings;
  /** `warning in FILE:LINE: …`: what works, but not as someone may expect. */
  readonly warnings: readonly {
    readonly file: string;
    readonly line: number;
    readonly message: string;
  }[];
}

export interface LoadOptions {
  /** Parsers files besides those that the configuration names (`-R`). */
  readonly parserFiles?: readonly string[];
  /** Sections of the command line (`-i tail -p path=…`), after those of the file. */
  readonly sections?: readonly Section[];
}

/**
 * Reads a Fluent Bit configuration: classic, or YAML by its extension. Files are read now; nothing
 * else is opened.
 * @throws {AppError} FLUENTBIT_CONFIG_INVALID naming the first problem, with all in its details
 */
export function loadFluentBitConfig(
  path: string | undefined,
  deps: PluginDeps,
  options: LoadOptions = {},
): FluentBitConfig {
  const { config, problems } = checkFluentBitConfig(path, deps, options);
  problems.throwIfAny();
  return config;
}

/** Like {@link loadFluentBitConfig} for `--dry-run`: gives all problems instead of throwing. */
export function checkFluentBitConfig(
  path: string | undefined,
  deps: PluginDeps,
  options: LoadOptions = {},
): { readonly config: FluentBitConfig; readonly problems: ProblemList } {
  const problems = new ProblemList();
  const variables = new Variables(deps.env, deps.hostname, problems);
  const file = path === undefined ? undefined : resolve(path);
  const sections = [
    ...(file === undefined ? [] : readFile(file, variables, problems)),
    ...(options.sections ?? []),
  ];
  const service = readService(
    sections.filter(({ kind }) => kind === 'service'),
    deps.env,
    problems,
  );
  const parsers = new ParserRegistry();
  const isYaml = file !== undefined && /\.ya?ml$/i.test(file);
  addParsers(
    parsers,
    parserSections(file, sections, isYaml, variables, problems, options),
    deps,
    problems,
  );
  const scope: PluginScope = {
    ...deps,
    parsers,
    escapeUnicode: service.escapeUnicode,
    multilineBufferBytes: service.multilineBufferBytes,
    storagePath: service.pipeline.storagePath,
  };
  const loader = new PipelineLoader(scope, problems);
  for (const section of sections) loader.add(section);
  return {
    config: {
      pipeline: { ...loader.parts, service: service.pipeline },
      service,
      warnings: problems.warnings,
    },
    problems,
  };
}

function readFile(path: string, variables: Variables, problems: ProblemList): readonly Section[] {
  return /\.ya?ml$/i.test(path)
    ? readYamlFile(path, variables, problems)
    : readClassicFile(path, variables, problems);
}

/** Sections of the parsers files; in YAML those of the main file too. */
function parserSections(
  mainFile: string | undefined,
  sections: readonly Section[],
  isYaml: boolean,
  variables: Variables,
  problems: ProblemList,
  options: LoadOptions,
): readonly Section[] {
  const isParser = ({ kind }: Section): boolean => kind === 'parser' || kind === 'multiline_parser';
  const own = sections.filter(isParser);
  if (!isYaml) {
    for (const section of own) {
      problems.add(
        section,
        "sections 'multiline_parser' and 'parser' are not valid in the main configuration file. They belong in the 'parsers_file' of the service section",
      );
    }
  }
  const named = sections
    .filter(({ kind }) => kind === 'service')
    .flatMap(({ properties }) => properties.filter(({ key }) => key === 'parsers_file'));
  const extra = (options.parserFiles ?? []).map((value) => ({
    value,
    file: mainFile ?? '-R',
    line: 0,
  }));
  const found: Section[] = isYaml ? [...own] : [];
  for (const { value, file, line } of [...named, ...extra]) {
    const beside =
      isAbsolute(value) || mainFile === undefined ? value : join(dirname(mainFile), value);
    const path = existsSync(beside) ? beside : resolve(value);
    if (!existsSync(path)) {
      problems.add({ file, line }, `could not open parsers file ${value}`);
      continue;
    }
    found.push(...readFile(path, variables, problems).filter(isParser));
  }
  return found;
}

function addParsers(
  parsers: ParserRegistry,
  sections: readonly Section[],
  deps: PluginDeps,
  problems: ProblemList,
): void {
  // Multiline parsers name plain ones, in whatever order they stand.
  for (const section of sections)
    if (section.kind === 'parser') parsers.addParser(section, deps, problems);
  for (const section of sections)
    if (section.kind === 'multiline_parser') parsers.addMultiline(section, problems);
}

type Kind = 'input' | 'filter' | 'output' | 'processor';

class PipelineLoader {
  readonly parts: {
    readonly inputs: PipelineInput[];
    readonly filters: PipelineSpec['filters'][number][];
    readonly outputs: PipelineOutput[];
  } = { inputs: [], filters: [], outputs: [] };
  readonly #scope: PluginScope;
  readonly #problems: ProblemList;
  readonly #counts = new Map<string, number>();
  readonly #names = new Set<string>();

  constructor(scope: PluginScope, problems: ProblemList) {
    this.#scope = scope;
    this.#problems = problems;
  }

  add(section: Section): void {
    switch (section.kind) {
      case 'input':
        this.#input(section);
        break;
      case 'filter':
        this.#filter(section);
        break;
      case 'output':
        this.#output(section);
        break;
    }
  }

  #input(section: Section): void {
    const made = this.#make(section, 'input', inputPlugins);
    if (made === undefined) return;
    const { settings, instance } = made;
    const storage = settings.text('storage.type', 'memory').toLowerCase();
    if (storage !== 'memory' && storage !== 'filesystem' && storage !== 'memrb') {
      this.#problems.add(
        section,
        `[config] ${settings.plugin}: storage.type must be memory or filesystem, not '${storage}'`,
      );
    }
    const limit = settings.size('mem_buf_limit');
    const processors = (section.processors ?? []).flatMap(
      (own) => this.#make(own, 'processor', filterPlugins)?.instance ?? [],
    );
    this.parts.inputs.push({
      input: instance,
      ...(processors.length > 0 && { processors }),
      storage: storage === 'filesystem' ? 'filesystem' : 'memory',
      ...(limit !== undefined && limit > 0 && { memBufLimitBytes: limit }),
    });
  }

  #filter(section: Section): void {
    const made = this.#make(section, 'filter', filterPlugins);
    const match = this.#match(section);
    if (made !== undefined && match !== undefined)
      this.parts.filters.push({ filter: made.instance, match });
  }

  #output(section: Section): void {
    const made = this.#make(section, 'output', outputPlugins);
    const match = this.#match(section);
    if (made === undefined || match === undefined) return;
    const { settings } = made;
    const limit = settings.text('storage.total_limit_size', 'off');
    const totalLimitBytes = /^(?:off|false)$/i.test(limit) ? undefined : parseSize(limit);
    if (totalLimitBytes === undefined && !/^(?:off|false)$/i.test(limit)) {
      this.#problems.add(
        section,
        `[config] ${settings.plugin}: invalid value for size property 'storage.total_limit_size=${limit}'`,
      );
    }
    this.parts.outputs.push({
      output: made.instance,
      match,
      retryLimit: this.#retryLimit(settings),
      ...(totalLimitBytes !== undefined && totalLimitBytes > 0 && { totalLimitBytes }),
    });
  }

  /**
   * Fluent Bit gives a chunk up after one retry where nothing is said. Whoever says nothing has not
   * asked for loss: here it stays in the spool, whose bound pauses reading.
   */
  #retryLimit(settings: Settings): number | 'unlimited' {
    const text = settings.text('retry_limit')?.toLowerCase();
    if (text === undefined) return 'unlimited';
    if (text === 'no_limits' || text === 'false' || text === 'off') return 'unlimited';
    if (text === 'no_retries') return 0;
    const count = Number(text);
    if (Number.isInteger(count) && count > 0) return count;
    this.#problems.warn(
      settings,
      `${settings.plugin}: 'retry_limit ${text}' is no count of retries, 1 is used`,
    );
    return 1;
  }

  /** `Match *` or `Match_Regex …`; nothing fits where neither is given. */
  #match(section: Section): TagMatch | undefined {
    const regex = propertyOf(section, 'match_regex');
    if (regex !== undefined && regex.value !== '') {
      return this.#problems.attempt(regex, () => {
        const compiled = compileRegex(regex.value);
        return (tag: string) => compiled.test(tag);
      });
    }
    const pattern = propertyOf(section, 'match')?.value ?? '';
    if (pattern === '') {
      this.#problems.warn(section, `the ${section.kind} has no 'match', so that it gets nothing`);
      return () => false;
    }
    return tagWildcard(pattern);
  }

  #make<T>(
    section: Section,
    kind: Kind,
    plugins: ReadonlyMap<string, Plugin<T>>,
  ): { settings: Settings; instance: T } | undefined {
    const named = propertyOf(section, 'name');
    if (named === undefined || named.value === '') {
      this.#problems.add(section, `section '${kind}' is missing the 'name' property`);
      return undefined;
    }
    const name = named.value.toLowerCase();
    const plugin = plugins.get(name);
    if (plugin === undefined) {
      this.#problems.add(
        named,
        unsupportedPlugins[kind].has(name)
          ? `[config] the ${kind} plugin '${name}' is not supported. Supported are: ${[...plugins.keys()].join(', ')}`
          : `[config] section '${kind}' tried to instance a plugin name that doesn't exist: '${named.value}'`,
      );
      return undefined;
    }
    checkOptions(section, name, { ...commonOptions[kind], ...plugin.options }, this.#problems);
    const count = this.#counts.get(`${kind} ${name}`) ?? 0;
    this.#counts.set(`${kind} ${name}`, count + 1);
    const alias = propertyOf(section, 'alias')?.value;
    const ownName = kind === 'processor' ? `processor.${name}.${count}` : `${name}.${count}`;
    const instanceName = alias === undefined || alias === '' ? ownName : alias;
    if (this.#names.has(`${kind} ${instanceName}`)) {
      this.#problems.add(section, `[config] ${name}: the alias '${instanceName}' is used twice`);
    }
    this.#names.add(`${kind} ${instanceName}`);
    const settings = new Settings(section, name, instanceName);
    const instance = this.#problems.attempt(section, () => plugin.create(settings, this.#scope));
    return instance === undefined ? undefined : { settings, instance };
  }
}

/** `*` stands for any run of characters; the whole tag must fit. */
export function tagWildcard(pattern: string): TagMatch {
  if (pattern === '*') return () => true;
  const parts = pattern.split('*');
  if (parts.length === 1) return (tag) => tag === pattern;
  const [head = ''] = parts;
  const tail = parts.at(-1) ?? '';
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (tag) => {
    if (tag.length < head.length + tail.length || !tag.startsWith(head) || !tag.endsWith(tail))
      return false;
    let at = head.length;
    for (const part of middle) {
      const found = tag.indexOf(part, at);
      if (found === -1 || found + part.length > tag.length - tail.length) return false;
      at = found + part.length;
    }
    return true;
  };
}
