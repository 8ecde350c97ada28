/** From the answers of a panel to what it shows: transformations, field config, and the models of what is drawn. */

export type { FieldDisplay } from '@grafana/data';
export { calcValues } from './calc-values.ts';
export type { Interpolate, ScopedVars } from './contract.ts';
export { isWhiteOn, mixRgb, type Rgb, readableRgb } from './contrast.ts';
export { isExemplars } from './frames.ts';
export type { LegendItem, LegendValue } from './legend-items.ts';
export { sortItems } from './legend-items.ts';
export { type LegendOptions, legendOptions } from './legend-options.ts';
export { type BarModel, type BarRect, barModel, barRects, roundTicks } from './models/bar-model.ts';
export { type ColorStop, colorStops } from './models/color-stops.ts';
export {
  gaugeRange,
  ringPath,
  shareOf,
  thresholdParts,
} from './models/gauge-arcs.ts';
export { type GridLayout, gridLayout } from './models/grid-layout.ts';
export { heatPalette, heatStep } from './models/heat-colors.ts';
export { type HeatGrid, type HeatRow, heatGrid, isShown } from './models/heat-grid.ts';
export { type HeatOptions, heatOptions } from './models/heat-options.ts';
export { type HeatFormats, heatFormats, heatTicks } from './models/heat-texts.ts';
export { type HistogramModel, histogramModel } from './models/histogram-model.ts';
export { percentText, type Slice, sliceKey, slicesOf } from './models/pie-model.ts';
export { type YScale, yRange, yScales } from './models/scales.ts';
export { legendItems } from './models/series-legend.ts';
export {
  bridged,
  type ChartSeries,
  type Column,
  type SeriesModel,
  seriesModel,
  timeOf,
  type XField,
} from './models/series-model.ts';
export { type SeriesOptions, seriesOptions } from './models/series-options.ts';
export { type Stacked, stacked } from './models/stacks.ts';
export { type StatOptions, statOptions } from './models/stat-options.ts';
export { type StatText, statText } from './models/stat-text.ts';
export { type StateOptions, stateOptions } from './models/state-options.ts';
export { type StateRow, type StateSpan, stateRows } from './models/state-rows.ts';
export {
  cellText,
  columnsOf,
  columnWidths,
  footerOf,
  rowsOf,
  type TableColumn,
} from './models/table-model.ts';
export { type TableOptions, tableOptions } from './models/table-options.ts';
export { binaryUnits, tickText } from './models/tick-text.ts';
export { panelDefaults } from './panel-defaults.ts';
export { type PanelFields, panelFields } from './panel-fields.ts';
export { choiceAt, flagAt, maybeNumberAt, numberAt, objectAt, textAt, textsAt } from './read.ts';
export { readResults, type WireResult } from './read-results.ts';
export { displayText, singleValues } from './single-values.ts';
