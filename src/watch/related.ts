import type { Incident } from './contract.ts';

/** Why two incidents may have to do with each other, the strongest first. */
export type Relation = 'needs' | 'needed-by' | 'owner' | 'cause' | 'node' | 'namespace';

export interface Related {
  readonly incident: Incident;
  readonly relation: Relation;
}

const maxRelated = 12;
/** Incidents of a namespace that begin within this of each other. */
const nearMs = 15 * 60_000;
const order: readonly Relation[] = ['needs', 'needed-by', 'cause', 'node', 'owner', 'namespace'];

/** Others that explain it or that it explains, or that share its owner, its cause, its node while both lasted, or begin at its time in its namespace. */
export function relatedTo(incident: Incident, others: readonly Incident[]): readonly Related[] {
  return others
    .filter(({ id }) => id !== incident.id)
    .flatMap((other): Related[] => {
      const relation = relationOf(incident, other);
      return relation === undefined ? [] : [{ incident: other, relation }];
    })
    .sort(
      (a, b) =>
        order.indexOf(a.relation) - order.indexOf(b.relation) ||
        b.incident.startMs - a.incident.startMs,
    )
    .slice(0, maxRelated);
}

function relationOf(one: Incident, other: Incident): Relation | undefined {
  const { owner } = one;
  if (one.causedBy?.incident === other.id) return 'needs';
  if (other.causedBy?.incident === one.id) return 'needed-by';
  const isTogether =
    one.startMs <= (other.resolvedMs ?? Number.POSITIVE_INFINITY) &&
    other.startMs <= (one.resolvedMs ?? Number.POSITIVE_INFINITY);
  if (
    owner.kind === other.owner.kind &&
    owner.name === other.owner.name &&
    owner.namespace === other.owner.namespace
  ) {
    return 'owner';
  }
  const near = Math.abs(one.startMs - other.startMs) <= nearMs;
  if (!isTogether && !near) return undefined;
  if (sharedImage(one, other) || (one.shared !== undefined && one.shared === other.shared))
    return 'cause';
  const nodes = nodesOf(one);
  if (nodesOf(other).some((node) => nodes.includes(node))) return 'node';
  return near && owner.namespace !== '' && owner.namespace === other.owner.namespace
    ? 'namespace'
    : undefined;
}

const sharedImage = ({ cause: a }: Incident, { cause: b }: Incident): boolean =>
  a.image !== undefined && a.image === b.image;

const nodesOf = ({ cause, members }: Incident): readonly string[] => [
  ...new Set(
    [cause, ...members.flatMap(({ troubles }) => troubles)].flatMap(({ node }) =>
      node === undefined || node === '' ? [] : [node],
    ),
  ),
];
