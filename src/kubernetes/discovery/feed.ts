import type { Clock } from '#base';
import type { TargetGroup } from '#metrics/discovery';

/** Objects change in bursts: what changes within this time goes out together. */
const settleMs = 100;

/**
 * Groups of targets, made anew where their objects changed, and told where that made a difference.
 * A change of one object costs the making of its own group.
 */
export class GroupFeed {
  readonly #build: (key: string) => TargetGroup;
  readonly #emit: (groups: readonly TargetGroup[]) => void;
  readonly #clock: Clock;
  readonly #dirty = new Set<string>();
  /** What was told, without the groups that have no targets. */
  readonly #told = new Map<string, TargetGroup>();
  #wake: (() => void) | undefined;

  constructor(
    build: (key: string) => TargetGroup,
    emit: (groups: readonly TargetGroup[]) => void,
    clock: Clock,
  ) {
    this.#build = build;
    this.#emit = emit;
    this.#clock = clock;
  }

  /** The group of this object is to be made anew. */
  mark(key: string): void {
    this.#dirty.add(key);
    this.#wake?.();
  }

  /** Tells what is marked now, if only that there is nothing; then what changes. */
  async run(signal: AbortSignal): Promise<void> {
    this.#emit(this.#changed());
    const onAbort = (): void => this.#wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        if (this.#dirty.size === 0) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
          continue;
        }
        await this.#clock.sleep(settleMs, signal).catch(() => {});
        if (signal.aborted) return;
        const changed = this.#changed();
        if (changed.length > 0) this.#emit(changed);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #changed(): TargetGroup[] {
    const changed: TargetGroup[] = [];
    for (const key of this.#dirty) {
      const group = this.#build(key);
      const before = this.#told.get(key);
      if (before === undefined ? group.targets.length === 0 : isEqual(before, group)) continue;
      if (group.targets.length === 0) this.#told.delete(key);
      else this.#told.set(key, group);
      changed.push(group);
    }
    this.#dirty.clear();
    return changed;
  }
}

function isEqual(a: TargetGroup, b: TargetGroup): boolean {
  return (
    a.targets.length === b.targets.length &&
    hasEqualLabels(a.labels, b.labels) &&
    a.targets.every((labels, index) => hasEqualLabels(labels, b.targets[index] ?? {}))
  );
}

function hasEqualLabels(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  let count = 0;
  for (const name in a) {
    if (a[name] !== b[name]) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}
