import { randomUUID } from 'node:crypto';
import type { LabelMatcher } from '#metrics/model';
import type { Silence, SilenceState } from '../contract.ts';
import { invalidInput, silenceNotFound } from '../errors.ts';
import type { LabelSet } from '../labels.ts';
import { matchesAll } from '../matchers.ts';

/** Silences held at once, expired ones included. */
const maxSilences = 50_000;
/** An expired one can be read so long; as the reference's data retention. */
export const keptAfterExpiryMs: number = 120 * 3_600_000;

export interface SilenceRequest {
  /** That of the one to change; absent: a new one. */
  readonly id?: string | undefined;
  readonly matchers: readonly LabelMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

export function silenceState(silence: Silence, nowMs: number): SilenceState {
  if (nowMs < silence.startsAtMs) return 'pending';
  return nowMs >= silence.endsAtMs ? 'expired' : 'active';
}

/** Silences by id. A change is visible at once; `onChange` hears of each, to keep it. */
export class Silences {
  readonly #silences = new Map<string, Silence>();
  readonly #onChange: (id: string, silence: Silence | undefined) => void;
  readonly #newId: () => string;

  constructor(
    onChange: (id: string, silence: Silence | undefined) => void,
    newId: () => string = randomUUID,
  ) {
    this.#onChange = onChange;
    this.#newId = newId;
  }

  /** One of an earlier run. */
  restore(silence: Silence): void {
    this.#silences.set(silence.id, silence);
  }

  get(id: string): Silence | undefined {
    return this.#silences.get(id);
  }

  all(): IterableIterator<Silence> {
    return this.#silences.values();
  }

  /**
   * A new silence, or a change: in place where matchers stay and times allow it, else the old one ends and
   * the new one gets another id.
   * @returns its id
   * @throws {AppError} ALERTING_INVALID, SILENCE_NOT_FOUND
   */
  set(request: SilenceRequest, nowMs: number): string {
    check(request);
    const { id, ...wanted } = request;
    const old = id === undefined || id === '' ? undefined : this.#silences.get(id);
    if (id !== undefined && id !== '' && old === undefined) throw silenceNotFound(id);
    if (old !== undefined && canUpdate(old, request, nowMs)) {
      return this.#store({ ...wanted, id: old.id, updatedAtMs: nowMs });
    }
    if (this.#silences.size >= maxSilences) {
      throw invalidInput(`invalid silence: there are ${maxSilences} already`);
    }
    if (old !== undefined && silenceState(old, nowMs) !== 'expired') this.expire(old.id, nowMs);
    const startsAtMs = Math.max(wanted.startsAtMs, nowMs);
    return this.#store({ ...wanted, startsAtMs, id: this.#newId(), updatedAtMs: nowMs });
  }

  /** Ends one now. One that is over already stays as it is. @throws {AppError} SILENCE_NOT_FOUND */
  expire(id: string, nowMs: number): void {
    const old = this.#silences.get(id);
    if (old === undefined) throw silenceNotFound(id);
    const state = silenceState(old, nowMs);
    if (state === 'expired') return;
    const startsAtMs = state === 'pending' ? nowMs : old.startsAtMs;
    this.#store({ ...old, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs });
  }

  /** Ids of active silences that match, in order. */
  silencing(labels: LabelSet, nowMs: number): string[] {
    const found: string[] = [];
    for (const silence of this.#silences.values()) {
      if (silenceState(silence, nowMs) !== 'active') continue;
      if (matchesAll(silence.matchers, labels)) found.push(silence.id);
    }
    return found.sort();
  }

  sweep(nowMs: number): void {
    for (const { id, endsAtMs } of this.#silences.values()) {
      if (endsAtMs + keptAfterExpiryMs > nowMs) continue;
      this.#silences.delete(id);
      this.#onChange(id, undefined);
    }
  }

  #store(silence: Silence): string {
    this.#silences.set(silence.id, silence);
    this.#onChange(silence.id, silence);
    return silence.id;
  }
}

function check({ matchers, startsAtMs, endsAtMs }: SilenceRequest): void {
  const bad = (why: string): Error => invalidInput(`invalid silence: ${why}`);
  if (matchers.length === 0) throw bad('at least one matcher required');
  if (matchers.every((matcher) => matcher.matches(''))) {
    throw bad('at least one matcher must not match the empty string');
  }
  if (endsAtMs < startsAtMs) throw bad('end time must not be before start time');
}

function canUpdate(old: Silence, next: SilenceRequest, nowMs: number): boolean {
  if (textOf(old.matchers) !== textOf(next.matchers)) return false;
  switch (silenceState(old, nowMs)) {
    case 'active':
      return (
        Math.floor(next.startsAtMs / 1000) === Math.floor(old.startsAtMs / 1000) &&
        next.endsAtMs >= nowMs
      );
    case 'pending':
      return next.startsAtMs >= nowMs;
    case 'expired':
      return false;
  }
}

const textOf = (matchers: readonly LabelMatcher[]): string =>
  JSON.stringify(matchers.map(({ name, operator, value }) => [name, operator, value]));
