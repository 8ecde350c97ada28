import { type Alert, isResolved, type NotifiedAlert } from '../contract.ts';
import { type LabelSet, sortedNames } from '../labels.ts';
import { labelIn } from '../matchers.ts';
import { groupKeyOf, groupLabelsOf, matchRoutes, type Route } from './route.ts';

/** Groups held at once; alerts that would make another are counted, not notified. */
export const maxGroups = 100_000;

interface Group {
  readonly key: string;
  readonly route: Route;
  readonly labels: LabelSet;
  readonly alerts: Map<string, Alert>;
  nextMs: number;
  hasFlushed: boolean;
  /** A notification is under way; the next one waits for it. */
  isBusy: boolean;
}

/** The alerts of a group at the moment it is to be told of. */
export interface Flush {
  readonly groupKey: string;
  readonly route: Route;
  readonly groupLabels: LabelSet;
  readonly alerts: readonly NotifiedAlert[];
  readonly atMs: number;
}

export interface GroupView {
  readonly key: string;
  readonly route: Route;
  readonly labels: LabelSet;
  readonly alerts: readonly Alert[];
  /** When its receiver is told next, if there is news. */
  readonly nextMs: number;
}

/**
 * Groups of alerts and when each is to be told of: after `group_wait`, then every `group_interval`.
 * Knows no clock: whoever drives it says what time it is.
 */
export class Dispatcher {
  readonly #root: Route;
  readonly #groups = new Map<string, Group>();

  constructor(root: Route) {
    this.#root = root;
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  /** @returns how many groups had no room, and when the first of the others is due */
  insert(alert: Alert, nowMs: number): { readonly refused: number; readonly dueMs: number } {
    let refused = 0;
    let dueMs = Number.POSITIVE_INFINITY;
    for (const route of matchRoutes(this.#root, alert.labels)) {
      const labels = groupLabelsOf(route, alert.labels);
      const groupKey = groupKeyOf(route, labels);
      // Two nodes with equal matchers are two groups that look the same to receivers.
      const id = `${route.id} ${groupKey}`;
      let group = this.#groups.get(id);
      if (group === undefined) {
        if (this.#groups.size >= maxGroups) {
          refused++;
          continue;
        }
        const nextMs = nowMs + route.groupWaitMs;
        group = {
          key: groupKey,
          route,
          labels,
          alerts: new Map(),
          nextMs,
          hasFlushed: false,
          isBusy: false,
        };
        this.#groups.set(id, group);
      }
      group.alerts.set(alert.fingerprint, alert);
      if (!group.hasFlushed && alert.startsAtMs + route.groupWaitMs < nowMs) group.nextMs = nowMs;
      if (!group.isBusy) dueMs = Math.min(dueMs, group.nextMs);
    }
    return { refused, dueMs };
  }

  /** When the next group is due; undefined: none waits. */
  nextDueMs(): number | undefined {
    let next: number | undefined;
    for (const { isBusy, nextMs } of this.#groups.values()) {
      if (!isBusy && (next === undefined || nextMs < next)) next = nextMs;
    }
    return next;
  }

  /** Groups whose time has come. Each is busy until `finish`. */
  takeDue(nowMs: number): readonly Flush[] {
    const due: Flush[] = [];
    for (const [id, group] of this.#groups) {
      // After a clock that was set back nothing is due later than it ever could be.
      const { groupWaitMs, groupIntervalMs } = group.route;
      group.nextMs = Math.min(group.nextMs, nowMs + Math.max(groupWaitMs, groupIntervalMs));
      if (group.isBusy || group.nextMs > nowMs) continue;
      if (group.alerts.size === 0) {
        this.#groups.delete(id);
        continue;
      }
      group.nextMs = nowMs + group.route.groupIntervalMs;
      group.hasFlushed = true;
      group.isBusy = true;
      due.push({
        groupKey: group.key,
        route: group.route,
        groupLabels: group.labels,
        alerts: [...group.alerts.values()].sort(inOrder).map((alert) => ({
          alert,
          status: isResolved(alert, nowMs) ? 'resolved' : 'firing',
        })),
        atMs: nowMs,
      });
    }
    return due;
  }

  /**
   * The notification is over. Resolved alerts leave once they have been told of, unless there is news.
   * @param isHeld a resolved alert that could not be told of yet, and whose receivers wait for its end
   * @returns when the group is due again
   */
  finish(
    flush: Flush,
    isDone: boolean,
    isHeld: (fingerprint: string) => boolean = () => false,
  ): number {
    const group = this.#groups.get(`${flush.route.id} ${flush.groupKey}`);
    if (group === undefined) return Number.POSITIVE_INFINITY;
    group.isBusy = false;
    if (!isDone) return group.nextMs;
    for (const { alert, status } of flush.alerts) {
      if (status !== 'resolved' || group.alerts.get(alert.fingerprint) !== alert) continue;
      if (!isHeld(alert.fingerprint)) group.alerts.delete(alert.fingerprint);
    }
    return group.nextMs;
  }

  groups(): Iterable<GroupView> {
    return [...this.#groups.values()].map(({ alerts, ...group }) => viewOf(group, alerts));
  }

  /** The group of these labels below a node of the tree; undefined: no alert of it is known. */
  group(route: Route, labels: LabelSet): GroupView | undefined {
    const group = this.#groups.get(`${route.id} ${groupKeyOf(route, labels)}`);
    return group && viewOf(group, group.alerts);
  }

  /** Fingerprints of all alerts that some group has still to tell of. */
  held(): ReadonlySet<string> {
    const held = new Set<string>();
    for (const { alerts } of this.#groups.values()) for (const one of alerts.keys()) held.add(one);
    return held;
  }
}

const viewOf = (
  { key, route, labels, nextMs }: Omit<Group, 'alerts'>,
  alerts: ReadonlyMap<string, Alert>,
): GroupView => ({ key, route, labels, nextMs, alerts: [...alerts.values()] });

/** By job, by instance, then by all labels: the order in messages. */
function inOrder({ labels: a }: Alert, { labels: b }: Alert): number {
  for (const name of ['job', 'instance']) {
    const order = compare(labelIn(a, name), labelIn(b, name));
    if (order !== 0) return order;
  }
  const names = sortedNames({ ...a, ...b });
  const sizes = Object.keys(a).length - Object.keys(b).length;
  if (sizes !== 0) return sizes;
  for (const name of names) {
    const hasBoth = Object.hasOwn(a, name) && Object.hasOwn(b, name);
    if (!hasBoth) return Object.hasOwn(a, name) ? -1 : 1;
    const order = compare(labelIn(a, name), labelIn(b, name));
    if (order !== 0) return order;
  }
  return 0;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
