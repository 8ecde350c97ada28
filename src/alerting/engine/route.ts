import { formatLabels, type LabelSet, sortedNames } from '../labels.ts';
import { formatMatchers, labelIn, type Matchers, matchesAll } from '../matchers.ts';

/** A node of the routing tree, with what it inherits filled in. */
export interface Route {
  /** Position in the tree, depth first. */
  readonly id: number;
  /** `{}/{team="x"}`: the matchers of the path. */
  readonly key: string;
  readonly receiver: string;
  readonly matchers: Matchers;
  /** `all`: by every label. */
  readonly groupBy: readonly string[] | 'all';
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly continue: boolean;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly Route[];
}

/** A node as it is written; what is undefined is its parent's. */
export interface WrittenRoute {
  readonly receiver: string | undefined;
  readonly matchers: Matchers;
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
  readonly continue: boolean;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly WrittenRoute[];
}

/** What the root has where it says nothing. */
const rootDefaults = {
  receiver: '',
  groupBy: [],
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
} satisfies Partial<Route>;

export function buildRoutes(written: WrittenRoute): Route {
  let nextId = 0;
  const build = (
    node: WrittenRoute,
    parent: Omit<typeof rootDefaults, 'groupBy'> & { readonly groupBy: Route['groupBy'] },
    parentKey: string,
  ): Route => {
    const inherited = {
      receiver: node.receiver ?? parent.receiver,
      groupBy: node.groupBy === undefined ? parent.groupBy : groupByOf(node.groupBy),
      groupWaitMs: node.groupWaitMs ?? parent.groupWaitMs,
      groupIntervalMs: node.groupIntervalMs ?? parent.groupIntervalMs,
      repeatIntervalMs: node.repeatIntervalMs ?? parent.repeatIntervalMs,
    };
    const id = nextId++;
    const key = `${parentKey}${formatMatchers(node.matchers)}`;
    return {
      ...inherited,
      id,
      key,
      matchers: node.matchers,
      continue: node.continue,
      muteTimeIntervals: node.muteTimeIntervals,
      activeTimeIntervals: node.activeTimeIntervals,
      routes: node.routes.map((child) => build(child, inherited, `${key}/`)),
    };
  };
  return build(written, rootDefaults, '');
}

const groupByOf = (names: readonly string[]): Route['groupBy'] =>
  names.includes('...') ? 'all' : names;

/** Nodes that take these labels: depth first, the first that matches unless it says `continue`. */
export function matchRoutes(route: Route, labels: LabelSet): readonly Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const taken = matchRoutes(child, labels);
    found.push(...taken);
    if (taken.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [route];
}

export function* allRoutes(route: Route): Iterable<Route> {
  yield route;
  for (const child of route.routes) yield* allRoutes(child);
}

/** The labels that make a group of this node. A label that the alert lacks is not part of them. */
export function groupLabelsOf({ groupBy }: Route, labels: LabelSet): LabelSet {
  const names = groupBy === 'all' ? sortedNames(labels) : [...groupBy].sort();
  return Object.fromEntries(
    names
      .filter((name) => Object.hasOwn(labels, name))
      .map((name) => [name, labelIn(labels, name)]),
  );
}

export const groupKeyOf = (route: Route, groupLabels: LabelSet): string =>
  `${route.key}:${formatLabels(groupLabels)}`;
