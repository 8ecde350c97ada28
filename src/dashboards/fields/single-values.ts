import {
  type FieldDisplay,
  formattedValueToString,
  getFieldDisplayValues,
  type ReduceDataOptions,
} from '@grafana/data';
import type { Panel } from '#dashboards/model';
import { calcId } from './calc-values.ts';
import type { Interpolate } from './contract.ts';
import { withMacros } from './link-macros.ts';
import type { PanelFields } from './panel-fields.ts';
import { flagAt, maybeNumberAt, objectAt, textAt, textsAt } from './read.ts';

/** Which values of an answer a single-value panel shows. */
export function reduceOptions(options: Readonly<Record<string, unknown>>): ReduceDataOptions {
  const reduce = objectAt(options, 'reduceOptions');
  const calcs = textsAt(reduce, 'calcs').map(calcId);
  const limit = maybeNumberAt(reduce, 'limit');
  return {
    values: flagAt(reduce, 'values', false),
    calcs: calcs.length > 0 ? calcs : ['lastNotNull'],
    fields: textAt(reduce, 'fields', ''),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** What values are made of. */
export interface ValuesRequest {
  readonly panel: Panel;
  readonly fields: PanelFields;
  readonly interpolate: Interpolate;
  readonly timeZone: string;
}

/** One for each value to show: with its text, colour, share of its range, links and sparkline. */
export function singleValues(
  props: ValuesRequest,
  wants: { readonly sparkline?: boolean; readonly percentChange?: boolean } = {},
): readonly FieldDisplay[] {
  const { panel, fields, interpolate, timeZone } = props;
  return getFieldDisplayValues({
    data: fields.frames,
    reduceOptions: reduceOptions(panel.options),
    fieldConfig: panel.fieldConfig as never,
    replaceVariables: withMacros(interpolate),
    theme: fields.theme,
    timeZone,
    ...wants,
  });
}

/** What is no number and has no text of its own is a dash: a figure is never blank. */
export function displayText({ display }: FieldDisplay): string {
  const text = formattedValueToString(display);
  return text === '' && Number.isNaN(display.numeric) ? '-' : text;
}
