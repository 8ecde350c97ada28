import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import type { LegendItem } from '../../../../src/dashboards/fields/legend-items.ts';
import { legendOptions, tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { stateOptions } from '../../../../src/dashboards/fields/models/state-options.ts';
import {
  type StateRow,
  spanAt,
  stateRows,
} from '../../../../src/dashboards/fields/models/state-rows.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { sortableTime } from '../../time/zone.ts';
import { IconButton } from '../../ui/button.tsx';
import type { PanelBodyProps } from '../body.ts';
import { ChartFrame } from '../shared/chart-frame.tsx';
import { Legend } from '../shared/legend.tsx';
import { Note } from '../shared/note.tsx';
import type { CanvasState, CanvasTip } from '../shared/time-canvas.ts';
import { TimeCanvasView } from '../shared/time-canvas-view.tsx';
import { panelWords } from '../words.ts';
import { drawStates } from './draw-states.ts';
import css from './state-chart.module.css';

/** A legend of more states than these explains nothing. */
const maxStates = 30;

/** States over time: spans (`isSingle` false), or one box for each sample. */
export function StateChart({
  isSingle,
  ...props
}: PanelBodyProps & { readonly isSingle: boolean }): ReactNode {
  const { panel, fields, fromMs, toMs, timeZone, isDark, widthPx, heightPx } = props;
  const m = useMessages(panelWords);
  const f = useFormat();
  const callbacks = useRef(props);
  callbacks.current = props;
  const [page, setPage] = useState(0);
  const options = useMemo(() => stateOptions(panel.options), [panel]);
  const legend = useMemo(() => legendOptions(panel), [panel]);
  const tooltip = useMemo(() => tooltipOptions(panel), [panel]);
  const rows = useMemo(
    () => stateRows(fields.frames, !isSingle && options.merges, toMs, isSingle ? 1 : 0),
    [fields, isSingle, options, toMs],
  );
  const pages = Math.max(1, Math.ceil(rows.length / options.perPage));
  const shownPage = Math.min(page, pages - 1);
  const shown = useMemo(
    () => rows.slice(shownPage * options.perPage, (shownPage + 1) * options.perPage),
    [rows, shownPage, options],
  );
  const items = useMemo(() => stateItems(rows), [rows]);
  const state = useMemo(
    (): CanvasState => ({
      rowCount: shown.length,
      isFromTop: true,
      ticks: shown.map(({ name }, row) => ({ at: row + 0.5, text: name })),
      hasAxis: true,
      axisLabel: '',
      zone: timeZone,
      fromMs,
      toMs,
      isDark,
      draw: (u) => drawStates(u, shown, options, isSingle),
      tipAt: (ms, place) =>
        tooltip.mode === 'none'
          ? undefined
          : stateTip(shown, ms, Math.floor(place), tooltip.mode === 'multi', timeZone, f.duration),
      tipLimits: tooltip,
      crosshairKey: props.crosshairKey,
      closeWords: m.unpin,
      onZoom: (from, to) => callbacks.current.onZoom(from, to),
      onZoomOut: () => callbacks.current.onZoomOut?.(),
    }),
    [shown, options, isSingle, tooltip, timeZone, fromMs, toMs, isDark, props.crosshairKey, m, f],
  );
  if (rows.length === 0) return <Note>{m.noTime}</Note>;
  return (
    <ChartFrame
      options={legend}
      widthPx={widthPx}
      heightPx={heightPx}
      legend={
        items.length === 0 ? undefined : (
          <Legend options={legend} items={items} hidden={none} onHidden={() => {}} />
        )
      }
    >
      <div className={css.frame}>
        <div className={css.plot}>
          <TimeCanvasView label={m.chart(panel.title ?? '')} state={state} />
        </div>
        {pages > 1 && (
          <div className={css.pager}>
            <IconButton
              icon={ChevronLeft}
              label={m.previousPage}
              disabled={shownPage === 0}
              onClick={() => setPage(shownPage - 1)}
            />
            {m.page(f.number(shownPage + 1), f.number(pages))}
            <IconButton
              icon={ChevronRight}
              label={m.nextPage}
              disabled={shownPage >= pages - 1}
              onClick={() => setPage(shownPage + 1)}
            />
          </div>
        )}
      </div>
    </ChartFrame>
  );
}

const none: ReadonlySet<string> = new Set();

/** Each state once, as far as there are few of them. */
function stateItems(rows: readonly StateRow[]): readonly LegendItem[] {
  const found = new Map<string, LegendItem>();
  for (const { spans } of rows) {
    for (const { text, color } of spans) {
      const key = `${text} ${color}`;
      if (!found.has(key)) found.set(key, { key, name: text, color, values: [] });
      if (found.size > maxStates) return [];
    }
  }
  return [...found.values()];
}

function stateTip(
  rows: readonly StateRow[],
  ms: number,
  rowAt: number,
  isMulti: boolean,
  zone: string,
  duration: (ms: number) => string,
): CanvasTip | undefined {
  const own = rows[rowAt];
  const span = own === undefined ? undefined : spanAt(own.spans, ms);
  const told = (isMulti ? rows : rows.slice(rowAt, rowAt + 1)).flatMap((row) => {
    const at = spanAt(row.spans, ms);
    return at === undefined
      ? []
      : [{ name: row.name, text: at.text, color: at.color, isNear: isMulti && row === own }];
  });
  if (told.length === 0) return undefined;
  const head =
    span === undefined
      ? sortableTime(zone, ms, 'second')
      : `${sortableTime(zone, span.fromMs, 'second')} – ${sortableTime(zone, span.toMs, 'second').slice(11)} (${duration(span.toMs - span.fromMs)})`;
  return {
    head,
    rows: told.slice(0, 30),
    links: () =>
      (span === undefined ? [] : (own?.field.getLinks?.({ valueRowIndex: span.at }) ?? [])).map(
        ({ title, href, target }) => ({
          title: title || href,
          href,
          isNewTab: target === '_blank',
        }),
      ),
  };
}
