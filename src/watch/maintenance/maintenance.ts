import { randomBytes } from 'node:crypto';
import { AppError, type Clock, describeError, type Logger } from '#base';
import type { Collection } from '#state';
import {
  concerns,
  isOpen,
  type MaintenanceWindow,
  type Occurrence,
  occurrenceOf,
  readWindow,
  type WrittenWindow,
} from './window.ts';

/** One that somebody has made over the API. */
export interface SavedWindow extends WrittenWindow {
  readonly createdBy: string;
  readonly createdMs: number;
}

export interface WindowView {
  readonly id: string;
  readonly written: WrittenWindow;
  /** Undefined: it stands in the configuration. */
  readonly created: { readonly by: string; readonly atMs: number } | undefined;
  readonly isOpen: boolean;
  /** The time in which it is open, or the next one; undefined: it is over. */
  readonly occurrence: Occurrence | undefined;
}

export interface MaintenanceDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly saved: Collection<SavedWindow>;
}

/** Made over the API and not over yet. */
const maxSaved = 500;
/** Those that are over can be read so long. */
const keptAfterEndMs = 7 * 86_400_000;
/** Whoever asks for each incident each second need not have cron worked out each time. */
const reckonEveryMs = 1000;

interface Entry {
  readonly id: string;
  readonly window: MaintenanceWindow;
  readonly created: WindowView['created'];
}

/** Windows of the configuration and those that people made: what is worked on at a moment. */
export class Maintenance {
  readonly #deps: MaintenanceDeps;
  #ofFile: readonly Entry[] = [];
  readonly #saved = new Map<string, Entry>();
  #open: readonly Entry[] = [];
  #reckonedMs = Number.NaN;
  /** Windows of the configuration that cannot be used. */
  problems: readonly string[] = [];

  private constructor(deps: MaintenanceDeps) {
    this.#deps = deps;
  }

  static async open(deps: MaintenanceDeps): Promise<Maintenance> {
    const maintenance = new Maintenance(deps);
    for (const { id, value } of await deps.saved.list()) {
      try {
        maintenance.#saved.set(id, entryOf(id, value));
      } catch (error) {
        deps.log.error('A maintenance window cannot be used', { id, reason: describeError(error) });
      }
    }
    return maintenance;
  }

  /** Takes those of the configuration in place of the ones before; what cannot be used is told. */
  configure(written: readonly WrittenWindow[]): void {
    const problems: string[] = [];
    this.#ofFile = written.flatMap((one, at) => {
      try {
        return [{ id: `file-${at + 1}`, window: readWindow(one), created: undefined }];
      } catch (error) {
        problems.push(`watch.maintenance[${at}]: ${describeError(error)}`);
        return [];
      }
    });
    this.problems = problems;
    this.#reckonedMs = Number.NaN;
    for (const problem of problems)
      this.#deps.log.error('A maintenance window cannot be used', { problem });
  }

  /** The name of a window that is open now and concerns what has these labels; undefined: there is none. */
  windowOf(labels: Readonly<Record<string, string>>): string | undefined {
    this.#reckon();
    return this.#open.find(({ window }) => concerns(window, labels))?.window.written.name;
  }

  /** Open ones first, then by when they come; those that are over at the end. */
  list(): readonly WindowView[] {
    const nowMs = this.#deps.clock.nowMs();
    const rank = ({ isOpen: open, occurrence }: WindowView): number =>
      open ? 0 : (occurrence?.fromMs ?? Number.POSITIVE_INFINITY);
    return [...this.#ofFile, ...this.#saved.values()]
      .map((entry) => viewOf(entry, nowMs))
      .sort((a, b) => rank(a) - rank(b) || (a.written.name < b.written.name ? -1 : 1));
  }

  /** @throws {AppError} MAINTENANCE_INVALID */
  async add(written: WrittenWindow, createdBy: string): Promise<WindowView> {
    const nowMs = this.#deps.clock.nowMs();
    const window = readWindow(written);
    if (occurrenceOf(window, nowMs) === undefined) {
      throw new AppError('MAINTENANCE_INVALID', 'end: it would be over already');
    }
    await this.#sweep(nowMs);
    if (this.#saved.size >= maxSaved) {
      throw new AppError(
        'MAINTENANCE_INVALID',
        `there are ${maxSaved} maintenance windows already`,
      );
    }
    const id = randomBytes(8).toString('hex');
    const saved: SavedWindow = { ...written, createdBy, createdMs: nowMs };
    await this.#deps.saved.put(id, saved);
    const entry = entryOf(id, saved);
    this.#saved.set(id, entry);
    this.#reckonedMs = Number.NaN;
    return viewOf(entry, nowMs);
  }

  /**
   * Ends one for good: one that has begun is over from now on, the others are forgotten.
   * @throws {AppError} MAINTENANCE_NOT_FOUND; MAINTENANCE_PROTECTED for those of the configuration
   */
  async end(id: string): Promise<void> {
    const entry = this.#saved.get(id);
    if (entry === undefined) {
      if (this.#ofFile.some((one) => one.id === id)) {
        throw new AppError(
          'MAINTENANCE_PROTECTED',
          'This maintenance window stands in the configuration: take it out of watch.maintenance',
        );
      }
      throw new AppError('MAINTENANCE_NOT_FOUND', `There is no maintenance window ${id}`);
    }
    const nowMs = this.#deps.clock.nowMs();
    const { written } = entry.window;
    this.#reckonedMs = Number.NaN;
    if (written.startMs === undefined || written.startMs >= nowMs) {
      this.#saved.delete(id);
      await this.#deps.saved.delete(id);
      return;
    }
    if (written.endMs !== undefined && written.endMs <= nowMs) return;
    const saved: SavedWindow = {
      ...written,
      endMs: nowMs,
      createdBy: entry.created?.by ?? '',
      createdMs: entry.created?.atMs ?? nowMs,
    };
    this.#saved.set(id, entryOf(id, saved));
    await this.#deps.saved.put(id, saved);
  }

  #reckon(): void {
    const nowMs = this.#deps.clock.nowMs();
    const age = nowMs - this.#reckonedMs;
    if (age >= 0 && age < reckonEveryMs) return;
    this.#reckonedMs = nowMs;
    this.#open = [...this.#ofFile, ...this.#saved.values()].filter(({ window }) =>
      isOpen(occurrenceOf(window, nowMs), nowMs),
    );
  }

  async #sweep(nowMs: number): Promise<void> {
    for (const [id, { window }] of this.#saved) {
      const { endMs } = window.written;
      if (endMs === undefined || endMs + keptAfterEndMs > nowMs) continue;
      this.#saved.delete(id);
      await this.#deps.saved.delete(id);
    }
  }
}

const entryOf = (id: string, { createdBy, createdMs, ...written }: SavedWindow): Entry => ({
  id,
  window: readWindow(written),
  created: { by: createdBy, atMs: createdMs },
});

function viewOf({ id, window, created }: Entry, nowMs: number): WindowView {
  const occurrence = occurrenceOf(window, nowMs);
  return { id, written: window.written, created, isOpen: isOpen(occurrence, nowMs), occurrence };
}
