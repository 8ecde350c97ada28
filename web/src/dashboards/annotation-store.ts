import {
  type AnnotationMark,
  marksFor,
  type SourcedMarks,
} from '../../../src/dashboards/marks/index.ts';
import type { Lookup, VariableStates } from '../../../src/dashboards/variables/index.ts';
import { messagesNow } from '../i18n/messages.ts';
import {
  type AnnotationRequest,
  findAnnotations,
  findOwnMarks,
  type OwnSource,
} from './annotations.ts';
import { Observable } from './observable.ts';
import type { RuntimeInput } from './runtime.ts';
import { runtimeWords } from './words.ts';

export interface FoundMarks {
  readonly sources: readonly SourcedMarks[];
  /** What could not be asked for, in the words of whoever refused. */
  readonly errors: readonly { readonly source: string; readonly message: string }[];
}

const none: FoundMarks = { sources: [], errors: [] };

/** Marks over the range of a dashboard; those of before stay until the new ones are there. */
export class AnnotationStore {
  readonly marks: Observable<FoundMarks> = new Observable<FoundMarks>(none);
  #abort = new AbortController();
  #key = '';

  /** Asks for the marks of a view, unless they are those that were asked for last. */
  load(input: RuntimeInput, states: VariableStates, lookup: Lookup): void {
    const { range, toggledAnnotations, ownMarks } = input;
    const values = [...states.values()].map(({ value }) => value);
    const { list } = input.dashboard.annotations;
    const wanted = [[...toggledAnnotations], [...ownMarks], list];
    const key = JSON.stringify([range.fromMs, range.toMs, wanted, values]);
    if (key === this.#key) return;
    this.cancel();
    this.#key = key;
    this.#abort = new AbortController();
    void this.#load(input, lookup, this.#abort.signal);
  }

  cancel(): void {
    this.#key = '';
    this.#abort.abort(new DOMException('Other annotations are wanted', 'AbortError'));
  }

  /** Those for one panel; the same list while nothing changed would be another object: compare them. */
  marksOf(panelId: number | undefined): readonly AnnotationMark[] {
    return marksFor(this.marks.get().sources, panelId);
  }

  async #load(input: RuntimeInput, lookup: Lookup, signal: AbortSignal): Promise<void> {
    const { dashboard, range, dataSources, toggledAnnotations, ownMarks } = input;
    const { fromMs, toMs } = range;
    const dashboardUid = dashboard.uid ?? '';
    const request: AnnotationRequest = { fromMs, toMs, dashboardUid, lookup, dataSources, signal };
    const wanted = dashboard.annotations.list.filter(
      ({ name, enable }) => (enable === true) !== toggledAnnotations.has(name),
    );
    const labels = messagesNow(runtimeWords);
    const names: Readonly<Record<OwnSource, string>> = {
      events: labels.podEvents,
      changes: labels.changes,
      alerts: labels.alerts,
    };
    const work = [
      ...wanted.map((query) => ({ name: query.name, found: findAnnotations(query, request) })),
      ...[...ownMarks].map((source) => ({
        name: names[source],
        found: findOwnMarks(source, names[source], request),
      })),
    ];
    if (work.length === 0 && this.marks.get().sources.length === 0) return;
    const results = await Promise.allSettled(work.map(({ found }) => found));
    if (signal.aborted) return;
    const sources: SourcedMarks[] = [];
    const errors: FoundMarks['errors'][number][] = [];
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') sources.push(result.value);
      else errors.push({ source: work[index]!.name, message: messageOf(result.reason) });
    }
    this.marks.set({ sources, errors });
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
