import type { WireRoute } from '../../../api/alertmanager.ts';
import type { WirePolicy } from '../../../api/grafana-alerting.ts';

/** A node in force beside the node as it is written. */
export interface PolicyNode {
  readonly route: WireRoute;
  /** Undefined: nobody wrote it, a rule that names its contact point made it. */
  readonly written: WirePolicy | undefined;
  /** Positions from the root in the written tree; undefined as `written`. */
  readonly at: readonly number[] | undefined;
  readonly nodes: readonly PolicyNode[];
}

/**
 * Pairs the tree in force with the written one. What the server puts before the written children, for
 * rules that name their contact point, is not written.
 */
export function pairTrees(
  route: WireRoute,
  written: WirePolicy | undefined,
  at: readonly number[] | undefined = [],
): PolicyNode {
  const children = written?.routes ?? [];
  const extra = route.routes.length - children.length;
  return {
    route,
    written,
    at: written === undefined ? undefined : at,
    nodes: route.routes.map((child, index) => {
      const position = index - extra;
      const own = position < 0 ? undefined : children[position];
      return pairTrees(child, own, own === undefined ? undefined : [...(at ?? []), position]);
    }),
  };
}

/** The tree with the node at a place changed; without it where the change is `undefined`. */
export function changedTree(
  tree: WirePolicy,
  at: readonly number[],
  change: (node: WirePolicy) => WirePolicy | undefined,
): WirePolicy | undefined {
  const [first, ...rest] = at;
  if (first === undefined) return change(tree);
  const routes = (tree.routes ?? []).flatMap((child, index) => {
    if (index !== first) return [child];
    const next = changedTree(child, rest, change);
    return next === undefined ? [] : [next];
  });
  return { ...tree, routes };
}
