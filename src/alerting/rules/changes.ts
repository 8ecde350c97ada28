import type { AlertRule, PlacedRule, Provenance, RuleDefinition, RuleGroup } from './contract.ts';
import { ruleError } from './errors.ts';

/** A group as somebody wants it to be. Its rules replace all that it has. */
export interface GroupInput {
  readonly folderUid: string;
  readonly title: string;
  readonly intervalMs: number;
  readonly rules: readonly RuleDefinition[];
}

/** Who changes, and what the change leaves behind. */
export interface Author {
  readonly by: string;
  /** The UI changes nothing that is provisioned; the API of provisioning may make its own free again. */
  readonly via: 'ui' | 'provisioning' | 'file';
  /** Of rules that are written: who may change them from now on. */
  readonly provenance: Provenance;
}

/** Rules that are gone, new or different after a change. */
export interface RuleChange {
  readonly before: PlacedRule | undefined;
  readonly after: PlacedRule | undefined;
}

export const keyOf = ({ folderUid, title }: Pick<RuleGroup, 'folderUid' | 'title'>): string =>
  `${folderUid}/${title}`;

export const isSameGroup = (a: RuleGroup, b: RuleGroup): boolean =>
  a.intervalMs === b.intervalMs &&
  a.rules.length === b.rules.length &&
  a.rules.every((rule, at) => rule === b.rules[at]);

/** What people say about a rule, in one order of keys. */
export function plainDefinition(rule: RuleDefinition): RuleDefinition {
  return {
    uid: rule.uid,
    title: rule.title,
    condition: rule.condition,
    data: rule.data.map((query) => ({
      refId: query.refId,
      queryType: query.queryType,
      relativeTimeRange: { from: query.relativeTimeRange.from, to: query.relativeTimeRange.to },
      datasourceUid: query.datasourceUid,
      model: query.model,
    })),
    forMs: rule.forMs,
    keepFiringForMs: rule.keepFiringForMs,
    noDataState: rule.noDataState,
    execErrState: rule.execErrState,
    labels: rule.labels,
    annotations: rule.annotations,
    isPaused: rule.isPaused,
    ...(rule.missingSeriesEvals === undefined
      ? {}
      : { missingSeriesEvals: rule.missingSeriesEvals }),
    ...(rule.notificationSettings === undefined
      ? {}
      : { notificationSettings: rule.notificationSettings }),
    ...(rule.record === undefined ? {} : { record: rule.record }),
  };
}

/** What a file or a program of the API provides is not changed in the UI; files own what is theirs. */
export function mustBeAllowed(rule: AlertRule, { via, provenance }: Author): void {
  const isAllowed =
    rule.provenance === '' ||
    via === 'file' ||
    (via === 'provisioning' && (rule.provenance === provenance || rule.provenance === 'api'));
  if (isAllowed) return;
  throw ruleError(
    'RULE_PROVISIONED',
    `cannot change provenance from '${rule.provenance}' to '${provenance}': rule ${rule.uid} (${rule.title}) is provisioned`,
    { uid: rule.uid, provenance: rule.provenance },
  );
}
