import {
  CloudCog,
  Database,
  Disc,
  HardDrive,
  Plane,
  Server,
  SquareTerminal,
  Wind,
} from 'lucide-react';
import {
  type CSSProperties,
  type ReactNode,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import {
  type CanvasElement,
  canvasModel,
} from '../../../../src/dashboards/fields/models/canvas-model.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { PanelBodyProps } from '../body.ts';
import { textOn } from '../shared/contrast.ts';
import { Note } from '../shared/note.tsx';
import { ScrollGroup } from '../shared/scroll-group.tsx';
import { panelWords } from '../words.ts';
import css from './canvas.module.css';
import { type Line, linesOf } from './connections.ts';

/** Values, words and shapes where an author put them, and lines between them. */
export function Body({ panel, fields, interpolate, widthPx, heightPx }: PanelBodyProps): ReactNode {
  const m = useMessages(panelWords);
  const elements = useMemo(
    () => canvasModel(panel.options, { ...fields, interpolate }),
    [panel, fields, interpolate],
  );
  const host = useRef<HTMLDivElement>(null);
  const [lines, setLines] = useState<readonly Line[]>([]);
  // Where elements are is known once they are laid out; lines follow in the same frame.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the size moves what is held by other edges.
  useLayoutEffect(() => {
    if (host.current !== null) setLines(linesOf(host.current, elements));
  }, [elements, widthPx, heightPx]);
  if (elements.length === 0) return <Note>{m.noElements}</Note>;
  return (
    <ScrollGroup
      className={css.scroll}
      style={{ width: widthPx, height: heightPx }}
      label={panel.title}
    >
      <div ref={host} className={css.drawing}>
        {elements.map((element, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names need not differ.
          <Element key={at} element={element} />
        ))}
        {lines.length > 0 && <Connections panelId={panel.id} lines={lines} />}
      </div>
    </ScrollGroup>
  );
}

const icons: Readonly<Record<string, typeof Server>> = {
  server: Server,
  database: Database,
  drone: Plane,
  droneTop: Plane,
  droneFront: Plane,
  droneSide: Plane,
  windTurbine: Wind,
  terminal: SquareTerminal,
  disk: HardDrive,
  cloud: CloudCog,
};

function Element({ element }: { readonly element: CanvasElement }): ReactNode {
  const { shape, kind, place, border, field, row } = element;
  const { shiftX, shiftY, rotationDeg, ...edges } = place;
  const moves = [
    ...(shiftX || shiftY ? [`translate(${shiftX ? '-50%' : '0'}, ${shiftY ? '-50%' : '0'})`] : []),
    ...(rotationDeg === 0 ? [] : [`rotate(${rotationDeg}deg)`]),
  ];
  const style: CSSProperties = {
    ...edges,
    ...(moves.length > 0 ? { transform: moves.join(' ') } : {}),
    color:
      element.textColor ??
      (element.background === undefined ? undefined : textOn(element.background)),
    fontSize: element.fontPx,
    justifyContent: flexOf[element.align],
    alignItems: flexOf[element.verticalAlign],
    textAlign: element.align,
    background: element.background,
    ...(border.widthPx > 0
      ? { border: `${border.widthPx}px solid ${border.color}`, borderRadius: border.radiusPx }
      : { borderRadius: border.radiusPx || undefined }),
  };
  const link = field?.getLinks?.({ valueRowIndex: row })[0];
  const Icon = shape === 'icon' ? (icons[kind] ?? Disc) : undefined;
  const inside = (
    <>
      {Icon !== undefined && <Icon className={css.icon} strokeWidth={1.25} aria-hidden />}
      {element.text !== '' && <span className={css.text}>{element.text}</span>}
    </>
  );
  const shared = {
    className: css.element,
    style,
    'data-shape': shape,
    'data-name': element.name,
  };
  if (link === undefined) return <div {...shared}>{inside}</div>;
  const target = link.target === '_blank' ? { target: '_blank', rel: 'noreferrer' } : {};
  return (
    <a {...shared} href={link.href} title={link.title} {...target}>
      {inside}
    </a>
  );
}

const flexOf = {
  left: 'flex-start',
  center: 'center',
  right: 'flex-end',
  top: 'flex-start',
  middle: 'center',
  bottom: 'flex-end',
} as const;

function Connections({
  panelId,
  lines,
}: {
  readonly panelId: number;
  readonly lines: readonly Line[];
}): ReactNode {
  const id = `end-${panelId}`;
  return (
    <svg className={css.lines} aria-hidden="true">
      <defs>
        <marker
          id={id}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="5"
          markerHeight="5"
          orient="auto-start-reverse"
        >
          <path d="M0 0L8 4L0 8Z" fill="context-stroke" />
        </marker>
      </defs>
      {lines.map(({ from, to, color, widthPx, arrow }, at) => (
        <line
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are places.
          key={at}
          x1={from.x}
          y1={from.y}
          x2={to.x}
          y2={to.y}
          stroke={color ?? 'var(--text-3)'}
          strokeWidth={widthPx}
          markerStart={arrow === 'reverse' || arrow === 'both' ? `url(#${id})` : undefined}
          markerEnd={arrow === 'forward' || arrow === 'both' ? `url(#${id})` : undefined}
        />
      ))}
    </svg>
  );
}
