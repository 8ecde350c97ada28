import { formattedValueToString } from '@grafana/data';
import { Minus, Plus, RotateCcw } from 'lucide-react';
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import {
  firstView,
  type GeoPoint,
  type GeoView,
  geoModel,
  maxWorldPx,
} from '../../../../src/dashboards/fields/models/geo-model.ts';
import { useMessages } from '../../i18n/messages.ts';
import { IconButton } from '../../ui/button.tsx';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { Tip } from '../shared/tip.ts';
import { panelWords } from '../words.ts';
import { drawMap, pointAt } from './draw-map.ts';
import css from './geomap.module.css';
import { landPath } from './land.ts';

const zoomStep = 1.6;
const panStepPx = 60;
const maxTipRows = 10;

/** Points on a map of the world that comes with the program: no other server is asked. */
export function Body({ panel, fields, widthPx, heightPx, isDark }: PanelBodyProps): ReactNode {
  const m = useMessages(panelWords);
  const canvas = useRef<HTMLCanvasElement>(null);
  const tip = useRef<Tip>(undefined);
  const [land, setLand] = useState<Path2D>();
  const { points, undrawn } = useMemo(
    () => geoModel(fields.frames, panel.options, fields.theme),
    [fields, panel],
  );
  // What somebody moved to; until then the map shows what its options say.
  const [moved, setMoved] = useState<GeoView>();
  const view = moved ?? firstView(points, panel.options, widthPx, heightPx);
  const size = { widthPx, heightPx };
  useEffect(() => {
    let isGone = false;
    void landPath().then((path) => isGone || setLand(() => path));
    return () => {
      isGone = true;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours of land are those of the theme.
  useEffect(() => {
    if (canvas.current !== null && land !== undefined) {
      drawMap(canvas.current, land, points, view, { widthPx, heightPx });
    }
  }, [land, points, view, widthPx, heightPx, isDark]);
  useEffect(() => () => tip.current?.hide(), []);
  if (points.length === 0) return <Note>{m.noPlaces}</Note>;
  const move = (next: GeoView): void => {
    tip.current?.hide();
    setMoved({ ...next, y: Math.min(1, Math.max(0, next.y)), x: (next.x + 1) % 1 });
  };
  const zoom = (factor: number): void =>
    move({
      ...view,
      worldPx: Math.min(maxWorldPx, Math.max(Math.min(widthPx, heightPx), view.worldPx * factor)),
    });
  const pan = (x: number, y: number): void =>
    move({ ...view, x: view.x + x / view.worldPx, y: view.y + y / view.worldPx });
  const hover = (event: PointerEvent): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top] as const;
    const point = pointAt(points, view, size, ...at);
    if (point === undefined) tip.current?.hide();
    else {
      tip.current ??= new Tip();
      tip.current.show(tipOf(point), event.clientX, event.clientY);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    const action = {
      ArrowLeft: () => pan(-panStepPx, 0),
      ArrowRight: () => pan(panStepPx, 0),
      ArrowUp: () => pan(0, -panStepPx),
      ArrowDown: () => pan(0, panStepPx),
      '+': () => zoom(zoomStep),
      '-': () => zoom(1 / zoomStep),
    }[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  return (
    <div className={css.frame} style={{ width: widthPx, height: heightPx }}>
      <canvas
        ref={canvas}
        className={css.map}
        style={{ width: widthPx, height: heightPx }}
        role="img"
        aria-label={m.chart(panel.title ?? '')}
        tabIndex={0}
        onKeyDown={onKey}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.buttons === 1) pan(-event.movementX, -event.movementY);
          else hover(event);
        }}
        onPointerLeave={() => tip.current?.hide()}
        onDoubleClick={() => zoom(zoomStep)}
      />
      <div className={css.tools}>
        <IconButton icon={Plus} label={m.zoomIn} onClick={() => zoom(zoomStep)} />
        <IconButton icon={Minus} label={m.zoomOut} onClick={() => zoom(1 / zoomStep)} />
        <IconButton
          icon={RotateCcw}
          label={m.firstView}
          disabled={moved === undefined}
          onClick={() => setMoved(undefined)}
        />
      </div>
      {undrawn.length > 0 && <div className={css.note}>{m.undrawnLayers(undrawn.join(', '))}</div>}
    </div>
  );
}

function tipOf({ frame, row, told, layer, color }: GeoPoint): Parameters<Tip['show']>[0] {
  const others = frame.fields.filter((field) => !told.includes(field));
  return {
    head: layer,
    rows: [...told, ...others].slice(0, maxTipRows).map((field) => {
      const value: unknown = field.values[row];
      return {
        name: field.state?.displayName ?? field.name,
        text:
          field.display === undefined
            ? String(value ?? '')
            : formattedValueToString(field.display(value)),
        ...(told.includes(field) ? { color } : {}),
      };
    }),
  };
}
