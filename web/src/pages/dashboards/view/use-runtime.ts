import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { Dashboard } from '../../../../../src/dashboards/model/contract.ts';
import {
  firstOf,
  interpolate,
  readVariables,
  scopedLookup,
  writeVariables,
} from '../../../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../../../api/dashboards.ts';
import type { Session } from '../../../api/session.ts';
import { type OwnSource, ownSources } from '../../../dashboards/annotations.ts';
import { DashboardRuntime, type VariablesView } from '../../../dashboards/runtime.ts';
import type { Interpolate } from '../../../panels/contract.ts';
import { listOf, type Search } from '../../../state/url.ts';
import { useSetView, useView } from '../../../state/view.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';

export interface Runtime {
  readonly runtime: DashboardRuntime;
  readonly variables: VariablesView;
  /** Another function as soon as variables have other values. */
  readonly interpolate: Interpolate;
}

/** Parameters of the link that decide what panels show: a change of another one asks nothing. */
const isOfData = (key: string): boolean =>
  key.startsWith('var-') || key === annotationsParam || key === marksParam;

/** Annotations that are not as the dashboard was saved, by name. */
export const annotationsParam = 'annotation';
/** Marks of the console's own. */
export const marksParam = 'marks';

/** Runs a dashboard by what the link says, and writes what variables came to back into it. */
export function useRuntime(
  dashboard: Dashboard,
  dataSources: readonly DataSource[],
  session: Session,
  isReady: boolean,
): Runtime {
  const view = useView();
  const setView = useSetView();
  const shared = useSharedRange();
  const [runtime] = useState(() => new DashboardRuntime());
  useEffect(() => () => runtime.dispose(), [runtime]);

  const key = JSON.stringify(Object.entries(view).filter(([name]) => isOfData(name)));
  const { range: text, fromMs, toMs, nowMs, zone } = shared;
  useEffect(() => {
    if (!isReady) return;
    const parameters = Object.fromEntries(JSON.parse(key) as [string, string][]) as Search;
    const name = session.principal?.name ?? '';
    runtime.update({
      dashboard,
      dataSources,
      range: { fromMs, toMs, text, nowMs },
      zone,
      wanted: readVariables(parameters),
      place: {
        user: { login: name, email: '', id: name },
        organization: { name: 'Main Org.', id: '1' },
        dashboard: { title: dashboard.title, uid: dashboard.uid ?? '' },
        url: { path: window.location.pathname, search: window.location.search },
      },
      toggledAnnotations: new Set(listOf(parameters[annotationsParam])),
      ownMarks: new Set(
        listOf(parameters[marksParam]).filter((one): one is OwnSource =>
          (ownSources as readonly string[]).includes(one),
        ),
      ),
    });
  }, [runtime, dashboard, dataSources, session, fromMs, toMs, text, nowMs, zone, key, isReady]);

  const variables = useSyncExternalStore(runtime.variables.subscribe, runtime.variables.get);
  useEffect(() => {
    if (!variables.isSettled) return;
    const parameters = writeVariables(variables.states);
    const current = new URLSearchParams(window.location.search);
    const isSame = Object.entries(parameters).every(
      ([name, values]) =>
        JSON.stringify(current.getAll(name)) ===
        JSON.stringify(values.filter((value) => value !== '')),
    );
    if (!isSame) setView(parameters, { replace: true });
  }, [variables, setView]);

  // Panels make their fields anew with another function: only when a value is another.
  const values = JSON.stringify(
    [...variables.states.values()].map(({ variable, value, isAll, options }) => [
      variable.name,
      isAll ? options.map((option) => option.value) : value,
    ]),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the values are what the lookup reads.
  const put = useCallback<Interpolate>(
    (input, scopedVars = {}, format) =>
      interpolate(input, firstOf(scopedLookup(scopedVars), runtime.lookup), format),
    [runtime, values],
  );

  return { runtime, variables, interpolate: put };
}
