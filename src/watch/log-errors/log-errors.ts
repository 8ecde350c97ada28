import { type Clock, describeError, type Logger, type MetricsRegistry, maskSecrets } from '#base';
import type { BatchSection } from '#logs/batch';
import { linePattern } from '#logs/insights';
import type { LogStore } from '#logs/store';
import type { Collection } from '#state';
import { type Subject, subjectKey, type Trouble } from '../contract.ts';
import type { TroublesListener } from '../observer.ts';
import { containerGroup, forEachErrorLine, podOfStream, queryOf } from './error-lines.ts';
import { type KindRules, KnownErrors, type NewKind, type SavedWorkload } from './known-errors.ts';

export interface LogErrorsRules extends KindRules {
  readonly maxWorkloads: number;
}

export interface LogErrorsDeps {
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly saved: Collection<SavedWorkload>;
  /** Whose a pod is; undefined: the cluster that is watched has no such pod. */
  readonly ownerOf: (pod: {
    readonly namespace: string;
    readonly pod: string;
  }) => Subject | undefined;
  readonly hear: TroublesListener;
}

/** Of one second of the program's time at most so much, ms: a flood of logs is looked at in samples. */
const budgetMs = 20;
/** Streams whose workload is known without being asked for. */
const maxStreams = 10_000;
/** One whose pod is not there is asked for again after so long. */
const unknownStreamMs = 60_000;

interface StreamPlace {
  readonly known: KnownErrors | undefined;
  readonly atMs: number;
}

/**
 * Listens to the lines of containers as they are stored, and tells of errors of a kind that the workload
 * has not written before. What is known is on disk; time and memory are bounded.
 */
export class LogErrors implements AsyncDisposable {
  readonly #rules: LogErrorsRules;
  readonly #deps: LogErrorsDeps;
  readonly #workloads = new Map<string, KnownErrors>();
  readonly #streams = new Map<string, StreamPlace>();
  readonly #forgotten = new Set<string>();
  readonly #skipped;
  #end: (() => void) | undefined;
  #secondMs = 0;
  #spentMs = 0;

  private constructor(rules: LogErrorsRules, deps: LogErrorsDeps) {
    this.#rules = rules;
    this.#deps = deps;
    this.#skipped = deps.metrics.counter(
      'nunchi_watch_log_bytes_skipped_total',
      'Bytes of container logs in which no new errors were looked for, as that would have taken too long',
    );
    deps.metrics.collected(
      'nunchi_watch_log_workloads',
      'Workloads whose kinds of errors are known',
      'gauge',
      () => [{ value: this.#workloads.size }],
    );
  }

  static async open(rules: LogErrorsRules, deps: LogErrorsDeps): Promise<LogErrors> {
    const errors = new LogErrors(rules, deps);
    for (const { id, value } of await deps.saved.list()) {
      errors.#workloads.set(id, KnownErrors.restored(value));
    }
    return errors;
  }

  /** Tells again what is not over, and listens from now on. */
  start(): void {
    for (const known of this.#workloads.values()) if (known.active.length > 0) this.#tell(known);
    this.#end ??= this.#deps.logs.onAppend((sections) => this.#take(sections));
  }

  /** Ends what has been quiet, and keeps what has changed. */
  async pass(): Promise<void> {
    const nowMs = this.#deps.clock.nowMs();
    for (const known of this.#workloads.values()) {
      const wasActive = known.active.length > 0;
      if (known.pass(this.#rules, nowMs) || wasActive) this.#tell(known);
    }
    await this.#save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end?.();
    await this.#save();
  }

  async #save(): Promise<void> {
    const { saved } = this.#deps;
    for (const id of [...this.#forgotten]) {
      this.#forgotten.delete(id);
      await saved.delete(id);
    }
    for (const [id, known] of this.#workloads) {
      if (!known.isChanged && known.active.length === 0) continue;
      known.isChanged = false;
      await saved.put(id, known.saved());
    }
  }

  /** Runs while events are acknowledged: quick, and nothing leaves it. */
  #take(sections: readonly BatchSection[]): void {
    try {
      for (const section of sections) {
        if (!containerGroup.test(section.group)) continue;
        if (this.#isSpent()) {
          this.#skipped.add(section.messages.length);
          continue;
        }
        const startMs = this.#deps.clock.monotonicMs();
        this.#takeSection(section);
        this.#spentMs += this.#deps.clock.monotonicMs() - startMs;
      }
    } catch (error) {
      this.#deps.log.debug('Log lines could not be looked at', { reason: describeError(error) });
    }
  }

  #isSpent(): boolean {
    const nowMs = this.#deps.clock.monotonicMs();
    const seconds = Math.floor((nowMs - this.#secondMs) / 1000);
    if (seconds > 0) {
      this.#secondMs += seconds * 1000;
      this.#spentMs = Math.max(0, this.#spentMs - seconds * budgetMs);
    }
    return this.#spentMs >= budgetMs;
  }

  #takeSection(section: BatchSection): void {
    const { clock } = this.#deps;
    const known = this.#workloadOf(section.stream);
    if (known === undefined) return;
    const startMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    let hasNews = false;
    forEachErrorLine(section, ({ text }) => {
      const pattern = linePattern(text);
      const describe = (): NewKind => {
        const masked = maskSecrets(pattern);
        // What must not be shown must not be in a link either.
        const query = queryOf(masked === pattern ? pattern : '', known.owner.namespace);
        return { group: section.group, pattern: masked, sample: maskSecrets(text), query };
      };
      hasNews = known.take(pattern, this.#rules, nowMs, describe) || hasNews;
      return clock.monotonicMs() - startMs < budgetMs;
    });
    if (hasNews) this.#tell(known);
  }

  #workloadOf(stream: string): KnownErrors | undefined {
    const nowMs = this.#deps.clock.monotonicMs();
    const place = this.#streams.get(stream);
    if (place !== undefined && (place.known !== undefined || nowMs - place.atMs < unknownStreamMs))
      return place.known;
    const pod = podOfStream(stream);
    const owner = pod === undefined ? undefined : this.#deps.ownerOf(pod);
    const known = owner === undefined ? undefined : this.#known(owner);
    if (this.#streams.size >= maxStreams) this.#streams.clear();
    this.#streams.set(stream, { known, atMs: nowMs });
    return known;
  }

  #known(owner: Subject): KnownErrors {
    const id = subjectKey(owner);
    const found = this.#workloads.get(id);
    if (found !== undefined) return found;
    if (this.#workloads.size >= this.#rules.maxWorkloads) this.#forget();
    const known = new KnownErrors(owner, this.#deps.clock.nowMs());
    this.#workloads.set(id, known);
    this.#forgotten.delete(id);
    return known;
  }

  /** Those that wrote no error for the longest time, a twentieth of all. */
  #forget(): void {
    const oldest = [...this.#workloads]
      .filter(([, { active }]) => active.length === 0)
      .sort(([, a], [, b]) => a.lastMs - b.lastMs)
      .slice(0, Math.ceil(this.#workloads.size / 20));
    for (const [id] of oldest) {
      this.#workloads.delete(id);
      this.#forgotten.add(id);
    }
    this.#streams.clear();
  }

  #tell(known: KnownErrors): void {
    const { owner } = known;
    const subject = {
      kind: 'Logs',
      namespace: owner.namespace,
      name: `${owner.kind}/${owner.name}`,
    };
    const troubles = known.active.map((lines): Trouble => {
      const minutes = Math.max(1, Math.round((lines.lastMs - lines.firstMs) / 60_000));
      const times = `${lines.count} ${lines.count === 1 ? 'line' : 'lines'} in ${minutes} min`;
      return {
        reason: 'NewErrorPattern',
        severity: 'medium',
        subject,
        owner,
        message: `${times}: ${lines.pattern}\nfor example: ${lines.sample}`,
        sinceMs: lines.firstMs,
        lines,
      };
    });
    this.#deps.hear(subject, troubles);
  }
}
