import type { LogStore } from '#logs/store';
import { type RateHistory, type RateSeries, rateStepMs } from './rate-history.ts';
import { wireGroup } from './translate.ts';
import type { WireAgent, WireGroup, WireOverview, WireProblem } from './wire.ts';

/** What fits a page; the list of groups has the rest. */
const maxOverviewGroups = 12;
/** Below this little disk a burst of an hour fills it. */
const lowDiskBytes = 1024 ** 3;
/** Fewer minutes than this say nothing about days. */
const minForecastSteps = 2;
/** An agent sends at least a heartbeat's worth of batches while its node logs anything. */
const silentAgentMs = 5 * 60_000;
const behindAgentMs = 60_000;

export interface OverviewDeps {
  readonly store: LogStore;
  readonly history: RateHistory;
  readonly agents: () => readonly WireAgent[];
}

export function overview({ store, history, agents }: OverviewDeps, nowMs: number): WireOverview {
  const stats = store.stats();
  const rates = store.ingestRates();
  const total = history.total(nowMs);
  const groups = store.groups();
  const busiest = groups
    .toSorted(
      (a, b) =>
        (rates.get(b.name)?.events ?? 0) - (rates.get(a.name)?.events ?? 0) ||
        b.storedBytes - a.storedBytes,
    )
    .slice(0, maxOverviewGroups);
  const known = agents();
  let eventsPerSecond = 0;
  let bytesPerSecond = 0;
  for (const rate of rates.values()) {
    eventsPerSecond += rate.events;
    bytesPerSecond += rate.bytes;
  }
  return {
    nowMs,
    problems: problemsOf(stats, known, nowMs),
    store: {
      diskBytes: stats.diskBytes,
      walBytes: stats.walBytes,
      freshEvents: stats.freshEvents,
      segments: stats.segments,
      events: stats.events,
      messageBytes: stats.messageBytes,
      maxDiskBytes: stats.maxDiskBytes ?? null,
      diskFreeBytes: stats.diskFreeBytes ?? null,
      writable: stats.writable,
      growthBytesPerSecond: growthOf(stats, total),
    },
    eventsPerSecond,
    bytesPerSecond,
    rates: {
      stepMs: rateStepMs,
      endMs: Math.floor(nowMs / rateStepMs) * rateStepMs,
      events: total.events,
      bytes: total.bytes,
    },
    groupCount: groups.length,
    groups: busiest.map((group) =>
      wireGroup(group, rates.get(group.name), history.group(group.name, nowMs).events),
    ),
    agents: known,
  };
}

/** Groups that match, with rates; the sparklines only where the caller shows them. */
export function listGroups(
  { store, history }: Pick<OverviewDeps, 'store' | 'history'>,
  filter: { readonly contains?: string; readonly prefix?: string },
  limit: number,
  nowMs: number,
): { readonly groups: readonly WireGroup[]; readonly total: number; readonly rateStepMs: number } {
  const matching = store.groups(filter);
  const rates = store.ingestRates();
  return {
    total: matching.length,
    rateStepMs,
    groups: matching
      .slice(0, limit)
      .map((group) =>
        wireGroup(group, rates.get(group.name), history.group(group.name, nowMs).events),
      ),
  };
}

type Stats = ReturnType<LogStore['stats']>;

/**
 * Message bytes of the last hour, at the rate at which this store has compressed so far. The disk
 * itself goes up and down with merges and would make a forecast jump.
 */
export function growthOf(
  stats: Pick<Stats, 'diskBytes' | 'messageBytes'>,
  total: RateSeries,
): number | null {
  const steps = total.bytes.filter((value) => value !== null);
  if (steps.length < minForecastSteps || stats.messageBytes === 0) return null;
  const mean = steps.reduce((sum, value) => sum + value, 0) / steps.length;
  return mean * Math.min(1.2, stats.diskBytes / stats.messageBytes);
}

export function problemsOf(
  stats: Pick<Stats, 'writable' | 'diskFreeBytes' | 'damagedSegments'>,
  agents: readonly WireAgent[],
  nowMs: number,
): readonly WireProblem[] {
  const problems: WireProblem[] = [];
  if (!stats.writable) {
    problems.push({
      kind: 'store-full',
      severity: 'critical',
      diskFreeBytes: stats.diskFreeBytes ?? null,
    });
  } else if (stats.diskFreeBytes !== undefined && stats.diskFreeBytes < lowDiskBytes) {
    problems.push({
      kind: 'disk-low',
      severity: 'warning',
      diskFreeBytes: stats.diskFreeBytes,
    });
  }
  for (const { path, reason } of stats.damagedSegments) {
    problems.push({ kind: 'damaged-segment', severity: 'critical', path, reason });
  }
  for (const agent of agents) {
    const common = {
      severity: 'warning' as const,
      agent: agent.host ?? agent.id,
      sinceMs: agent.lastBatchMs,
      lagMs: agent.lagMs,
    };
    if (nowMs - agent.lastBatchMs > silentAgentMs) {
      problems.push({ ...common, kind: 'agent-silent' });
    } else if (agent.lagMs !== null && agent.lagMs > behindAgentMs) {
      problems.push({ ...common, kind: 'agent-behind' });
    }
  }
  return problems;
}
