import { type DataSources, toQueryResult } from '#dashboards/data-sources';
import type { Dashboard } from '#dashboards/model';
import {
  firstOf,
  frameOptions,
  type Lookup,
  type Option,
  type OptionFrame,
  optionOf,
  parseMetricFind,
  placeLookup,
  rangeLookup,
  resolveVariables,
  seriesText,
  type VariableSources,
  type VariableStates,
  variablesLookup,
} from '#dashboards/variables';
import { isPlainLabelName } from '#metrics/model';

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
      if (found === undefined) return [];
      const ask = { uid: found.uid, type: found.type, ...range };
      const object = asObject(query);
      if (found.type !== 'prometheus') {
        const body = typeof query === 'string' ? { query } : object;
        return frameOptions((await framesOf(sources, ask, body, signal))[0]);
      }
      const text =
        typeof query === 'string' ? query : String(object['query'] ?? object['expr'] ?? '');
      return await prometheusOptions(sources, ask, text, signal);
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

interface Asked {
  readonly uid: string;
  readonly type: string;
  readonly fromMs: number;
  readonly toMs: number;
}

type Frames = readonly OptionFrameWithLabels[];

interface OptionFrameWithLabels extends OptionFrame {
  readonly schema: {
    readonly fields: readonly {
      readonly name: string;
      readonly type: string;
      readonly labels?: Readonly<Record<string, string>>;
    }[];
  };
}

/** Frames of one query. @throws Error what the data source says is wrong */
async function framesOf(
  sources: DataSources,
  { uid, type, fromMs, toMs }: Asked,
  body: object,
  signal: AbortSignal,
): Promise<Frames> {
  const query = { ...body, refId: 'A', datasource: { uid, type } };
  const answer = (await sources.query({ fromMs, toMs, queries: [query] }, signal)).get('A');
  if (answer === undefined) return [];
  if (answer.error !== undefined) throw new Error(answer.error);
  return toQueryResult(answer, 'A').frames ?? [];
}

/** What a Prometheus would be asked over its paths, asked in PromQL: names of labels cannot be. */
async function prometheusOptions(
  sources: DataSources,
  asked: Asked,
  text: string,
  signal: AbortSignal,
): Promise<readonly Option[]> {
  const plan = parseMetricFind(text);
  if (plan === undefined || plan.kind === 'labelNames') return [];
  const rangeSeconds = Math.max(1, Math.ceil((asked.toMs - asked.fromMs) / 1000));
  const over = (selector: string): string => `last_over_time(${selector}[${rangeSeconds}s])`;
  const groups = (label: string, selector: string): string =>
    `group by (${labelName(label)}) (${over(selector)})`;
  const labelsOf = async (expr: string) =>
    (await framesOf(sources, asked, { expr, instant: true }, signal)).flatMap(({ schema, data }) =>
      schema.fields.flatMap(({ labels, type }, at) =>
        type === 'number' ? [{ labels: labels ?? {}, value: data.values[at]?.[0] }] : [],
      ),
    );
  const valuesOf = async (label: string, selector: string) =>
    (await labelsOf(groups(label, selector))).flatMap(({ labels }) => labels[label] ?? []).sort();
  const found = await (async (): Promise<readonly string[]> => {
    switch (plan.kind) {
      case 'labelValues':
        return await valuesOf(plan.label, plan.selector ?? `{${labelName(plan.label)}!=""}`);
      case 'metrics':
        return await valuesOf('__name__', `{__name__=~${JSON.stringify(plan.regex)}}`);
      case 'series':
        return (await labelsOf(over(plan.selector))).map(({ labels }) => seriesText(labels));
      case 'queryResult':
        return (await labelsOf(plan.expr)).map(
          ({ labels, value }) => `${seriesText(labels)} ${String(value)} ${asked.toMs}`,
        );
      default:
        return plan satisfies never;
    }
  })();
  return [...new Set(found)].slice(0, maxValues).map(optionOf);
}

/** Older servers know no quotes around names. */
const labelName = (label: string): string =>
  isPlainLabelName(label) ? label : JSON.stringify(label);
