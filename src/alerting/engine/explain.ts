import type { Alert, LogEntry, Silence } from '../contract.ts';
import { fingerprintOf, type LabelSet, withoutEmpty } from '../labels.ts';
import type { Alertmanager } from './alertmanager.ts';
import type { ChannelView } from './delivery.ts';
import type { GroupView } from './dispatcher.ts';
import { groupKeyOf, groupLabelsOf, matchRoutes, type Route } from './route.ts';

/** One node of the tree that takes the labels, and what came of it. */
export interface ExplainedRoute {
  /** Ids of the nodes from the root down to it. */
  readonly path: readonly number[];
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  /** Undefined: nothing has been sent that makes this group. */
  readonly group: GroupView | undefined;
  /** Names of time intervals that hold it back now. */
  readonly mutedBy: readonly string[];
  readonly channels: readonly {
    readonly channel: ChannelView;
    /** What it was told last about the group. */
    readonly told: LogEntry | undefined;
  }[];
}

/** Why somebody is told of an alert, or is not. */
export interface Explanation {
  readonly fingerprint: string;
  /** Undefined: no such alert is known; this is what would become of it. */
  readonly alert: Alert | undefined;
  readonly silencedBy: readonly Silence[];
  readonly inhibitedBy: readonly Alert[];
  readonly routes: readonly ExplainedRoute[];
}

/** Follows the labels of an alert through silences, inhibition and the tree of routes. */
export function explain(manager: Alertmanager, given: LabelSet): Explanation {
  const labels = withoutEmpty(given);
  const fingerprint = fingerprintOf(labels);
  const root = manager.config.route;
  const { silencedBy, inhibitedBy } = manager.status(labels);
  return {
    fingerprint,
    alert: manager.alert(fingerprint),
    silencedBy: silencedBy.flatMap((id) => manager.silences.get(id) ?? []),
    inhibitedBy: inhibitedBy.flatMap((source) => manager.alert(source) ?? []),
    routes: matchRoutes(root, labels).map((route) => {
      const groupLabels = groupLabelsOf(route, labels);
      const groupKey = groupKeyOf(route, groupLabels);
      return {
        path: pathTo(root, route.id),
        route,
        groupKey,
        groupLabels,
        group: manager.group(route, groupLabels),
        mutedBy: manager.status(labels, route).mutedBy,
        channels: manager.channels(route.receiver).map((channel) => ({
          channel,
          told: manager.told(groupKey, channel.name),
        })),
      };
    }),
  };
}

function pathTo(from: Route, id: number): readonly number[] {
  if (from.id === id) return [id];
  for (const child of from.routes) {
    const path = pathTo(child, id);
    if (path.length > 0) return [from.id, ...path];
  }
  return [];
}
