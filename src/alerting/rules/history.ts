import { fingerprintOf } from '#alerting';
import type { Logger } from '#base';
import { SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';
import type { InstanceState, StateReason, Transition } from './contract.ts';

/** Where changes of states are kept: one log group, a stream per rule. */
export const historyGroup = '/nunchi/alerting/state-history';

/** A change of state as it is written: one JSON object a line. */
export interface HistoryRecord {
  readonly schemaVersion: 1;
  /** `Alerting (NoData)`: the state, and its reason where there is one. */
  readonly previous: string;
  readonly current: string;
  readonly error?: string;
  readonly values: Readonly<Record<string, number | null>>;
  readonly condition: string;
  readonly dashboardUID: string;
  readonly panelID: number;
  readonly ruleID: number;
  readonly ruleTitle: string;
  readonly ruleUID: string;
  readonly group: string;
  readonly folderUID: string;
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface HistoryEntry {
  readonly timeMs: number;
  readonly record: HistoryRecord;
}

export interface HistoryQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ruleUid?: string | undefined;
  readonly dashboardUid?: string | undefined;
  readonly panelId?: number | undefined;
  /** Labels that instances must have. */
  readonly labels: Readonly<Record<string, string>>;
  readonly previous?: string | undefined;
  readonly current?: string | undefined;
  readonly limit: number;
}

/** Of one question. */
export const maxHistoryEntries = 5000;
/** Lines that wait for the store; more are dropped, and counted in the log. */
const maxWaiting = 50_000;
const maxScannedEvents = 200_000;

/** `Normal`, `Alerting (NoData)` */
export const stateText = (state: InstanceState, reason: StateReason): string =>
  reason === '' ? state : `${state} (${reason})`;

/** Changes of states, written to the log store and read as a time line. */
export class StateHistory implements AsyncDisposable {
  readonly #store: Pick<LogStore, 'append' | 'readEvents' | 'group'>;
  readonly #log: Logger;
  #waiting: Transition[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;

  constructor(store: Pick<LogStore, 'append' | 'readEvents' | 'group'>, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  add(transitions: readonly Transition[]): void {
    const room = maxWaiting - this.#waiting.length;
    this.#waiting.push(...transitions.slice(0, room));
    this.#dropped += Math.max(0, transitions.length - room);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  /** Newest first. */
  async read(query: HistoryQuery, signal: AbortSignal): Promise<readonly HistoryEntry[]> {
    if (this.#store.group(historyGroup) === undefined) return [];
    const limit = Math.min(query.limit, maxHistoryEntries);
    const page = await this.#store.readEvents(
      {
        groups: [historyGroup],
        ...(query.ruleUid === undefined ? {} : { streams: [query.ruleUid] }),
        fromMs: query.fromMs,
        toMs: query.toMs,
        direction: 'backward',
        maxEvents: limit,
        maxScannedEvents,
        accept: (message) => accepts(query, message),
      },
      signal,
    );
    return page.events.flatMap(({ timestampMs, message }) => {
      const record = recordOf(message);
      return record === undefined ? [] : [{ timeMs: timestampMs, record }];
    });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const sections = new Map<string, SectionBuilder>();
      for (const transition of batch) {
        const { uid } = transition.rule;
        const section = sections.get(uid) ?? new SectionBuilder(historyGroup, uid);
        sections.set(uid, section);
        section.add(transition.atMs, JSON.stringify(writtenRecord(transition)));
      }
      try {
        await this.#store.append({ sections: [...sections.values()].map((one) => one.finish()) });
      } catch (error) {
        this.#log.error('The history of alert states is not kept', {
          lost: batch.length,
          err: error,
        });
      }
      if (this.#dropped > 0) {
        this.#log.warn('The history of alert states is too fast for the store', {
          lost: this.#dropped,
        });
        this.#dropped = 0;
      }
    }
  }
}

function writtenRecord({
  previousState,
  previousReason,
  instance,
  rule,
  group,
}: Transition): HistoryRecord {
  const { __dashboardUid__: dashboardUID = '', __panelId__: panelId = '0' } = rule.annotations;
  return {
    schemaVersion: 1,
    previous: stateText(previousState, previousReason),
    current: stateText(instance.state, instance.reason),
    ...(instance.error === '' ? {} : { error: instance.error }),
    values: instance.values,
    condition: rule.condition,
    dashboardUID,
    panelID: Number(panelId) || 0,
    ruleID: rule.id,
    ruleTitle: rule.title,
    ruleUID: rule.uid,
    group: group.title,
    folderUID: group.folderUid,
    fingerprint: fingerprintOf(instance.labels),
    labels: instance.resultLabels,
  };
}

function recordOf(message: string): HistoryRecord | undefined {
  try {
    const value: unknown = JSON.parse(message);
    const isRecord = typeof value === 'object' && value !== null && 'ruleUID' in value;
    return isRecord ? (value as HistoryRecord) : undefined;
  } catch {
    // Somebody else writes into the group; that is no history.
    return undefined;
  }
}

function accepts(query: HistoryQuery, message: string): boolean {
  const record = recordOf(message);
  if (record === undefined) return false;
  const isState = (wanted: string | undefined, text: string): boolean =>
    wanted === undefined || text === wanted || text.startsWith(`${wanted} (`);
  return (
    (query.dashboardUid === undefined || record.dashboardUID === query.dashboardUid) &&
    (query.panelId === undefined || record.panelID === query.panelId) &&
    isState(query.previous, record.previous) &&
    isState(query.current, record.current) &&
    Object.entries(query.labels).every(([name, value]) => record.labels?.[name] === value)
  );
}
