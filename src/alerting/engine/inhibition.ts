import { type Alert, isResolved } from '../contract.ts';
import type { LabelSet } from '../labels.ts';
import { labelIn, type Matchers, matchesAll } from '../matchers.ts';

export interface InhibitRule {
  readonly sourceMatchers: Matchers;
  readonly targetMatchers: Matchers;
  readonly equal: readonly string[];
}

/** Which alerts silence which, by the rules. Follows the alerts as they come. */
export class Inhibitor {
  readonly #rules: readonly {
    readonly rule: InhibitRule;
    /** Alerts that match the source side alone, by their values of `equal`. */
    readonly sources: Sources;
    /** Those that match the target side too: they inhibit nothing that does so. */
    readonly both: Sources;
  }[];

  constructor(rules: readonly InhibitRule[]) {
    this.#rules = rules.map((rule) => ({ rule, sources: new Map(), both: new Map() }));
  }

  see(alert: Alert): void {
    for (const { rule, sources, both } of this.#rules) {
      if (!matchesAll(rule.sourceMatchers, alert.labels)) continue;
      const key = equalKey(rule, alert.labels);
      const into = matchesAll(rule.targetMatchers, alert.labels) ? both : sources;
      let same = into.get(key);
      if (same === undefined) {
        same = new Map();
        into.set(key, same);
      }
      same.set(alert.fingerprint, alert);
    }
  }

  /** Fingerprint of a firing alert that inhibits; undefined: none. */
  inhibitedBy(labels: LabelSet, nowMs: number): string | undefined {
    for (const { rule, sources, both } of this.#rules) {
      if (!matchesAll(rule.targetMatchers, labels)) continue;
      const key = equalKey(rule, labels);
      const source = firingOf(sources.get(key), nowMs);
      if (source !== undefined) return source;
      // What is on both sides is not inhibited by others that are, or all would silence each other.
      if (matchesAll(rule.sourceMatchers, labels)) continue;
      const other = firingOf(both.get(key), nowMs);
      if (other !== undefined) return other;
    }
    return undefined;
  }

  sweep(nowMs: number): void {
    for (const alerts of this.#rules.flatMap(({ sources, both }) => [sources, both])) {
      for (const [key, same] of alerts) {
        for (const alert of same.values()) {
          if (isResolved(alert, nowMs)) same.delete(alert.fingerprint);
        }
        if (same.size === 0) alerts.delete(key);
      }
    }
  }
}

type Sources = Map<string, Map<string, Alert>>;

function firingOf(
  alerts: ReadonlyMap<string, Alert> | undefined,
  nowMs: number,
): string | undefined {
  for (const alert of alerts?.values() ?? [])
    if (!isResolved(alert, nowMs)) return alert.fingerprint;
  return undefined;
}

const equalKey = ({ equal }: InhibitRule, labels: LabelSet): string =>
  JSON.stringify(equal.map((name) => labelIn(labels, name)));
