import { randomUUID } from 'node:crypto';
import {
  AppError,
  backoffMs,
  type Clock,
  describeError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import type { Collection, StateStore } from '#state';
import { type CronSchedule, isZone, nextCronTime, parseCron } from '#time';
import type { Delivered, Report, ReportRun, ReportSchedule, SavedReport } from './contract.ts';

const maxReports = 200;
/** Of one sending, its queries included. */
const sendTimeoutMs = 180_000;
const maxTries = 3;
const backoff = { baseMs: 5000, maxMs: 60_000 };
/** A clock that is set back must not keep a report waiting. */
const maxSleepMs = 60_000;
/** Of the history of a report. */
const maxRuns = 50;
/** Times that passed unseen are counted no further. */
const maxMissed = 1000;

export interface ReportsDeps {
  readonly state: Pick<StateStore, 'collection'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Makes and brings one. @param done who has it from an earlier try @throws when it did not arrive */
  readonly send: (schedule: ReportSchedule, done: Delivered, signal: AbortSignal) => Promise<void>;
}

interface Held {
  readonly saved: SavedReport;
  readonly cron: CronSchedule;
}

/** Reports with their times; sent one after the other. What is due is on disk: a restart forgets none. */
export class Reports implements AsyncDisposable {
  readonly #collection: Collection<SavedReport>;
  readonly #deps: ReportsDeps;
  readonly #log: Logger;
  readonly #held = new Map<string, Held>();
  readonly #stopping = new AbortController();
  readonly #sent;
  #wake = new AbortController();
  #loop: Promise<void> | undefined;

  private constructor(collection: Collection<SavedReport>, deps: ReportsDeps) {
    this.#collection = collection;
    this.#deps = deps;
    this.#log = deps.log.child('dashboards/reports');
    this.#sent = deps.metrics.counter(
      'nunchi_reports_sent_total',
      'Reports of dashboards that were due, by how it went',
    );
  }

  static async open(deps: ReportsDeps): Promise<Reports> {
    const collection = deps.state.collection<SavedReport>('dashboard-reports');
    const reports = new Reports(collection, deps);
    for (const { id, value } of await collection.list({ limit: maxReports })) {
      reports.#held.set(id, { saved: value, cron: parseCron(value.schedule.cron) });
    }
    return reports;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  list(): readonly Report[] {
    return [...this.#held].map(([id, held]) => reportOf(id, held));
  }

  /** @throws {AppError} REPORT_NOT_FOUND */
  get(id: string): Report {
    return reportOf(id, this.#find(id));
  }

  /** @throws {AppError} REPORT_INVALID */
  async create(schedule: ReportSchedule): Promise<Report> {
    if (this.#held.size >= maxReports) {
      throw new AppError('REPORT_INVALID', `There are ${maxReports} reports already`);
    }
    const id = randomUUID();
    const cron = checked(schedule);
    await this.#keep(id, { saved: { schedule, doneUntilMs: this.#deps.clock.nowMs() }, cron });
    return this.get(id);
  }

  /** @throws {AppError} REPORT_NOT_FOUND, REPORT_INVALID */
  async update(id: string, schedule: ReportSchedule): Promise<Report> {
    const { saved } = this.#find(id);
    const cron = checked(schedule);
    const doneUntilMs = this.#deps.clock.nowMs();
    await this.#keep(id, { saved: { ...saved, schedule, doneUntilMs }, cron });
    return this.get(id);
  }

  /** @throws {AppError} REPORT_NOT_FOUND */
  async delete(id: string): Promise<void> {
    this.#find(id);
    await this.#collection.delete(id);
    this.#held.delete(id);
  }

  /** Sends it now, once. @throws {AppError} REPORT_NOT_FOUND, REPORT_FAILED */
  async sendNow(id: string, signal: AbortSignal): Promise<void> {
    const { saved } = this.#find(id);
    const startedMs = this.#deps.clock.nowMs();
    const names = new Set<string>();
    const done = {
      has: (name: string) => names.has(name),
      add: async (name: string) => void names.add(name),
    };
    try {
      await this.#deps.send(saved.schedule, done, signal);
      await this.#note(id, this.#runOf(startedMs));
    } catch (error) {
      await this.#note(id, this.#runOf(startedMs, { error: describeError(error) }));
      throw new AppError('REPORT_FAILED', `The report did not arrive: ${describeError(error)}`, {
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  #find(id: string): Held {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    throw new AppError('REPORT_NOT_FOUND', `There is no report ${id}`);
  }

  async #keep(id: string, held: Held): Promise<void> {
    await this.#collection.put(id, held.saved);
    this.#held.set(id, held);
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const due = [...this.#held]
        .map(([id, held]) => ({ id, atMs: nextOf(held) ?? Number.POSITIVE_INFINITY }))
        .reduce((a, b) => (b.atMs < a.atMs ? b : a), { id: '', atMs: Number.POSITIVE_INFINITY });
      const pauseMs = Math.min(maxSleepMs, due.atMs - clock.nowMs());
      if (pauseMs > 0) {
        await clock.sleep(pauseMs, AbortSignal.any([signal, this.#wake.signal])).catch(() => {});
        continue;
      }
      await this.#sendDue(due.id);
    }
  }

  async #sendDue(id: string): Promise<void> {
    const held = this.#held.get(id);
    const dueMs = held === undefined ? undefined : nextOf(held);
    if (held === undefined || dueMs === undefined) return;
    const run = await this.#trySending(id, held, dueMs);
    if (run === undefined) return;
    await this.#note(id, run, { sending: undefined, doneUntilMs: this.#deps.clock.nowMs() });
  }

  /** Undefined: the program stops; it is due still. */
  async #trySending(id: string, held: Held, dueMs: number): Promise<ReportRun | undefined> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    const { schedule } = held.saved;
    const { title, receiver } = schedule;
    const startedMs = clock.nowMs();
    const missed = missedSince(held, dueMs, startedMs);
    const told = { dueMs, ...(missed === 0 ? {} : { missed }) };
    const done = this.#delivered(id, dueMs);
    for (let attempt = 0; ; attempt++) {
      try {
        const ends = AbortSignal.any([signal, AbortSignal.timeout(sendTimeoutMs)]);
        await this.#deps.send(schedule, done, ends);
        this.#sent.add(1, { outcome: 'sent' });
        return this.#runOf(startedMs, told);
      } catch (error) {
        if (signal.aborted) return undefined;
        const reason = describeError(error);
        this.#log.warn('A report did not arrive', { title, receiver, attempt, reason });
        if (attempt + 1 >= maxTries) {
          this.#sent.add(1, { outcome: 'failed' });
          return this.#runOf(startedMs, { ...told, error: reason });
        }
        await clock.sleep(backoffMs(attempt, backoff), signal).catch(() => {});
        if (signal.aborted) return undefined;
      }
    }
  }

  /** Who has the sending of that time, on disk as well. */
  #delivered(id: string, dueMs: number): Delivered {
    const { sending } = this.#find(id).saved;
    const names = new Set(sending?.dueMs === dueMs ? sending.done : []);
    return {
      has: (name) => names.has(name),
      add: async (name) => {
        names.add(name);
        await this.#save(id, { sending: { dueMs, done: [...names] } });
      },
    };
  }

  #runOf(startedMs: number, more: Partial<ReportRun> = {}): ReportRun {
    const atMs = this.#deps.clock.nowMs();
    return { atMs, tookMs: atMs - startedMs, ...more };
  }

  async #note(id: string, run: ReportRun, change: Partial<SavedReport> = {}): Promise<void> {
    const runs = [run, ...(this.#held.get(id)?.saved.runs ?? [])].slice(0, maxRuns);
    await this.#save(id, { ...change, lastRun: run, runs });
  }

  /** It may have been changed or taken away since. */
  async #save(id: string, change: Partial<SavedReport>): Promise<void> {
    const current = this.#held.get(id);
    if (current === undefined) return;
    const saved = { ...current.saved, ...change };
    this.#held.set(id, { ...current, saved });
    try {
      await this.#collection.put(id, saved);
    } catch (error) {
      this.#log.error('What became of a report is not noted on disk', { id, err: error });
    }
  }
}

/** Times after the one that is due that have passed as well. */
function missedSince({ saved, cron }: Held, dueMs: number, nowMs: number): number {
  let count = 0;
  let ms: number | undefined = dueMs;
  while (count < maxMissed) {
    ms = nextCronTime(cron, saved.schedule.timeZone, ms);
    if (ms === undefined || ms > nowMs) return count;
    count++;
  }
  return count;
}

/** @throws {AppError} REPORT_INVALID */
function checked(schedule: ReportSchedule): CronSchedule {
  const { cron, timeZone } = schedule;
  if (!isZone(timeZone)) {
    throw new AppError('REPORT_INVALID', `"${timeZone}" is no time zone`, {
      hint: 'Use an IANA name such as Asia/Seoul',
    });
  }
  try {
    return parseCron(cron);
  } catch (error) {
    throw new AppError('REPORT_INVALID', describeError(error));
  }
}

const nextOf = ({ saved, cron }: Held): number | undefined =>
  saved.schedule.isEnabled
    ? nextCronTime(cron, saved.schedule.timeZone, saved.doneUntilMs)
    : undefined;

const reportOf = (id: string, held: Held): Report => ({
  id,
  schedule: held.saved.schedule,
  lastRun: held.saved.lastRun,
  runs: held.saved.runs ?? [],
  nextMs: nextOf(held),
});
