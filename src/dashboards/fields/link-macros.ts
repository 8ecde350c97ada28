import {
  type DataFrame,
  type DisplayValue,
  type Field,
  FieldType,
  formattedValueToString,
  type ScopedVars as GrafanaScopedVars,
  getFieldDisplayName,
  type InterpolateFunction,
} from '@grafana/data';
import type { Interpolate, ScopedVars } from './contract.ts';

/** Where a text stands: at a field, and there at a row or at a value made of all of them. */
interface DataContext {
  readonly data: readonly DataFrame[];
  readonly frame: DataFrame;
  readonly field: Field;
  readonly rowIndex?: number;
  readonly calculatedValue?: DisplayValue;
}

/** `${__data.fields["Value #A"].text:csv}`: macro, path and format. Also without braces. */
const macro =
  /\$\{__(value|data|field|series)((?:\.[\w$-]+|\["[^"]*"\]|\['[^']*'\]|\[\d+\])+)(?::([^}]+))?\}/g;

const pathStep = /\.([\w$-]+)|\["([^"]*)"\]|\['([^']*)'\]|\[(\d+)\]/g;

/**
 * `replaceVariables` as @grafana/data calls it: puts in what a point or a cell knows (`__value`,
 * `__data`, `__field`, `__series`), the rest goes to `interpolate`. A macro whose context is missing
 * stays as it is written.
 */
export function withMacros(interpolate: Interpolate): InterpolateFunction {
  return (text, scopedVars, format) => {
    if (typeof text !== 'string' || !/[$[]/.test(text)) return text;
    const context = (scopedVars?.__dataContext as { value?: DataContext } | undefined)?.value;
    const scope = withoutContext(scopedVars);
    const defaultFormat = typeof format === 'string' ? format : undefined;
    if (context === undefined) return interpolate(text, scope, defaultFormat);
    let out = '';
    let from = 0;
    for (const match of text.matchAll(macro)) {
      const [whole, kind, path, ownFormat] = match;
      const value = macroValue(kind as string, stepsOf(path as string), context);
      if (value === undefined) continue;
      out += interpolate(text.slice(from, match.index), scope, defaultFormat);
      const suffix = ownFormat === undefined ? '' : `:${ownFormat}`;
      const variable = `\${__macro${suffix}}`;
      out += interpolate(variable, { __macro: { value, text: value } }, defaultFormat);
      from = match.index + whole.length;
    }
    return out + interpolate(text.slice(from), scope, defaultFormat);
  };
}

function withoutContext(scopedVars: GrafanaScopedVars | undefined): ScopedVars | undefined {
  if (scopedVars === undefined) return undefined;
  const { __dataContext: _, ...rest } = scopedVars;
  return rest as ScopedVars;
}

function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(pathStep)].map(
    (step) => step[1] ?? step[2] ?? step[3] ?? (step[4] as string),
  );
}

/** Undefined: the context does not have it. */
function macroValue(kind: string, steps: readonly string[], at: DataContext): unknown {
  const [first = '', ...rest] = steps;
  switch (kind) {
    case 'value':
      return pointValue(first, at);
    case 'series':
      return first === 'name' ? (at.frame.name ?? displayName(at)) : undefined;
    case 'field':
      return fieldValue(first, rest, at);
    default:
      return dataValue(first, rest, at);
  }
}

function pointValue(what: string, at: DataContext): unknown {
  if (what === 'time') {
    const time = at.frame.fields.find((field) => field.type === FieldType.time);
    return at.rowIndex === undefined ? undefined : time?.values[at.rowIndex];
  }
  if (at.rowIndex !== undefined) return cellValue(at.field, at.rowIndex, what);
  const { calculatedValue } = at;
  if (calculatedValue === undefined) return undefined;
  return what === 'text' ? formattedValueToString(calculatedValue) : calculatedValue.numeric;
}

function cellValue(field: Field, rowIndex: number, what: string): unknown {
  const raw: unknown = field.values[rowIndex];
  if (what === 'text') {
    return field.display === undefined
      ? String(raw ?? '')
      : formattedValueToString(field.display(raw));
  }
  if (what === 'numeric') return field.display?.(raw).numeric ?? Number(raw);
  return raw ?? '';
}

function fieldValue(first: string, rest: readonly string[], at: DataContext): unknown {
  const { field } = at;
  if (first === 'name' || first === 'displayName') return displayName(at);
  if (first !== 'labels') return undefined;
  const [label] = rest;
  if (label !== undefined) return field.labels?.[label] ?? '';
  return Object.entries(field.labels ?? {})
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ');
}

function dataValue(first: string, rest: readonly string[], at: DataContext): unknown {
  if (first === 'name') return at.frame.name;
  if (first === 'refId') return at.frame.refId;
  if (first !== 'fields') return undefined;
  const [name, what = 'raw'] = rest;
  const field = name === undefined ? undefined : fieldNamed(name, at);
  if (field === undefined) return undefined;
  // A single stat stands for a series: its other columns are told by the only row.
  const rowIndex = at.rowIndex ?? (at.frame.length === 1 ? 0 : undefined);
  return rowIndex === undefined ? undefined : cellValue(field, rowIndex, what);
}

/** By display name, then by name, then by a label's value, then by place. */
function fieldNamed(name: string, at: DataContext): Field | undefined {
  const { fields } = at.frame;
  return (
    fields.find((field) => getFieldDisplayName(field, at.frame, [...at.data]) === name) ??
    fields.find((field) => field.name === name) ??
    fields.find((field) => Object.values(field.labels ?? {}).includes(name)) ??
    (/^\d+$/.test(name) ? fields[Number(name)] : undefined)
  );
}

function displayName(at: DataContext): string {
  return getFieldDisplayName(at.field, at.frame, [...at.data]);
}
