import type { Field } from '@grafana/data';
import { choiceAt, flagAt, maybeNumberAt, numberAt, objectAt, textAt } from '../read.ts';

/** How one series is drawn: the `custom` part of its field's config, with defaults. */
export interface SeriesOptions {
  readonly drawStyle: 'line' | 'bars' | 'points';
  readonly lineInterpolation: 'linear' | 'smooth' | 'stepBefore' | 'stepAfter';
  readonly lineWidth: number;
  /** 0 to 100. */
  readonly fillOpacity: number;
  readonly gradientMode: 'none' | 'opacity' | 'hue' | 'scheme';
  /** Lengths of dashes and gaps in px; empty: solid. */
  readonly dash: readonly number[];
  readonly isDotted: boolean;
  /** True: any gap is bridged; a number: those of up to so many ms. */
  readonly spanNulls: boolean | number;
  /** Values are written beside their points and bars. */
  readonly showsValues: boolean;
  readonly showPoints: 'auto' | 'always' | 'never';
  readonly pointSizePx: number;
  readonly stacking: 'none' | 'normal' | 'percent';
  readonly stackGroup: string;
  readonly barAlignment: -1 | 0 | 1;
  readonly barWidthFactor: number;
  readonly barMaxWidthPx: number;
  readonly axisPlacement: 'auto' | 'left' | 'right' | 'hidden';
  readonly axisLabel: string;
  readonly isAxisColored: boolean;
  readonly axisWidthPx: number | undefined;
  readonly axisSoftMin: number | undefined;
  readonly axisSoftMax: number | undefined;
  readonly hasGrid: boolean;
  readonly hasAxisBorder: boolean;
  readonly isZeroCentered: boolean;
  readonly scale: 'linear' | 'log' | 'symlog';
  readonly logBase: 2 | 10;
  readonly linearThreshold: number;
  readonly thresholdsStyle:
    | 'off'
    | 'line'
    | 'dashed'
    | 'area'
    | 'line+area'
    | 'dashed+area'
    | 'series';
  readonly transform: 'none' | 'negative-Y' | 'constant';
  readonly fillBelowTo: string;
  readonly hiddenFrom: {
    readonly viz: boolean;
    readonly legend: boolean;
    readonly tooltip: boolean;
  };
}

export function seriesOptions(field: Field): SeriesOptions {
  const custom = objectAt(field.config.custom);
  const lineStyle = objectAt(custom, 'lineStyle');
  const stacking = objectAt(custom, 'stacking');
  const scale = objectAt(custom, 'scaleDistribution');
  const hideFrom = objectAt(custom, 'hideFrom');
  const spanNulls = custom['spanNulls'];
  const alignment = numberAt(custom, 'barAlignment', 0);
  const fill = choiceAt(lineStyle, 'fill', ['solid', 'dash', 'dot', 'square'], 'solid');
  return {
    drawStyle: choiceAt(custom, 'drawStyle', ['line', 'bars', 'points'], 'line'),
    lineInterpolation: choiceAt(
      custom,
      'lineInterpolation',
      ['linear', 'smooth', 'stepBefore', 'stepAfter'],
      'linear',
    ),
    lineWidth: numberAt(custom, 'lineWidth', 1),
    fillOpacity: numberAt(custom, 'fillOpacity', 0),
    gradientMode: choiceAt(custom, 'gradientMode', ['none', 'opacity', 'hue', 'scheme'], 'none'),
    dash: fill === 'solid' ? [] : dashOf(lineStyle['dash'], fill === 'dot'),
    isDotted: fill === 'dot',
    spanNulls: typeof spanNulls === 'boolean' || typeof spanNulls === 'number' ? spanNulls : false,
    showsValues: flagAt(custom, 'showValues', false),
    showPoints: choiceAt(custom, 'showPoints', ['auto', 'always', 'never'], 'auto'),
    pointSizePx: numberAt(custom, 'pointSize', 5),
    stacking: choiceAt(stacking, 'mode', ['none', 'normal', 'percent'], 'none'),
    // Exports write `false` here for no group at all, which is one group as well.
    // `false` is how dashboards take a series out of the others' stack: a group of its own.
    stackGroup: stacking['group'] === false ? 'false' : textAt(stacking, 'group', 'A'),
    barAlignment: alignment < 0 ? -1 : alignment > 0 ? 1 : 0,
    barWidthFactor: numberAt(custom, 'barWidthFactor', 0.6),
    barMaxWidthPx: numberAt(custom, 'barMaxWidth', 200),
    axisPlacement: choiceAt(custom, 'axisPlacement', ['auto', 'left', 'right', 'hidden'], 'auto'),
    axisLabel: textAt(custom, 'axisLabel', ''),
    isAxisColored: custom['axisColorMode'] === 'series',
    axisWidthPx: maybeNumberAt(custom, 'axisWidth'),
    axisSoftMin: maybeNumberAt(custom, 'axisSoftMin'),
    axisSoftMax: maybeNumberAt(custom, 'axisSoftMax'),
    hasGrid: flagAt(custom, 'axisGridShow', true),
    hasAxisBorder: flagAt(custom, 'axisBorderShow', false),
    isZeroCentered: flagAt(custom, 'axisCenteredZero', false),
    scale: choiceAt(scale, 'type', ['linear', 'log', 'symlog'], 'linear'),
    logBase: numberAt(scale, 'log', 2) === 10 ? 10 : 2,
    linearThreshold: numberAt(scale, 'linearThreshold', 1),
    thresholdsStyle: choiceAt(
      objectAt(custom, 'thresholdsStyle'),
      'mode',
      ['off', 'line', 'dashed', 'area', 'line+area', 'dashed+area', 'series'],
      'off',
    ),
    transform: choiceAt(custom, 'transform', ['none', 'negative-Y', 'constant'], 'none'),
    fillBelowTo: textAt(custom, 'fillBelowTo', ''),
    hiddenFrom: {
      viz: flagAt(hideFrom, 'viz', false) || flagAt(hideFrom, 'graph', false),
      legend: flagAt(hideFrom, 'legend', false),
      tooltip: flagAt(hideFrom, 'tooltip', false),
    },
  };
}

function dashOf(dash: unknown, isDotted: boolean): readonly number[] {
  const lengths = Array.isArray(dash) ? dash.map(Number).filter((one) => one >= 0) : [];
  if (lengths.length > 0) return lengths;
  return isDotted ? [0, 10] : [10, 10];
}
