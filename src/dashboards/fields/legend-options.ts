import type { Panel } from '#dashboards/model';
import { choiceAt, flagAt, maybeNumberAt, numberAt, objectAt, textAt, textsAt } from './read.ts';

export interface LegendOptions {
  readonly isShown: boolean;
  readonly isTable: boolean;
  readonly placement: 'bottom' | 'right';
  /** Ids of reducers. */
  readonly calcs: readonly string[];
  /** Title of the column, such as `Max`. */
  readonly sortBy: string;
  readonly sortDesc: boolean;
  /** Beside the chart: px, or a share such as `40%`. */
  readonly width: number | string | undefined;
  readonly maxItems: number;
}

/** More lines than anybody reads; the chart has the others still. */
const maxItems = 1000;

export function legendOptions(panel: Panel): LegendOptions {
  const legend = objectAt(panel.options, 'legend');
  const mode = choiceAt(legend, 'displayMode', ['list', 'table', 'hidden'], 'list');
  return {
    isShown: flagAt(legend, 'showLegend', true) && mode !== 'hidden',
    isTable: mode === 'table' || flagAt(legend, 'asTable', false),
    placement: choiceAt(
      legend,
      'placement',
      ['bottom', 'right'],
      panel.type === 'piechart' ? 'right' : 'bottom',
    ),
    calcs: textsAt(legend, 'calcs'),
    sortBy: textAt(legend, 'sortBy', ''),
    sortDesc: flagAt(legend, 'sortDesc', false),
    width: lengthOf(legend['width']),
    maxItems: Math.min(maxItems, numberAt(legend, 'limit', maxItems)),
  };
}

function lengthOf(width: unknown): number | string | undefined {
  if (typeof width === 'string' && /^\d+(\.\d+)?%$/.test(width)) return width;
  return maybeNumberAt({ width }, 'width');
}

export interface TooltipOptions {
  readonly mode: 'single' | 'multi' | 'none';
  readonly sort: 'none' | 'asc' | 'desc';
  readonly hidesZeros: boolean;
  readonly maxWidthPx: number | undefined;
  readonly maxHeightPx: number | undefined;
}

export function tooltipOptions(panel: Panel): TooltipOptions {
  const tooltip = objectAt(panel.options, 'tooltip');
  return {
    mode: choiceAt(tooltip, 'mode', ['single', 'multi', 'none'], 'single'),
    sort: choiceAt(tooltip, 'sort', ['none', 'asc', 'desc'], 'none'),
    hidesZeros: flagAt(tooltip, 'hideZeros', false),
    maxWidthPx: maybeNumberAt(tooltip, 'maxWidth'),
    maxHeightPx: maybeNumberAt(tooltip, 'maxHeight'),
  };
}
