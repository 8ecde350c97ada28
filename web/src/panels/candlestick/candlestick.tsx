import type { DataFrame, Field } from '@grafana/data';
import { type ReactNode, useMemo } from 'react';
import type uPlot from 'uplot';
import {
  type CandleFields,
  type CandleOptions,
  candleFields,
  candleOptions,
  candlesOf,
} from '../../../../src/dashboards/fields/models/candle-model.ts';
import {
  type ChartSeries,
  type SeriesModel,
  seriesModel,
} from '../../../../src/dashboards/fields/models/series-model.ts';
import { objectAt } from '../../../../src/dashboards/fields/read.ts';
import type { Panel } from '../../../../src/dashboards/model/contract.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { XyChart } from '../timeseries/xy-chart.tsx';
import { panelWords } from '../words.ts';
import { drawCandles } from './draw-candles.ts';

/** Under candles, the volume has this share of the height. */
const volumeShare = 0.22;

/** Open, high, low and close over time as candles, with a volume below them. */
export function Body(props: PanelBodyProps): ReactNode {
  const { panel, fields } = props;
  const m = useMessages(panelWords);
  const options = useMemo(() => candleOptions(panel.options), [panel]);
  const found = useMemo(() => candleFields(fields.frames, panel.options), [fields, panel]);
  const model = useMemo(
    () => (found === undefined ? undefined : modelOf(found, options, fields.theme)),
    [found, options, fields.theme],
  );
  const paint = useMemo(() => {
    if (found === undefined || model === undefined) return undefined;
    const candles = candlesOf(found, options);
    const color = (name: string): string => fields.theme.visualization.getColorByName(name);
    const colors = {
      up: color(options.colors.up),
      down: color(options.colors.down),
      flat: color(options.colors.flat),
    };
    return (u: uPlot): void => {
      const price = scaleOf(u, model, found.open ?? found.close);
      const volume = scaleOf(u, model, found.volume);
      drawCandles(u, model.xs, candles, {
        isBars: options.style === 'ohlcbars',
        colors,
        priceScale: options.mode === 'volume' ? undefined : price,
        volumeScale: options.mode === 'candles' ? undefined : volume,
      });
    };
  }, [found, model, options, fields.theme]);
  const told = useMemo(() => toldWhole(panel), [panel]);
  if (found === undefined) return <Note>{m.noTime}</Note>;
  if (model === undefined || model.series.length === 0 || paint === undefined) {
    return <Note>{m.noNumbers}</Note>;
  }
  return <XyChart {...props} panel={told} model={model} paint={paint} />;
}

/** The axis of a field; undefined: it is hidden by the legend, or there is none. */
function scaleOf(u: uPlot, model: SeriesModel, field: Field | undefined): string | undefined {
  const series = model.series.find((one) => sourceOf(one) === field?.name);
  const at = u.series.findIndex(({ label }) => series !== undefined && label === series.name);
  return at < 1 ? undefined : u.series[at]?.scale;
}

const sourceOf = (series: ChartSeries): string => series.field.name;

/** Prices on one axis, the volume on one of its own; candles are drawn, not their lines. */
function modelOf(
  found: CandleFields,
  options: CandleOptions,
  theme: Parameters<typeof seriesModel>[1],
): SeriesModel {
  const { frame, volume } = found;
  const prices = [found.open, found.high, found.low, found.close];
  const shown = new Set<Field | undefined>([
    ...(options.mode === 'volume' ? [] : prices),
    ...(options.mode === 'candles' ? [] : [volume]),
    ...(options.showsOthers ? found.others : []),
  ]);
  const kept = frame.fields.filter((field) => field.type === 'time' || shown.has(field));
  const drawn: DataFrame = {
    ...frame,
    fields: kept.map((field) => {
      if (field === volume) return volumeField(field, options.mode === 'volume');
      return prices.includes(field) ? withCustom(field, { ...undrawn }) : field;
    }),
  };
  return seriesModel([drawn], theme);
}

/** Of a candle all parts are told, not the one that lies nearest to the pointer. */
function toldWhole(panel: Panel): Panel {
  const tooltip = objectAt(panel.options, 'tooltip');
  if (tooltip['mode'] === 'none') return panel;
  return { ...panel, options: { ...panel.options, tooltip: { ...tooltip, mode: 'multi' } } };
}

/** Candles have colours of their own: those of a palette would say nothing. */
const undrawn = {
  drawStyle: 'line',
  lineWidth: 0,
  fillOpacity: 0,
  showPoints: 'never',
  stacking: { mode: 'none' },
  hideFrom: { viz: false, legend: true, tooltip: false },
};

function volumeField(field: Field, isAlone: boolean): Field {
  const most = Math.max(0, ...(field.values as (number | null)[]).map((value) => value ?? 0));
  const axis = isAlone ? {} : { axisPlacement: 'hidden' };
  const made = withCustom(field, { ...undrawn, ...axis });
  const max = isAlone ? field.config.max : most / volumeShare || 1;
  return {
    ...made,
    config: { ...made.config, min: 0, ...(max === undefined ? {} : { max }) },
  } as Field;
}

function withCustom(field: Field, custom: Readonly<Record<string, unknown>>): Field {
  return {
    ...field,
    config: {
      ...field.config,
      color: { mode: 'fixed', fixedColor: 'text' },
      custom: { ...field.config.custom, ...custom },
    },
  };
}
