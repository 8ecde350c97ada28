import { hash } from 'node:crypto';
import type { LinesOfKind, Subject } from '../contract.ts';

/** What a workload has written of errors so far, as it is on disk. Times are Unix ms. */
export interface SavedWorkload {
  readonly owner: Subject;
  /** Of its first line. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Short hashes of the kinds that are known, the one seen last at the end. */
  readonly kinds: readonly string[];
  /** Those that were told of and are not over. */
  readonly active: readonly (LinesOfKind & { readonly kind: string })[];
}

export interface KindRules {
  readonly learnMs: number;
  readonly threshold: number;
  readonly withinMs: number;
  readonly quietMs: number;
}

/** What people read of a kind, secrets masked. */
export type NewKind = Pick<LinesOfKind, 'group' | 'pattern' | 'sample' | 'query'>;

/** Remembered of one workload; those seen longest ago are forgotten. */
const maxKinds = 300;
/** Watched at once in one workload: a flood of ever new kinds is one trouble, not hundreds. */
const maxCandidates = 50;
const maxActive = 5;
/** A kind that trickles for so long without an incident is known. */
const trickleMs = 86_400_000;
const maxSampleChars = 1000;
const hashChars = 12;

interface Candidate {
  readonly firstMs: number;
  /** Counted in two windows: the one that runs, and the one before. */
  windowMs: number;
  count: number;
  countBefore: number;
}

/** Errors of one workload: which kinds it is known for, and which are new. */
export class KnownErrors {
  readonly owner: Subject;
  readonly #firstMs: number;
  readonly #kinds: Set<string>;
  readonly #candidates = new Map<string, Candidate>();
  readonly #active = new Map<string, LinesOfKind>();
  lastMs: number;
  /** Differs from what is on disk. */
  isChanged = true;

  constructor(owner: Subject, firstMs: number) {
    this.owner = owner;
    this.#firstMs = firstMs;
    this.lastMs = firstMs;
    this.#kinds = new Set();
  }

  static restored(saved: SavedWorkload): KnownErrors {
    const known = new KnownErrors(saved.owner, saved.firstMs);
    known.lastMs = saved.lastMs;
    for (const kind of saved.kinds) known.#kinds.add(kind);
    for (const { kind, ...lines } of saved.active) known.#active.set(kind, lines);
    known.isChanged = false;
    return known;
  }

  get active(): readonly LinesOfKind[] {
    return [...this.#active.values()];
  }

  saved(): SavedWorkload {
    return {
      owner: this.owner,
      firstMs: this.#firstMs,
      lastMs: this.lastMs,
      kinds: [...this.#kinds],
      active: [...this.#active].map(([kind, lines]) => ({ ...lines, kind })),
    };
  }

  /**
   * Takes a line. @param describe makes what people read of it, once it is news
   * @returns whether there is a new trouble
   */
  take(pattern: string, rules: KindRules, nowMs: number, describe: () => NewKind): boolean {
    this.lastMs = nowMs;
    const kind = hash('sha1', pattern, 'base64url').slice(0, hashChars);
    const active = this.#active.get(kind);
    if (active !== undefined) {
      this.#active.set(kind, { ...active, count: active.count + 1, lastMs: nowMs });
      return false;
    }
    if (this.#kinds.delete(kind)) {
      this.#kinds.add(kind);
      return false;
    }
    if (nowMs - this.#firstMs < rules.learnMs) {
      this.#learn(kind);
      return false;
    }
    const candidate = this.#count(kind, rules, nowMs);
    if (candidate === undefined || timesOf(candidate, rules, nowMs) < rules.threshold) return false;
    if (this.#active.size >= maxActive) return false;
    this.#candidates.delete(kind);
    this.#learn(kind);
    const { sample, pattern: shown, ...place } = describe();
    this.#active.set(kind, {
      ...place,
      pattern: shown.slice(0, maxSampleChars),
      sample: sample.slice(0, maxSampleChars),
      count: candidate.count + candidate.countBefore,
      firstMs: candidate.firstMs,
      lastMs: nowMs,
    });
    return true;
  }

  /** Ends what has been quiet. @returns whether something has ended */
  pass({ quietMs }: KindRules, nowMs: number): boolean {
    let hasEnded = false;
    for (const [kind, { lastMs }] of this.#active) {
      if (nowMs - lastMs < quietMs) continue;
      this.#active.delete(kind);
      this.isChanged = true;
      hasEnded = true;
    }
    for (const [kind, { firstMs }] of this.#candidates) {
      if (nowMs - firstMs < trickleMs) continue;
      this.#candidates.delete(kind);
      this.#learn(kind);
    }
    return hasEnded;
  }

  #learn(kind: string): void {
    this.#kinds.add(kind);
    this.isChanged = true;
    if (this.#kinds.size <= maxKinds) return;
    for (const oldest of this.#kinds) {
      // One that is told of would be new again.
      if (this.#active.has(oldest)) continue;
      this.#kinds.delete(oldest);
      return;
    }
  }

  #count(kind: string, { withinMs }: KindRules, nowMs: number): Candidate | undefined {
    let candidate = this.#candidates.get(kind);
    if (candidate === undefined) {
      if (this.#candidates.size >= maxCandidates) {
        const oldest = this.#candidates.keys().next().value;
        if (oldest !== undefined) this.#candidates.delete(oldest);
      }
      candidate = { firstMs: nowMs, windowMs: nowMs, count: 0, countBefore: 0 };
      this.#candidates.set(kind, candidate);
    }
    const windows = Math.floor((nowMs - candidate.windowMs) / withinMs);
    if (windows > 0) {
      candidate.countBefore = windows === 1 ? candidate.count : 0;
      candidate.count = 0;
      candidate.windowMs += windows * withinMs;
    }
    candidate.count += 1;
    return candidate;
  }
}

/** How often it came within the time before now: of the window before, the share that is in it. */
function timesOf(
  { windowMs, count, countBefore }: Candidate,
  { withinMs }: KindRules,
  nowMs: number,
): number {
  const share = 1 - Math.min(1, (nowMs - windowMs) / withinMs);
  return count + countBefore * share;
}
