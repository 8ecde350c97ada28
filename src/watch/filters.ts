import { RE2JS } from 're2js';
import type { SilenceRule, WatchConfig } from './config/contract.ts';
import { reasonNames, type Trouble } from './contract.ts';

type Test = (text: string) => boolean;

/** Found anywhere in the text, as in Go. Patterns were compiled once when the file was read. */
const anyOf = (patterns: readonly string[]): Test => {
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern));
  return (text) => compiled.some((pattern) => pattern.matcher(text).find());
};

/** Plain items allow, items that begin with `!` forbid; an empty list allows everything. Of several names one is enough. */
function listTest(items: readonly string[]): (...names: readonly string[]) => boolean {
  const forbidden = new Set(
    items.filter((item) => item.startsWith('!')).map((item) => item.slice(1)),
  );
  const allowed = new Set(items.filter((item) => !item.startsWith('!')));
  return (...names) =>
    !names.some((name) => forbidden.has(name)) &&
    (allowed.size === 0 || names.some((name) => allowed.has(name)));
}

/** Which troubles somebody wants to hear of, by the lists of a configuration. */
export class Filters {
  readonly #isNamespace: ReturnType<typeof listTest>;
  readonly #isReason: ReturnType<typeof listTest>;
  readonly #isIgnoredPod: Test;
  readonly #isIgnoredLog: Test;
  readonly #isIgnoredMessage: Test;
  readonly #config: WatchConfig;
  readonly #silences: readonly ((trouble: Trouble, log: string | undefined) => boolean)[];
  /** Whether a pattern over logs could leave something out: logs are read before it is told. */
  readonly needsLogs: boolean;

  constructor(config: WatchConfig) {
    this.#config = config;
    this.#isNamespace = listTest(config.namespaces);
    this.#isReason = listTest(config.reasons);
    this.#isIgnoredPod = anyOf(config.ignorePodNames);
    this.#isIgnoredLog = anyOf(config.ignoreLogPatterns);
    this.#isIgnoredMessage = anyOf(config.ignoreContainerMessages);
    this.#silences = config.silences.map(silenceTest);
    this.needsLogs =
      config.ignoreLogPatterns.length > 0 ||
      config.silences.some(({ logPatterns }) => logPatterns.length > 0);
  }

  /** By what is known of the trouble itself. */
  isWanted(trouble: Trouble): boolean {
    const { subject, container, message } = trouble;
    const config = this.#config;
    if (subject.namespace !== '' && !this.#isNamespace(subject.namespace)) return false;
    if (!this.#isReason(...reasonNames(trouble))) return false;
    if (subject.kind === 'Node') {
      // The condition's own reason stands before its message.
      const [nodeReason = ''] = message.split(':');
      if (config.ignoreNodeReasons.includes(nodeReason)) return false;
      if (config.ignoreNodeMessages.some((text) => message.includes(text))) return false;
    }
    if (container !== undefined && config.ignoreContainerNames.includes(container)) return false;
    if (subject.kind === 'Pod' && this.#isIgnoredPod(subject.name)) return false;
    if (container !== undefined && message !== '' && this.#isIgnoredMessage(message)) return false;
    return !this.#silences.some((fits) => fits(trouble, undefined));
  }

  /** By its last lines too, once they are there. */
  isWantedWithLog(trouble: Trouble, log: string): boolean {
    if (log !== '' && this.#isIgnoredLog(log)) return false;
    return !this.#silences.some((fits) => fits(trouble, log));
  }
}

/** Fits when every condition that is given holds. One about logs does not hold while there are none. */
function silenceTest(rule: SilenceRule): (trouble: Trouble, log: string | undefined) => boolean {
  const conditions: ((trouble: Trouble, log: string | undefined) => boolean)[] = [];
  const add = (
    list: readonly string[],
    make: (list: readonly string[]) => (trouble: Trouble, log: string | undefined) => boolean,
  ): void => {
    if (list.length > 0) conditions.push(make(list));
  };
  add(
    rule.namespaces,
    (list) =>
      ({ subject }) =>
        list.includes(subject.namespace),
  );
  add(
    rule.reasons,
    (list) => (trouble) => reasonNames(trouble).some((name) => list.includes(name)),
  );
  add(
    rule.containerNames,
    (list) =>
      ({ container = '' }) =>
        list.includes(container),
  );
  add(rule.podNamePatterns, (list) => {
    const isMatch = anyOf(list);
    return ({ subject }) => subject.kind === 'Pod' && isMatch(subject.name);
  });
  add(rule.logPatterns, (list) => {
    const isMatch = anyOf(list);
    return (_trouble, log) => log !== undefined && isMatch(log);
  });
  add(rule.containerMessages, (list) => {
    const isMatch = anyOf(list);
    return ({ message }) => isMatch(message);
  });
  add(
    rule.nodeReasons,
    (list) =>
      ({ subject, message }) =>
        subject.kind === 'Node' && list.includes(message.split(':')[0] ?? ''),
  );
  add(
    rule.nodeMessages,
    (list) =>
      ({ subject, message }) =>
        subject.kind === 'Node' && list.some((text) => message.includes(text)),
  );
  return (trouble, log) =>
    conditions.length > 0 && conditions.every((condition) => condition(trouble, log));
}
