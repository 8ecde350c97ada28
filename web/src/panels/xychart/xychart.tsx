import { type ReactNode, useMemo, useRef, useState } from 'react';
import 'uplot/dist/uPlot.min.css';
import { legendOptions, tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { yScales } from '../../../../src/dashboards/fields/models/scales.ts';
import { legendItems, seriesKey } from '../../../../src/dashboards/fields/models/series-legend.ts';
import { xyModel } from '../../../../src/dashboards/fields/models/xy-model.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { PanelBodyProps } from '../body.ts';
import { ChartFrame } from '../shared/chart-frame.tsx';
import { Legend } from '../shared/legend.tsx';
import { Note } from '../shared/note.tsx';
import { usePlot } from '../shared/use-plot.ts';
import { panelWords } from '../words.ts';
import css from './xy-plot.module.css';
import { XyPlot, type XyState } from './xy-plot.ts';

/** One field over another: where points lie, how large they are and which colour they have. */
export function Body(props: PanelBodyProps): ReactNode {
  const { panel, fields, widthPx, heightPx, timeZone, isDark } = props;
  const m = useMessages(panelWords);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const callbacks = useRef(props);
  callbacks.current = props;
  const series = useMemo(
    () => xyModel(fields.frames, panel.options, fields.theme),
    [fields, panel],
  );
  const legend = useMemo(() => legendOptions(panel), [panel]);
  const items = useMemo(
    () => legendItems(series, legend.isShown ? legend.calcs : []),
    [series, legend],
  );
  const state = useMemo<XyState>(() => {
    const shown = series.filter(
      (one, at) => !one.options.hiddenFrom.viz && !hidden.has(seriesKey(series, at)),
    );
    return {
      series: shown,
      scales: yScales(shown),
      theme: fields.theme,
      isDark,
      zone: timeZone,
      tooltip: tooltipOptions(panel),
      closeWords: m.unpin,
      onZoom: (fromMs, toMs) => callbacks.current.onZoom(fromMs, toMs),
      onZoomOut: () => callbacks.current.onZoomOut?.(),
    };
  }, [series, hidden, fields.theme, isDark, timeZone, panel, m.unpin]);
  if (series.length === 0) return <Note>{m.noNumbers}</Note>;
  return (
    <ChartFrame
      options={legend}
      widthPx={widthPx}
      heightPx={heightPx}
      items={items}
      legend={
        items.length > 0 ? (
          <Legend options={legend} items={items} hidden={hidden} onHidden={setHidden} />
        ) : undefined
      }
    >
      <Plot label={m.chart(panel.title ?? '')} state={state} />
    </ChartFrame>
  );
}

function Plot({ label, state }: { readonly label: string; readonly state: XyState }): ReactNode {
  const host = usePlot((...args) => new XyPlot(...args), state);
  return <div ref={host} className={css.host} role="img" aria-label={label} />;
}
