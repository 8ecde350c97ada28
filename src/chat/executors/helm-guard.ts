import { type FlagRules, readFlags } from './flags.ts';
import type { GuardedCommand } from './kubectl-guard.ts';
import { RefusedCommand } from './refused.ts';

type FlagKind = FlagRules['flags'][string];

interface HelmVerb extends FlagRules {
  /** What it does to the object that keeps a release; undefined: it only looks. */
  readonly writes?: 'create' | 'delete' | 'update';
  /** Names a chart behind the release. */
  readonly takesChart?: boolean;
  /** As JSON or YAML it would print the values and manifests of a release. */
  readonly isTableOnly?: boolean;
}

const flagsOf = (kind: FlagKind, names: string): Record<string, FlagKind> =>
  Object.fromEntries(names.split(' ').map((name) => [name, kind]));

const common = {
  flags: { ...flagsOf('value', 'namespace'), ...flagsOf('plain', 'help') },
  letters: { n: 'namespace', h: 'help' },
};
const listed = {
  flags: {
    ...common.flags,
    ...flagsOf('plain', 'all-namespaces all deployed failed pending superseded uninstalled'),
    ...flagsOf('plain', 'uninstalling short date reverse no-headers'),
    ...flagsOf('value', 'filter output max offset selector time-format'),
  },
  letters: {
    ...common.letters,
    ...{ A: 'all-namespaces', a: 'all', f: 'filter', o: 'output', m: 'max' },
    ...{ q: 'short', d: 'date', r: 'reverse', l: 'selector' },
  },
};
const seen = {
  flags: {
    ...common.flags,
    ...flagsOf('plain', 'show-desc show-resources'),
    ...flagsOf('value', 'output revision max'),
  },
  letters: { ...common.letters, o: 'output' },
};
const written: Record<string, FlagKind> = {
  ...common.flags,
  'dry-run': 'optional',
  ...flagsOf('plain', 'force'),
  ...flagsOf('value', 'description'),
};
const charted: Record<string, FlagKind> = {
  ...written,
  ...flagsOf('value', 'repo version set set-string set-json output labels'),
  ...flagsOf('plain', 'create-namespace generate-name devel hide-notes hide-secret skip-crds'),
};
const chartLetters = { ...common.letters, g: 'generate-name', o: 'output' };

/**
 * What is given to helm, by its verbs. What reads files of this machine (`-f`, `--values`, `--set-file`,
 * `--keyring`, plugins, post-renderers), goes elsewhere, or waits for long, is in none.
 */
const verbs: Readonly<Record<string, HelmVerb>> = {
  list: listed,
  ls: listed,
  status: { ...seen, isTableOnly: true },
  history: seen,
  version: { flags: { ...common.flags, ...flagsOf('plain', 'short') }, letters: common.letters },
  install: {
    flags: charted,
    letters: chartLetters,
    writes: 'create',
    takesChart: true,
    isTableOnly: true,
  },
  upgrade: {
    flags: {
      ...charted,
      ...flagsOf('plain', 'install reuse-values reset-values reset-then-reuse-values'),
      ...flagsOf('value', 'history-max'),
    },
    letters: { ...chartLetters, i: 'install' },
    writes: 'create',
    takesChart: true,
    isTableOnly: true,
  },
  uninstall: {
    flags: { ...written, ...flagsOf('plain', 'keep-history ignore-not-found') },
    letters: common.letters,
    writes: 'delete',
  },
  rollback: {
    flags: { ...written, ...flagsOf('plain', 'recreate-pods'), ...flagsOf('value', 'history-max') },
    letters: common.letters,
    writes: 'create',
  },
  test: {
    flags: { ...common.flags, ...flagsOf('plain', 'logs'), ...flagsOf('value', 'filter') },
    letters: common.letters,
    writes: 'update',
  },
};

const say = (what: string): RefusedCommand => new RefusedCommand(what);
const refusedFlag = (name: string): RefusedCommand =>
  say(
    `The "${name.length === 1 ? '-' : '--'}${name}" flag is not supported by the Botkube Helm plugin. Please remove it.`,
  );
const isUrl = (text: string): boolean => /^https:\/\/[^\s]+$/.test(text) && URL.canParse(text);
const releasePattern = /^[a-z0-9][-a-z0-9.]{0,52}$/;
const namespacePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Arguments that may be given to helm, written anew from what was understood.
 * @param words after `helm`
 * @throws {RefusedCommand}
 */
export function guardHelm(
  words: readonly string[],
  { defaultNamespace }: { readonly defaultNamespace: string },
): GuardedCommand {
  const at = verbAt(words);
  const verb = words[at];
  const rules = verb !== undefined && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  const known = Object.keys(verbs).filter((name) => name !== 'ls');
  if (verb === undefined || verb === 'help') {
    throw say(`Please specify the helm command; there are ${known.join(', ')}.`);
  }
  if (rules === undefined) {
    throw say(
      `The "${verb}" command is not supported by the Botkube Helm plugin; there are ${known.join(', ')}.`,
    );
  }
  const read = readFlags([...words.slice(0, at), ...words.slice(at + 1)], rules, refusedFlag);
  const namespaces = read.flags.get('namespace') ?? [];
  const bad = namespaces.find((name) => !namespacePattern.test(name));
  if (bad !== undefined) throw say(`"${bad}" is no name of a namespace.`);
  const isAll = (read.flags.get('all-namespaces') ?? []).some((value) => value !== 'false');
  const output = read.flags.get('output') ?? [];
  if (rules.isTableOnly === true && output.some((format) => format !== 'table')) {
    throw say(`Values of a release are not shown in a chat: helm ${verb} gives its table only.`);
  }
  checkWords(verb, rules, read.plain, read.flags.get('repo') ?? []);
  const args = [
    ...(namespaces.length > 0 || isAll ? [] : [`--namespace=${defaultNamespace}`]),
    verb,
    ...read.written.map(({ text }) => text),
  ];
  const { writes } = rules;
  if (writes === undefined) return { args, changes: false };
  const namespace = namespaces.at(-1) ?? defaultNamespace;
  return { args, changes: true, needs: { verb: writes, resource: 'secrets', namespace } };
}

/** Before the verb only the namespace may stand. */
function verbAt(words: readonly string[]): number {
  let at = 0;
  while (words[at]?.startsWith('-') === true) {
    const word = words[at]!;
    if (!/^(-n|--namespace)/.test(word)) throw refusedFlag(word.replace(/^--?/, '').split('=')[0]!);
    at += word === '-n' || word === '--namespace' ? 2 : 1;
  }
  return at;
}

function checkWords(
  verb: string,
  { takesChart }: HelmVerb,
  plain: readonly string[],
  repos: readonly string[],
): void {
  if (repos.some((url) => !isUrl(url))) throw say('--repo takes an https URL.');
  const isName = (word: string): boolean => releasePattern.test(word);
  if (takesChart !== true) {
    // `rollback web 3` has a number behind the name.
    const wrong = plain.find((word) => !isName(word));
    if (wrong !== undefined) throw say(`"${wrong}" is no name of a release for helm ${verb}.`);
    return;
  }
  const chart = plain.at(-1) ?? '';
  const wrong = plain.slice(0, -1).find((word) => !isName(word));
  if (wrong !== undefined) throw say(`"${wrong}" is no name of a release for helm ${verb}.`);
  // A path would read charts, and what they include, from the disk of the server.
  const isNamed = repos.length > 0 && /^[A-Za-z0-9][\w.-]*$/.test(chart);
  if (!isUrl(chart) && !isNamed) {
    throw say('Name the chart by its https URL, or by its name with --repo.');
  }
}
