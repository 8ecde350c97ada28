import { parseMetricFind } from '../../../../src/dashboards/variables/index.ts';

export const queryKinds = [
  'labelValues',
  'labelNames',
  'metrics',
  'queryResult',
  'series',
] as const;
export type QueryKind = (typeof queryKinds)[number];

/** What a variable asks a Prometheus, as a form has it. */
export interface QueryParts {
  readonly kind: QueryKind;
  /** `labelValues`: whose values. */
  readonly label: string;
  /** A selector, a pattern or an expression, by kind. */
  readonly text: string;
}

/** Variables may still be in it. */
export function partsOfQuery(query: string): QueryParts {
  const found = parseMetricFind(query);
  switch (found?.kind) {
    case undefined:
      return { kind: emptyKindOf(query), label: '', text: '' };
    case 'labelValues':
      return { kind: found.kind, label: found.label, text: found.selector ?? '' };
    case 'labelNames':
    case 'metrics':
      return { kind: found.kind, label: '', text: found.regex ?? '' };
    case 'queryResult':
      return { kind: found.kind, label: '', text: found.expr };
    case 'series':
      // A call that is not finished yet: nothing of it is lost.
      return /^label_values\(\s*\)$/.test(query.trim())
        ? { kind: 'labelValues', label: '', text: '' }
        : { kind: found.kind, label: '', text: found.selector };
  }
}

const emptyKindOf = (query: string): QueryKind =>
  query.trim().startsWith('query_result') ? 'queryResult' : 'labelValues';

export function queryOfParts({ kind, label, text }: QueryParts): string {
  switch (kind) {
    case 'labelValues':
      return text === '' ? `label_values(${label})` : `label_values(${text}, ${label})`;
    case 'labelNames':
      return `label_names(${text})`;
    case 'metrics':
      return `metrics(${text})`;
    case 'queryResult':
      return `query_result(${text})`;
    case 'series':
      return text;
  }
}
