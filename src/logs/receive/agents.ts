import type { Clock, MetricsRegistry } from '#base';

/** What an agent says of itself every ten seconds; unknown members are let be. */
export interface AgentReport {
  readonly host: string;
  readonly version: string | undefined;
  readonly files: number;
  readonly lagBytes: number;
  readonly spoolBytes: number;
  readonly spoolFrames: number;
  readonly spoolFull: boolean;
  readonly droppedEvents: number;
  /** The node whose kubelet it scrapes; undefined: none. */
  readonly kubeletNode: string | undefined;
}

/** One agent as the server knows it. Times are Unix ms. */
export interface KnownAgent {
  /** The host where it is known, else the id of its batches. */
  readonly id: string;
  readonly host: string | null;
  readonly version: string | null;
  /** The last batch or report. */
  readonly lastBatchMs: number;
  readonly lastBatchNumber: number;
  readonly eventsPerSecond: number;
  /** How long it has had a backlog by now; 0: none; null: it does not report. */
  readonly lagMs: number | null;
  readonly lagBytes: number;
  readonly spoolBytes: number;
  readonly spoolFull: boolean;
  readonly droppedEvents: number;
  readonly files: number;
}

interface Entry {
  source: string;
  host: string | undefined;
  version: string | undefined;
  lastSeenMs: number;
  lastNumber: number;
  /** Events, each weighing less the older it is; a moving rate without a history. */
  decayedEvents: number;
  decayedAtMs: number;
  report: AgentReport | undefined;
  caughtUpMs: number;
  /** Of the agent's earlier runs. */
  droppedBefore: number;
}

/** A cluster has hundreds of nodes; beyond this the one not heard of for longest is forgotten. */
const maxAgents = 5000;
/** Nodes come and go: an agent that was away for so long is gone for good. */
const forgetMs = 24 * 60 * 60_000;
const silentMs = 5 * 60_000;
const behindMs = 60_000;
/** Six reports that did not come: somebody else takes its kubelet over. */
const kubeletSilentMs = 60_000;
const rateWindowMs = 30_000;
/** More than what is under way between two moments. */
const backlogBytes = 8 * 1024 * 1024;
const backlogFrames = 16;

/** Who sends batches, and how they are. An agent has a new batch id at each start; its host stays. */
export class AgentRegistry {
  readonly #clock: Clock;
  /** By host or, before the first report, by batch id; least recently seen first. */
  readonly #agents = new Map<string, Entry>();
  readonly #hostOf = new Map<string, string>();

  constructor(clock: Clock, metrics: MetricsRegistry) {
    this.#clock = clock;
    metrics.collected('nunchi_agents', 'Agents known to the server, by state', 'gauge', () => {
      const counts = { reporting: 0, behind: 0, silent: 0 };
      for (const agent of this.list()) counts[this.#stateOf(agent)]++;
      return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
    });
    const perAgent = (name: string, help: string, read: (agent: KnownAgent) => number): void =>
      metrics.collected(name, help, 'gauge', () =>
        this.list().map((agent) => ({ labels: { agent: agent.id }, value: read(agent) })),
      );
    perAgent(
      'nunchi_agents_lag_bytes',
      'Bytes of log files that an agent has not read yet',
      (a) => a.lagBytes,
    );
    perAgent('nunchi_agents_spool_bytes', 'Spool of an agent on its disk', (a) => a.spoolBytes);
    perAgent(
      'nunchi_agents_dropped_events',
      'Events that an agent has given up',
      (a) => a.droppedEvents,
    );
    perAgent(
      'nunchi_agents_last_seen_seconds',
      'Unix time at which an agent was last heard of',
      (a) => a.lastBatchMs / 1000,
    );
  }

  /** A batch was stored, or had been. */
  batch(source: string, number: number, events: number): void {
    const entry = this.#seen(source);
    entry.lastNumber = Math.max(entry.lastNumber, number);
    this.#decay(entry);
    entry.decayedEvents += events;
  }

  report(source: string, report: AgentReport): void {
    const { host } = report;
    if (this.#hostOf.get(source) !== host) this.#name(source, host);
    const entry = this.#seen(source);
    const before = entry.report;
    if (before !== undefined && report.droppedEvents < before.droppedEvents) {
      entry.droppedBefore += before.droppedEvents;
    }
    entry.host = host;
    entry.version = report.version;
    entry.report = report;
    const isBehind =
      report.spoolFull || report.lagBytes > backlogBytes || report.spoolFrames > backlogFrames;
    if (!isBehind) entry.caughtUpMs = entry.lastSeenMs;
  }

  /** Those heard of within a day, the last heard of first. */
  list(): readonly KnownAgent[] {
    const nowMs = this.#clock.nowMs();
    const known: KnownAgent[] = [];
    for (const [id, entry] of this.#agents) {
      if (nowMs - entry.lastSeenMs > forgetMs) this.#forget(id);
      else known.push(this.#view(id, entry));
    }
    return known.reverse();
  }

  /** Nodes whose kubelet an agent scrapes that was heard of just now. */
  kubeletNodes(): ReadonlySet<string> {
    const nodes = new Set<string>();
    const sinceMs = this.#clock.nowMs() - kubeletSilentMs;
    for (const { report, lastSeenMs } of this.#agents.values()) {
      if (report?.kubeletNode !== undefined && lastSeenMs >= sinceMs) nodes.add(report.kubeletNode);
    }
    return nodes;
  }

  #view(id: string, entry: Entry): KnownAgent {
    this.#decay(entry);
    const { report } = entry;
    return {
      id,
      host: entry.host ?? null,
      version: entry.version ?? null,
      lastBatchMs: entry.lastSeenMs,
      lastBatchNumber: entry.lastNumber,
      eventsPerSecond: entry.decayedEvents / (rateWindowMs / 1000),
      lagMs: report === undefined ? null : entry.lastSeenMs - entry.caughtUpMs,
      lagBytes: report?.lagBytes ?? 0,
      spoolBytes: report?.spoolBytes ?? 0,
      spoolFull: report?.spoolFull ?? false,
      droppedEvents: entry.droppedBefore + (report?.droppedEvents ?? 0),
      files: report?.files ?? 0,
    };
  }

  #stateOf(agent: KnownAgent): 'reporting' | 'behind' | 'silent' {
    if (this.#clock.nowMs() - agent.lastBatchMs > silentMs) return 'silent';
    return agent.lagMs !== null && agent.lagMs > behindMs ? 'behind' : 'reporting';
  }

  #seen(source: string): Entry {
    const id = this.#hostOf.get(source) ?? source;
    const nowMs = this.#clock.nowMs();
    let entry = this.#agents.get(id);
    if (entry === undefined) {
      const oldest = this.#agents.keys().next();
      if (this.#agents.size >= maxAgents && oldest.done !== true) this.#forget(oldest.value);
      entry = {
        source,
        host: undefined,
        version: undefined,
        lastSeenMs: nowMs,
        lastNumber: 0,
        decayedEvents: 0,
        decayedAtMs: nowMs,
        report: undefined,
        caughtUpMs: nowMs,
        droppedBefore: 0,
      };
    }
    this.#agents.delete(id);
    this.#agents.set(id, entry);
    entry.lastSeenMs = nowMs;
    return entry;
  }

  /** The sender turns out to be the agent of a host: what was known of either goes together. */
  #name(source: string, host: string): void {
    const unnamed = this.#agents.get(source);
    const named = this.#agents.get(host);
    this.#agents.delete(source);
    if (named !== undefined) {
      this.#hostOf.delete(named.source);
      named.source = source;
      named.lastNumber = unnamed?.lastNumber ?? 0;
      named.decayedEvents += unnamed?.decayedEvents ?? 0;
    } else if (unnamed !== undefined) this.#agents.set(host, unnamed);
    this.#hostOf.set(source, host);
  }

  #forget(id: string): void {
    const entry = this.#agents.get(id);
    if (entry !== undefined) this.#hostOf.delete(entry.source);
    this.#agents.delete(id);
  }

  #decay(entry: Entry): void {
    const nowMs = this.#clock.nowMs();
    const elapsedMs = Math.max(0, nowMs - entry.decayedAtMs);
    entry.decayedEvents *= Math.exp(-elapsedMs / rateWindowMs);
    entry.decayedAtMs = nowMs;
  }
}

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 255;

/** The body of a report; undefined when it is none. */
export function parseReport(body: unknown): AgentReport | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const report = body as Partial<Record<keyof AgentReport, unknown>>;
  const { host, version } = report;
  if (!isName(host)) return undefined;
  return {
    host,
    version: typeof version === 'string' ? version.slice(0, 64) : undefined,
    files: count(report.files),
    lagBytes: count(report.lagBytes),
    spoolBytes: count(report.spoolBytes),
    spoolFrames: count(report.spoolFrames),
    spoolFull: report.spoolFull === true,
    droppedEvents: count(report.droppedEvents),
    kubeletNode: isName(report.kubeletNode) ? report.kubeletNode : undefined,
  };
}
