import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { legendOptions, tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { yScales } from '../../../../src/dashboards/fields/models/scales.ts';
import { legendItems, seriesKey } from '../../../../src/dashboards/fields/models/series-legend.ts';
import type { SeriesModel } from '../../../../src/dashboards/fields/models/series-model.ts';
import { textsAt } from '../../../../src/dashboards/fields/read.ts';
import { chartKeys } from '../../charts/chart-point.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { resolveZone, sortableTime } from '../../time/zone.ts';
import type { PanelBodyProps } from '../body.ts';
import { ChartFrame } from '../shared/chart-frame.tsx';
import { Legend } from '../shared/legend.tsx';
import { panelWords } from '../words.ts';
import { exemplarsOf } from './exemplars.ts';
import { valueText } from './hover.ts';
import { plotData } from './plot.ts';
import css from './plot-view.module.css';
import { type PlotState, PlotView } from './plot-view.ts';

/** Series over time, or over another number, with legend, tooltip, crosshair and zoom. */
export function XyChart({
  model,
  paint,
  ...props
}: PanelBodyProps & {
  readonly model: SeriesModel;
  /** Keeps its identity while it draws the same. */
  readonly paint?: (u: uPlot) => void;
}): ReactNode {
  const { panel, fields, data, widthPx, heightPx, fromMs, toMs, timeZone } = props;
  const m = useMessages(panelWords);
  const f = useFormat();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<PlotView>(undefined);
  const callbacks = useRef(props);
  callbacks.current = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const legend = useMemo(() => legendOptions(panel), [panel]);
  const tooltip = useMemo(() => tooltipOptions(panel), [panel]);
  const items = useMemo(
    () => legendItems(model.series, legend.isShown ? legend.calcs : []),
    [model, legend],
  );
  const plot = useMemo(
    () => plotData(model, (one) => hidden.has(seriesKey(model.series, model.series.indexOf(one)))),
    [model, hidden],
  );
  const scales = useMemo(() => yScales(plot.series), [plot]);
  const zones = useMemo(
    () =>
      textsAt(panel.options, 'timezone')
        .filter((zone) => zone !== '')
        .map(resolveZone),
    [panel],
  );
  const exemplars = useMemo(() => exemplarsOf(fields.frames), [fields]);
  const structure = useMemo(
    () =>
      JSON.stringify([
        timeZone,
        zones,
        props.isDark,
        model.isTime,
        plot.baselines.map(({ name }) => name),
        plot.series.map(({ name, color, options, field, scaleKey }) => [
          name,
          color,
          options,
          scaleKey,
          field.config,
        ]),
      ]),
    [plot, model, timeZone, zones, props.isDark],
  );
  const state = useMemo<PlotState>(() => {
    const x = model.xs;
    const dataRange = [x[0] ?? 0, x.at(-1) ?? 1] as const;
    return {
      model,
      plot,
      scales,
      structure,
      theme: fields.theme,
      zones: zones.length > 0 ? zones : [timeZone],
      xRange: model.isTime ? [fromMs / 1000, toMs / 1000] : widened(dataRange),
      annotations: data.annotations,
      exemplars,
      tooltip,
      paint,
      crosshairKey: props.crosshairKey,
      sharesTooltip: props.sharesTooltip === true,
      xText: (value) =>
        model.isTime
          ? sortableTime(timeZone, value * 1000, value % 1 === 0 ? 'second' : 'ms')
          : valueText(model.x?.display, value),
      words: { close: m.unpin, more: (count) => m.moreSeries(f.number(count)) },
      onZoom: (from, to) => {
        if (model.isTime) callbacks.current.onZoom(from * 1000, to * 1000);
      },
      onZoomOut: () => callbacks.current.onZoomOut?.(),
    };
  }, [
    model,
    plot,
    scales,
    structure,
    fields.theme,
    timeZone,
    zones,
    fromMs,
    toMs,
    data.annotations,
    exemplars,
    tooltip,
    paint,
    props.crosshairKey,
    props.sharesTooltip,
    m,
    f,
  ]);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null || element.clientWidth < 2 || element.clientHeight < 2) return;
    if (view.current === undefined) {
      view.current = new PlotView(element, state, element.clientWidth, element.clientHeight);
    } else view.current.update(state);
  }, [state]);
  // The legend takes its part before the plot is measured: the same frame, no jump.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what changes the room of the plot.
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    if (element.clientWidth > 1 && element.clientHeight > 1) {
      view.current?.resize(element.clientWidth, element.clientHeight);
    }
  }, [widthPx, heightPx, legend, items]);
  useEffect(
    () => () => {
      view.current?.close();
      view.current = undefined;
    },
    [],
  );

  const hasLegend = items.length > 0;
  return (
    <ChartFrame
      options={legend}
      widthPx={widthPx}
      heightPx={heightPx}
      items={items}
      legend={
        hasLegend ? (
          <Legend
            options={legend}
            items={items}
            hidden={hidden}
            onHidden={setHidden}
            onHover={(key) =>
              view.current?.mark(model.series.find((_, at) => seriesKey(model.series, at) === key))
            }
          />
        ) : undefined
      }
    >
      <div
        ref={host}
        className={css.host}
        role="img"
        aria-label={m.chart(panel.title ?? '')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows and Enter work on it, see chartKeys.
        tabIndex={0}
        onKeyDown={(event) => chartKeys(event, view.current?.keys)}
      />
    </ChartFrame>
  );
}

function widened([from, to]: readonly [number, number]): readonly [number, number] {
  return from < to ? [from, to] : [from - 1, to + 1];
}
