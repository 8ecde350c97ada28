import { readFlags, type Written } from './flags.ts';
import { kubectlVerbs, pluralKind, readingRollouts, type VerbRules } from './kubectl-verbs.ts';
import { RefusedCommand } from './refused.ts';

/** Formats of `-o`; others read a file. */
const tables: ReadonlySet<string> = new Set(['', 'wide', 'name']);
const formats =
  /^(wide|name|yaml|kyaml|json|jsonpath(-as-json)?=.*|go-template=.*|custom-columns=.*)$/s;
const namespacePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export interface GuardOptions {
  readonly defaultNamespace: string;
  /** Empty: all that are run at all. */
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  readonly namespaces: readonly string[];
}

/** A command that may be run, if the rights of its identity allow it. */
export interface GuardedCommand {
  readonly args: string[];
  /** It changes the cluster, or runs something in it. */
  readonly changes: boolean;
  /**
   * What the identity must be allowed beyond what the API server asks by itself: older ones take the right to
   * `get` for enough to open a WebSocket into a container.
   */
  readonly needs?: { readonly verb: string; readonly resource: string; readonly namespace: string };
}

const say = (what: string): RefusedCommand => new RefusedCommand(what);
const refusedFlag = (name: string): RefusedCommand =>
  say(`The "${name}" flag is not supported by the Botkube kubectl plugin. Please remove it.`);

/**
 * Arguments that may be given to kubectl. They are written anew from what was understood (`--flag=value`), so
 * that kubectl cannot understand them otherwise; the namespace stands in front where none is named.
 * @param words after `kubectl`
 * @throws {RefusedCommand}
 */
export function guardKubectl(words: readonly string[], options: GuardOptions): GuardedCommand {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  const theirs = end < 0 ? [] : words.slice(end);
  const { verb, rules, before, after } = splitVerb(own, options);
  const read = readFlags([...before, ...after], rules, refusedFlag);
  const [sub] = read.plain;
  if (rules.subcommands !== undefined && !rules.subcommands.includes(sub ?? '')) {
    throw say(
      `The "${[verb, sub].filter(Boolean).join(' ')}" command is not supported by the Botkube kubectl plugin; there are ${rules.subcommands.map((one) => `"${verb} ${one}"`).join(', ')}.`,
    );
  }
  if (verb === 'cluster-info' && read.plain.length > 0) {
    throw say('The "cluster-info dump" command is not supported by the Botkube kubectl plugin.');
  }
  // `exec` runs a program in a container; nowhere else has a second command a meaning.
  if (theirs.length > 0 && verb !== 'exec' && verb !== 'run') throw say(`"${verb}" takes no "--".`);
  if (verb === 'exec' && theirs.length < 2) {
    throw say('Write what to run behind "--": kubectl exec POD -- COMMAND');
  }
  const about = rules.subcommands === undefined ? read.plain : read.plain.slice(1);
  checkOutput(verb, read);
  checkKinds(verb, kindsNamed(verb, sub, about, rules), read, options);
  const namespace = checkNamespaces(read, options);
  const dropped = rules.dropped ?? [];
  const flags = read.written.filter(({ flag }) => flag === undefined || !dropped.includes(flag));
  const args = [
    ...(namespace.isNamed ? [] : [`--namespace=${namespace.last}`]),
    verb,
    ...flags.map(({ text }) => text),
    ...Object.entries(rules.defaults ?? {})
      .filter(([flag]) => !read.flags.has(flag))
      .map(([flag, given]) => `--${flag}=${given}`),
    // What is asked in a chat is answered at once.
    ...(verb === 'rollout' && sub === 'status' && !read.flags.has('watch')
      ? ['--watch=false']
      : []),
    ...theirs,
  ];
  const changes = rules.changes && !(verb === 'rollout' && readingRollouts.has(sub ?? ''));
  if (verb !== 'exec') return { args, changes };
  const needs = { verb: 'create', resource: 'pods/exec', namespace: namespace.last };
  return { args, changes, needs };
}

/** The verb, and the flags before and after it: before it only the namespace may stand. */
function splitVerb(
  words: readonly string[],
  { verbs }: GuardOptions,
): {
  readonly verb: string;
  readonly rules: VerbRules;
  readonly before: readonly string[];
  readonly after: readonly string[];
} {
  let at = 0;
  while (words[at]?.startsWith('-') === true && words[at] !== '-') {
    const word = words[at]!;
    if (!/^(-n|--namespace)/.test(word)) throw refusedFlag(flagName(word));
    at += word === '-n' || word === '--namespace' ? 2 : 1;
  }
  const verb = words[at];
  if (verb === undefined || verb === 'help') {
    throw say(
      `Please specify the kubectl command; there are ${Object.keys(kubectlVerbs).join(', ')}.`,
    );
  }
  const rules = Object.hasOwn(kubectlVerbs, verb) ? kubectlVerbs[verb] : undefined;
  if (rules === undefined) {
    throw say(`The "${verb}" command is not supported by the Botkube kubectl plugin.`);
  }
  if (verbs.length > 0 && !verbs.includes(verb)) {
    throw say(
      `The "${verb}" command is not allowed in this channel; there are ${verbs.join(', ')}.`,
    );
  }
  return { verb, rules, before: words.slice(0, at), after: words.slice(at + 1) };
}

const flagName = (word: string): string => word.replace(/^--?/, '').split('=')[0]!;

function checkOutput(verb: string, { flags }: Written): void {
  for (const output of flags.get('output') ?? []) {
    if (verb === 'explain' || formats.test(output)) continue;
    throw say(
      `The output format "${output.split('=')[0]}" is not supported here; there are wide, name, yaml, json, jsonpath=, go-template=, custom-columns=.`,
    );
  }
}

/** Kinds of objects that a command is about, in the plural. */
function kindsNamed(
  verb: string,
  sub: string | undefined,
  words: readonly string[],
  rules: VerbRules,
): readonly string[] {
  const [first] = words;
  // Kinds stand before a slash anywhere, and without one in front.
  const slashed = words
    .flatMap((word) => word.split(','))
    .filter((word) => word.includes('/') && !word.includes('='))
    .map((word) => pluralKind(word.split('/')[0]!));
  switch (rules.names) {
    case 'kinds': {
      const listed = (first ?? '')
        .split(',')
        .filter((word) => word !== '' && !word.includes('/'))
        .map(pluralKind);
      return [...listed, ...slashed];
    }
    case 'pods':
      return verb === 'run' || slashed.length === 0 ? ['pods'] : slashed;
    case 'nodes':
      return ['nodes'];
    case 'subcommand':
      return [pluralKind(sub ?? '')];
    case 'nothing':
      return [];
  }
}

/** What Secrets may be sorted by: an order by their values would tell of them. */
const secretOrders =
  /^\{?\.?(?:metadata\.(?:name|namespace|creationTimestamp|labels\.[\w-]+)|type)\}?$/;

function checkKinds(
  verb: string,
  kinds: readonly string[],
  { flags }: Written,
  { resources }: GuardOptions,
): void {
  const showsFields =
    (flags.get('output') ?? []).some((output) => !tables.has(output)) ||
    (flags.get('sort-by') ?? []).some((path) => !secretOrders.test(path)) ||
    // Among annotations is the object as it was applied.
    (verb === 'annotate' && flags.has('list'));
  if (showsFields && kinds.includes('secrets')) {
    throw say('Values of Secrets are not shown in a chat. Use the table, or `describe`.');
  }
  if (resources.length === 0) return;
  const allowed = new Set(resources.map(pluralKind));
  const wrong = kinds.find((kind) => !allowed.has(kind));
  if (wrong !== undefined) {
    throw say(`"${wrong}" is not allowed in this channel; there are ${resources.join(', ')}.`);
  }
}

function checkNamespaces(
  { flags }: Written,
  { namespaces: allowed, defaultNamespace }: GuardOptions,
): { readonly isNamed: boolean; readonly last: string } {
  const named = flags.get('namespace') ?? [];
  const all = (flags.get('all-namespaces') ?? []).some((value) => value !== 'false');
  const bad = named.find((name) => !namespacePattern.test(name));
  if (bad !== undefined) throw say(`"${bad}" is no name of a namespace.`);
  if (allowed.length > 0) {
    const words = `there are ${allowed.join(', ')}`;
    if (all) throw say(`All namespaces are not allowed in this channel; ${words}.`);
    const wrong = named.find((name) => !allowed.includes(name));
    if (wrong !== undefined)
      throw say(`The namespace "${wrong}" is not allowed in this channel; ${words}.`);
  }
  const isDefaultAllowed = allowed.length === 0 || allowed.includes(defaultNamespace);
  const unnamed = isDefaultAllowed ? defaultNamespace : (allowed[0] ?? defaultNamespace);
  return { isNamed: named.length > 0 || all, last: named.at(-1) ?? unnamed };
}
