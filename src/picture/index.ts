/** Pictures made on the server: charts and figures as SVG, and PNGs of them. */
export type {
  Mark,
  PictureOptions,
  ReportOptions,
  Series,
  Threshold,
  TimeSeriesOptions,
} from './contract.ts';
export { type Box, svgDocument } from './frame.ts';
export { noteSvg } from './note.ts';
export { shortNumber } from './number-text.ts';
export { renderPng } from './png.ts';
export { reportHeaderPx, reportSvg } from './report.ts';
export { linearScale, niceTicks, type Scale, timeTicks, zoneLabel } from './scale.ts';
export { PictureShelf } from './shelf.ts';
export { element, type Markup, textElement } from './svg.ts';
export { fitText, textWidth } from './text.ts';
export { type Theme, type ThemeName, themes } from './theme.ts';
export { timeSeriesSvg } from './time-series.ts';
