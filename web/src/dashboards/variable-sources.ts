import {
  frameOptions,
  type Option,
  optionOf,
  parseMetricFind,
  seriesText,
  type VariableQuery,
  type VariableSources,
} from '../../../src/dashboards/variables/index.ts';
import { type DataSource, dashboardsApi } from '../api/dashboards.ts';
import { messagesNow } from '../i18n/messages.ts';
import { findDataSource } from './source-refs.ts';
import { runtimeWords } from './words.ts';

/** As many values as Grafana asks for. */
const maxValues = 40_000;

type Labels = Readonly<Record<string, string>>;

interface InstantAnswer {
  readonly resultType: 'vector' | 'matrix' | 'scalar' | 'string';
  readonly result: unknown;
}

/** Options of variables from the data sources of the server, over a range of time. */
export function variableSources(
  dataSources: readonly DataSource[],
  range: { readonly fromMs: number; readonly toMs: number },
): VariableSources {
  return {
    dataSources,
    query: async ({ query, dataSource, signal }: VariableQuery) => {
      const found = findDataSource(dataSource, dataSources, () => undefined);
      const m = messagesNow(runtimeWords);
      if (found.source === undefined) throw new Error(m.noDataSource(found.missing));
      if (found.source.type !== 'prometheus')
        return await askedOptions(found.source, query, range, signal);
      const text = typeof query === 'string' ? query : textOf(query);
      return await prometheusOptions(found.source.uid, text, range, signal);
    },
  };
}

/** `{query: '…'}`; the rest of the object is a hint for editors. */
function textOf(query: unknown): string {
  const { query: text, expr } = (query ?? {}) as {
    readonly query?: unknown;
    readonly expr?: unknown;
  };
  return String(text ?? expr ?? '');
}

async function prometheusOptions(
  uid: string,
  text: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<readonly Option[]> {
  const plan = parseMetricFind(text);
  if (plan === undefined) return [];
  const window = {
    start: Math.floor(fromMs / 1000),
    end: Math.ceil(toMs / 1000),
    limit: maxValues,
  };
  const values = (label: string, match: readonly string[]): Promise<readonly string[]> =>
    dashboardsApi.prometheus(
      uid,
      `label/${encodeURIComponent(label)}/values`,
      { ...window, 'match[]': match },
      signal,
    );
  switch (plan.kind) {
    case 'labelValues':
      return (await values(plan.label, plan.selector === undefined ? [] : [plan.selector])).map(
        optionOf,
      );
    case 'metrics':
      return (await values('__name__', [`{__name__=~${JSON.stringify(plan.regex)}}`])).map(
        optionOf,
      );
    case 'labelNames': {
      const { regex } = plan;
      const match = regex === undefined ? [] : [`{__name__=~${JSON.stringify(`.*${regex}.*`)}}`];
      const names = await dashboardsApi.prometheus<readonly string[]>(
        uid,
        'labels',
        { ...window, 'match[]': match },
        signal,
      );
      return names.filter((name) => regex === undefined || name !== '__name__').map(optionOf);
    }
    case 'queryResult': {
      const form = { query: plan.expr, time: toMs / 1000 };
      const answer = await dashboardsApi.prometheus<InstantAnswer>(uid, 'query', form, signal);
      return instantTexts(answer).map(optionOf);
    }
    case 'series': {
      const query = { ...window, 'match[]': [plan.selector] };
      const series = await dashboardsApi.prometheus<readonly Labels[]>(
        uid,
        'series',
        query,
        signal,
      );
      return series.map((labels) => optionOf(seriesText(labels)));
    }
  }
}

/** Results of a query as texts for the variable's pattern to take apart. */
function instantTexts({ resultType, result }: InstantAnswer): readonly string[] {
  if (resultType === 'scalar' || resultType === 'string') {
    return [String((result as readonly unknown[])[1])];
  }
  if (resultType !== 'vector') return [];
  const items = result as readonly {
    readonly metric: Labels;
    readonly value?: readonly [number, string];
  }[];
  return items
    .filter((item) => item.value !== undefined)
    .map(({ metric, value }) => {
      const [seconds, text] = value as readonly [number, string];
      return `${seriesText(metric)} ${text} ${Math.round(seconds * 1000)}`;
    });
}

async function askedOptions(
  { uid, type }: DataSource,
  query: unknown,
  range: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<readonly Option[]> {
  const body = typeof query === 'object' && query !== null ? query : { query };
  const asked = { ...body, refId: 'A', datasource: { uid, type } };
  const answer = (await dashboardsApi.query({ ...range, queries: [asked] }, signal))['A'];
  if (answer?.error !== undefined) throw new Error(answer.error);
  return frameOptions(answer?.frames?.[0]);
}
