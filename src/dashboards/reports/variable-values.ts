import type { DataSources } from '#dashboards/data-sources';
import type { Dashboard } from '#dashboards/model';
import {
  firstOf,
  type Lookup,
  type Option,
  optionOf,
  parseMetricFind,
  placeLookup,
  rangeLookup,
  resolveVariables,
  type VariableSources,
  type VariableStates,
  variablesLookup,
} from '#dashboards/variables';

/** As many values as a variable may have here: a picture is of what is chosen. */
const maxValues = 1000;

export interface ValuesRequest {
  readonly dashboard: Dashboard;
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly wanted: Readonly<Record<string, readonly string[]>>;
}

/** What references of a dashboard stand for: its variables, with the values wanted, and what is built in. */
export async function dashboardValues(
  request: ValuesRequest,
  sources: DataSources,
  signal: AbortSignal,
): Promise<{ readonly lookup: Lookup; readonly states: VariableStates }> {
  const { dashboard, fromMs, toMs, wanted } = request;
  const builtIns = firstOf(
    rangeLookup(request),
    placeLookup({
      user: { login: '', email: '', id: '0' },
      organization: { name: 'Main Org.', id: '1' },
      dashboard: { title: dashboard.title, uid: dashboard.uid ?? '' },
      url: { path: `/d/${dashboard.uid ?? ''}`, search: '' },
    }),
  );
  const states = await resolveVariables({
    variables: dashboard.templating.list,
    wanted: new Map([...savedChoices(dashboard), ...Object.entries(wanted)]),
    fromMs,
    toMs,
    builtIns,
    sources: variableSources(sources, { fromMs, toMs }),
    signal,
  });
  return { states, lookup: firstOf(variablesLookup(states, toMs - fromMs), builtIns) };
}

function variableSources(
  sources: DataSources,
  range: { readonly fromMs: number; readonly toMs: number },
): VariableSources {
  return {
    dataSources: sources.list(),
    query: async ({ query, dataSource, signal }) => {
      const found = sources.resolve({ uid: dataSource?.uid, type: dataSource?.type });
      if (found?.type !== 'prometheus') return [];
      const text = typeof query === 'string' ? query : String(asObject(query)['query'] ?? '');
      return await labelValues(sources, { uid: found.uid, text, ...range }, signal);
    },
  };
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** What a dashboard was saved with: shown even where nothing tells now that it is a choice. */
const savedChoices = ({
  templating,
}: Dashboard): readonly (readonly [string, readonly string[]])[] =>
  templating.list.flatMap(({ name, current }) => {
    const { value } = current ?? {};
    if (value === undefined || value === '') return [];
    return [[name, (Array.isArray(value) ? value : [value]).map(String)] as const];
  });

/** Values of `label_values(selector, label)`: what variables of dashboards are made of. */
async function labelValues(
  sources: DataSources,
  request: {
    readonly uid: string;
    readonly text: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
  signal: AbortSignal,
): Promise<readonly Option[]> {
  const { uid, text, fromMs, toMs } = request;
  const plan = parseMetricFind(text);
  if (plan?.kind !== 'labelValues' || plan.selector === undefined) return [];
  const rangeSeconds = Math.max(1, Math.ceil((toMs - fromMs) / 1000));
  const expr = `group by (${plan.label}) (last_over_time(${plan.selector}[${rangeSeconds}s]))`;
  const query = { refId: 'A', datasource: { uid, type: 'prometheus' }, expr, instant: true };
  const answers = await sources.query({ fromMs, toMs, queries: [query] }, signal);
  const values = (answers.get('A')?.frames ?? []).flatMap(({ fields }) =>
    fields.flatMap(({ labels }) => labels?.[plan.label] ?? []),
  );
  return [...new Set(values)].sort().slice(0, maxValues).map(optionOf);
}
