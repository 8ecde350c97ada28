import { ChevronLeft } from 'lucide-react';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import {
  type FlameModel,
  flameModel,
  topSymbols,
} from '../../../../src/dashboards/fields/models/flame-model.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import type { PanelBodyProps } from '../body.ts';
import { useFonts } from '../shared/layout.ts';
import { Note } from '../shared/note.tsx';
import { ScrollGroup } from '../shared/scroll-group.tsx';
import { Tip } from '../shared/tip.ts';
import { panelWords } from '../words.ts';
import { drawFlames, type FlameState, nodeAt, rowHeightPx } from './flame-view.ts';
import css from './flamegraph.module.css';

const toolsPx = 34;
/** With less room than this for both, the graph has it alone. */
const minBothPx = 640;
const listShare = 0.36;
const maxSymbols = 300;

/** Where time or memory goes: functions above what they call, as wide as they cost. */
export function Body({ panel, fields, widthPx, heightPx, isDark }: PanelBodyProps): ReactNode {
  const m = useMessages(panelWords);
  const f = useFormat();
  const model = useMemo(() => flameModel(fields.frames), [fields]);
  const [focus, setFocus] = useState<{ readonly of: FlameModel | undefined; readonly at: number }>({
    of: undefined,
    at: -1,
  });
  const [search, setSearch] = useState('');
  const sought = useDeferredValue(search.trim().toLowerCase());
  if (model === undefined || model.nodes.length === 0) return <Note>{m.noFlames}</Note>;
  // The function of another answer is not the one that was clicked.
  const at = focus.of === model ? focus.at : -1;
  const focused = model.nodes[at];
  const listPx = widthPx >= minBothPx ? Math.round(widthPx * listShare) : 0;
  return (
    <div className={css.frame} style={{ width: widthPx, height: heightPx }}>
      <div className={css.tools}>
        <input
          type="search"
          className={css.search}
          aria-label={m.searchFunctions}
          placeholder={m.searchFunctions}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        {focused === undefined ? (
          <span className={css.note}>
            {m.flameTotals(model.text(model.total), f.number(model.nodes.length))}
            {model.leftOut > 0 && ` · ${m.moreSeries(f.number(model.leftOut))}`}
          </span>
        ) : (
          <button
            type="button"
            className={css.back}
            onClick={() => setFocus({ of: model, at: -1 })}
            title={focused.label}
          >
            <ChevronLeft size={14} strokeWidth={1.5} aria-hidden />
            {m.wholeGraph}
            <span className={css.focused}>{focused.label}</span>
          </button>
        )}
      </div>
      <div className={css.parts}>
        {listPx > 0 && (
          <Symbols model={model} widthPx={listPx} search={search} onSearch={setSearch} />
        )}
        <Graph
          label={m.chart(panel.title ?? '')}
          state={{ model, focus: at, search: sought, isDark }}
          widthPx={widthPx - listPx - (listPx > 0 ? 12 : 0)}
          heightPx={heightPx - toolsPx}
          onFocus={(node) => setFocus({ of: model, at: node })}
        />
      </div>
    </div>
  );
}

function Graph({
  label,
  state,
  widthPx,
  heightPx,
  onFocus,
}: {
  readonly label: string;
  readonly state: FlameState;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly onFocus: (node: number) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const f = useFormat();
  const canvas = useRef<HTMLCanvasElement>(null);
  const tip = useRef<Tip>(undefined);
  const { model, focus, search, isDark } = state;
  // A vertical scroll bar takes its room from the graph.
  const innerPx = Math.max(20, model.depth * rowHeightPx > heightPx ? widthPx - 10 : widthPx);
  useFonts();
  // Without a list: the texts of the canvas take the font that is there when it is drawn.
  useEffect(() => {
    if (canvas.current !== null) {
      drawFlames(canvas.current, { model, focus, search, isDark }, innerPx);
    }
  });
  useEffect(() => () => tip.current?.hide(), []);
  const found = (event: { readonly clientX: number; readonly clientY: number }): number => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return -1;
    return nodeAt(state, event.clientX - box.left, event.clientY - box.top, innerPx);
  };
  const hover = (event: { readonly clientX: number; readonly clientY: number }): void => {
    const node = model.nodes[found(event)];
    if (node === undefined) {
      tip.current?.hide();
      return;
    }
    tip.current ??= new Tip();
    const share = (value: number): string =>
      `${model.text(value)} (${f.percent(model.total === 0 ? 0 : value / model.total)})`;
    tip.current.show(
      {
        head: node.label,
        rows: [
          { name: m.total, text: share(node.value) },
          { name: m.self, text: share(node.self) },
        ],
      },
      event.clientX,
      event.clientY,
    );
  };
  return (
    <ScrollGroup className={css.graph} style={{ height: heightPx }} label={label}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        style={{ width: innerPx, height: model.depth * rowHeightPx }}
        onMouseMove={hover}
        onMouseLeave={() => tip.current?.hide()}
        onClick={(event) => {
          const node = found(event);
          if (node >= 0) onFocus(node === focus ? -1 : node);
        }}
      />
    </ScrollGroup>
  );
}

function Symbols({
  model,
  widthPx,
  search,
  onSearch,
}: {
  readonly model: FlameModel;
  readonly widthPx: number;
  readonly search: string;
  readonly onSearch: (search: string) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const all = useMemo(() => topSymbols(model.nodes, maxSymbols), [model]);
  const wanted = search.trim().toLowerCase();
  const symbols = all.filter(({ label }) => label.toLowerCase().includes(wanted));
  return (
    <ScrollGroup className={css.list} style={{ width: widthPx }} label={m.functions}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{m.functions}</th>
            <th scope="col">{m.self}</th>
            <th scope="col">{m.total}</th>
          </tr>
        </thead>
        <tbody>
          {symbols.map(({ label, self, total }) => (
            <tr key={label}>
              <td>
                <button
                  type="button"
                  className={css.symbol}
                  title={label}
                  aria-pressed={search === label}
                  onClick={() => onSearch(search === label ? '' : label)}
                >
                  {label}
                </button>
              </td>
              <td>{model.text(self)}</td>
              <td>{model.text(total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollGroup>
  );
}
