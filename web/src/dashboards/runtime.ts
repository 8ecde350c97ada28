import { ownFrame } from '../../../src/dashboards/fields/panel-fields.ts';
import { transformed } from '../../../src/dashboards/fields/transform/transform.ts';
import type { Dashboard, Panel } from '../../../src/dashboards/model/contract.ts';
import {
  allVariablesLookup,
  firstOf,
  interpolate,
  type Lookup,
  type Option,
  type PlaceValues,
  placeLookup,
  type ResolveRequest,
  rangeLookup,
  resolveVariables,
  type SourceFilters,
  scopedLookup,
  sourceFilters,
  type VariableStates,
  variablesLookup,
  type WantedValues,
} from '../../../src/dashboards/variables/index.ts';
import { type DataSource, dashboardsApi } from '../api/dashboards.ts';
import { messagesNow } from '../i18n/messages.ts';
import type { AnnotationMark, Interpolate, ScopedVars } from '../panels/contract.ts';
import type { ResolvedRange, TimeRange } from '../time/range.ts';
import { AnnotationStore } from './annotation-store.ts';
import type { OwnSource } from './annotations.ts';
import { readResults } from './frames.ts';
import { Observable } from './observable.ts';
import { type Answer, PanelQueries } from './panel-queries.ts';
import { type PanelRequest, panelRequest, type RequestContext } from './panel-request.ts';
import { RequestQueue } from './request-queue.ts';
import { sharedPanel, sharesInCircle } from './shared-panels.ts';
import { findDataSource } from './source-refs.ts';
import { variableSources } from './variable-sources.ts';
import { runtimeWords } from './words.ts';

/** All that a view of a dashboard is made of. */
export interface RuntimeInput {
  readonly dashboard: Dashboard;
  readonly dataSources: readonly DataSource[];
  readonly range: ResolvedRange & { readonly text: TimeRange; readonly nowMs: number };
  /** IANA name. */
  readonly zone: string;
  /** Of the link. */
  readonly wanted: WantedValues;
  readonly place: PlaceValues;
  /** Annotations that are not as the dashboard was saved, by name. */
  readonly toggledAnnotations: ReadonlySet<string>;
  readonly ownMarks: ReadonlySet<OwnSource>;
}

/** Variables with whether they are settled: panels wait for that. */
export interface VariablesView {
  readonly states: VariableStates;
  readonly isSettled: boolean;
}

interface Settled {
  readonly input: RuntimeInput;
  readonly states: VariableStates;
  readonly lookup: Lookup;
}

/** Panels on their way at once; the browser has two more for all else. */
const maxRunning = 4;

/**
 * What makes a dashboard live: variables first, then the panels that are in or near sight, each as
 * its own request. A change asks again only for what it concerns; what is no longer wanted is called
 * off. React reads it through the observables.
 */
export class DashboardRuntime {
  readonly variables: Observable<VariablesView> = new Observable<VariablesView>({
    states: new Map(),
    isSettled: false,
  });
  readonly annotations: AnnotationStore = new AnnotationStore();
  readonly #queue = new RequestQueue(maxRunning);
  readonly #panels = new Map<string, PanelQueries>();
  #settled: Settled | undefined;
  #resolved: { readonly states: VariableStates; readonly wanted: WantedValues } | undefined;
  #abort = new AbortController();
  #input: RuntimeInput | undefined;
  /** Whose variables are on their way. */
  #resolving: RuntimeInput | undefined;
  /** The same view at a later time: its turn comes when the one before is settled. */
  #later: RuntimeInput | undefined;
  #order = 0;

  constructor() {
    this.annotations.marks.subscribe(() => {
      for (const panel of this.#panels.values()) {
        panel.setAnnotations(this.#marksOf(panel));
      }
    });
  }

  /** The view changed: another range, other values, the same at a later time. */
  update(input: RuntimeInput): void {
    if (this.#resolving !== undefined && isOnlyLater(this.#resolving, input)) {
      this.#later = input;
      return;
    }
    this.#later = undefined;
    if (this.#input?.dashboard.templating !== input.dashboard.templating)
      this.#resolved = undefined;
    this.#input = input;
    this.#abort.abort(new DOMException('The view changed', 'AbortError'));
    this.#abort = new AbortController();
    void this.#resolve(input, this.#abort.signal);
  }

  async #resolve(input: RuntimeInput, signal: AbortSignal): Promise<void> {
    const request = this.#resolveRequest(input, signal);
    this.#resolving = input;
    try {
      const states = await resolveVariables(request);
      this.#resolved = { states, wanted: input.wanted };
      const lookup = firstOf(
        variablesLookup(states, request.toMs - request.fromMs),
        request.builtIns,
        allVariablesLookup(states),
      );
      this.#settled = { input, states, lookup };
    } catch (error) {
      if (signal.aborted) return;
      this.#resolving = undefined;
      throw error;
    }
    this.#resolving = undefined;
    this.variables.set({ states: this.#settled.states, isSettled: true });
    const { states, lookup } = this.#settled;
    this.annotations.load(this.#settled.input, states, lookup);
    for (const panel of this.#panels.values()) this.#ask(panel);
    const later = this.#later;
    if (later !== undefined) this.update(later);
  }

  #resolveRequest(input: RuntimeInput, signal: AbortSignal): ResolveRequest {
    const { dashboard, range, zone, place, wanted } = input;
    const { fromMs, toMs, text } = range;
    return {
      variables: dashboard.templating.list,
      wanted,
      previous: this.#resolved,
      fromMs,
      toMs,
      builtIns: firstOf(rangeLookup({ fromMs, toMs, zone, ...text }), placeLookup(place)),
      sources: variableSources(input.dataSources, range),
      signal,
    };
  }

  /** Options of one variable for what is typed into its list. @throws the signal's reason */
  async search(name: string, text: string, signal: AbortSignal): Promise<readonly Option[]> {
    const { input } = this.#settled ?? {};
    if (input === undefined) return [];
    const states = await resolveVariables({
      ...this.#resolveRequest(input, signal),
      search: { name, text },
    });
    return states.get(name)?.options ?? [];
  }

  /** Variables and built-ins; before they are settled nothing is known. */
  readonly lookup: Lookup = (reference) => this.#settled?.lookup(reference);

  /** The queries of a panel of the layout, the same object as long as the key is. */
  panel(key: string): PanelQueries {
    const known = this.#panels.get(key);
    if (known !== undefined) return known;
    const panel = new PanelQueries(this.#order++, (request, signal) =>
      askServer(key, request, signal),
    );
    this.#panels.set(key, panel);
    return panel;
  }

  /** A panel came into sight, or changed, or went out of it. */
  show(
    key: string,
    shown: { panel: Panel; scopedVars: ScopedVars; widthPx: number } | undefined,
  ): void {
    const queries = this.panel(key);
    queries.shown = shown;
    if (shown !== undefined) this.#ask(queries);
  }

  /** A panel is not part of the layout any more. */
  drop(key: string): void {
    this.#panels.get(key)?.cancel();
    this.#panels.delete(key);
  }

  /** Asks for a panel again, whether or not anything changed. */
  reload(key: string): void {
    const panel = this.panel(key);
    panel.forget();
    this.#ask(panel);
  }

  dispose(): void {
    this.#abort.abort(new DOMException('The page was left', 'AbortError'));
    this.annotations.cancel();
    for (const panel of this.#panels.values()) panel.cancel();
  }

  #ask(panel: PanelQueries): void {
    const { shown } = panel;
    if (this.#settled === undefined || shown === undefined) return;
    const request = panelRequest(
      shown.panel,
      shown.scopedVars,
      shown.widthPx,
      this.#contextOf(this.#settled),
    );
    if (request.sharedPanelId === undefined) {
      panel.setAnnotations(this.#marksOf(panel));
      panel.ask(request, this.#queue);
      return;
    }
    const { dashboard } = this.#settled.input;
    const { sharedPanelId: id, sharesTransforms } = request;
    const shared = sharesInCircle(dashboard, shown.panel) ? undefined : sharedPanel(dashboard, id);
    if (shared === undefined) {
      const message = messagesNow(runtimeWords).noSharedPanel(String(id));
      panel.follow(undefined, { ...request, errors: [{ refId: 'A', message }] });
    } else {
      const put: Interpolate = (text, scopedVars = {}) =>
        interpolate(
          text,
          firstOf(scopedLookup({ ...shown.scopedVars, ...scopedVars }), this.lookup),
        );
      const steps = sharesTransforms === true ? (shared.transformations ?? []) : [];
      panel.follow(this.#sourceOf(shared), request, (frames) =>
        steps.length === 0 ? frames : transformed(steps, frames.map(ownFrame), put).frames,
      );
    }
    panel.setAnnotations(this.#marksOf(panel));
  }

  /** The panel that others show the data of; it asks even while it is out of sight. */
  #sourceOf(source: Panel): PanelQueries {
    const key = `panel-${source.id}`;
    const queries = this.panel(key);
    if (queries.shown === undefined) {
      this.show(key, { panel: source, scopedVars: {}, widthPx: 0 });
    }
    return queries;
  }

  #contextOf({ input, states, lookup }: Settled): RequestContext {
    return {
      range: input.range,
      zone: input.zone,
      lookup,
      dataSources: input.dataSources,
      noDataSource: messagesNow(runtimeWords).noDataSource,
      filtersOf: (uid) => filtersFor(uid, states, input.dataSources, lookup).filters,
      groupingOf: (uid) => filtersFor(uid, states, input.dataSources, lookup).grouping,
    };
  }

  #marksOf(panel: PanelQueries): readonly AnnotationMark[] {
    return this.annotations.marksOf(panel.shown?.panel.id);
  }
}

const askServer = async (
  key: string,
  request: PanelRequest,
  signal: AbortSignal,
): Promise<Answer> => {
  const raw = await dashboardsApi.query({ ...request, panelKey: key }, signal);
  return {
    raw,
    ...readResults(
      request.queries.map(({ refId }) => refId),
      raw,
    ),
  };
};

/** Whether only the clock has moved: what is on its way is still worth having. */
function isOnlyLater(before: RuntimeInput, after: RuntimeInput): boolean {
  const key = ({ zone, range, wanted, toggledAnnotations, ownMarks }: RuntimeInput): string =>
    JSON.stringify([zone, range.text, [...wanted], [...toggledAnnotations], [...ownMarks]]);
  return (
    before.dashboard === after.dashboard &&
    before.dataSources === after.dataSources &&
    key(before) === key(after)
  );
}

/** Of a data source, by its uid. */
function filtersFor(
  uid: string,
  states: VariableStates,
  dataSources: readonly DataSource[],
  lookup: Lookup,
): SourceFilters {
  return sourceFilters(
    states,
    (ref) => findDataSource(ref, dataSources, lookup).source?.uid === uid,
  );
}
