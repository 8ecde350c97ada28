import {
  type DataFrame,
  type Field,
  formattedValueToString,
  type GrafanaTheme2,
  getFieldDisplayName,
} from '@grafana/data';
import type { Interpolate } from '../contract.ts';
import { choiceAt, maybeNumberAt, numberAt, objectAt, textAt } from '../read.ts';

type Json = Readonly<Record<string, unknown>>;

/** A drawing of more elements than these is cut. */
const maxElements = 500;
const maxConnections = 500;

export type CanvasShape =
  | 'rectangle'
  | 'ellipse'
  | 'triangle'
  | 'parallelogram'
  | 'cloud'
  | 'text'
  | 'icon';

/** One thing at its place. Lengths are CSS: px, shares of the drawing, or sums of both. */
export interface CanvasElement {
  readonly name: string;
  readonly shape: CanvasShape;
  /** As in the document: `server`, `icon`, `button`. */
  readonly kind: string;
  readonly place: {
    readonly left?: string;
    readonly right?: string;
    readonly top?: string;
    readonly bottom?: string;
    readonly width?: string;
    readonly height?: string;
    /** Moves it back by half of itself, where it is placed by its middle. */
    readonly shiftX: boolean;
    readonly shiftY: boolean;
    readonly rotationDeg: number;
  };
  readonly text: string;
  readonly textColor: string | undefined;
  readonly fontPx: number;
  readonly align: 'left' | 'center' | 'right';
  readonly verticalAlign: 'top' | 'middle' | 'bottom';
  readonly background: string | undefined;
  readonly border: { readonly color: string; readonly widthPx: number; readonly radiusPx: number };
  /** Where the value's links lead. */
  readonly field: Field | undefined;
  readonly row: number;
  readonly connections: readonly CanvasConnection[];
}

export interface CanvasConnection {
  /** Name of the other end. */
  readonly target: string;
  /** Of its own half width and height, from the middle: -1 to 1, up is positive. */
  readonly from: Point;
  readonly to: Point;
  readonly color: string | undefined;
  readonly widthPx: number;
  readonly arrow: 'none' | 'forward' | 'reverse' | 'both';
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Context {
  readonly frames: readonly DataFrame[];
  readonly theme: GrafanaTheme2;
  readonly interpolate: Interpolate;
}

/** The elements of a drawing in the order in which they lie over each other, groups taken apart. */
export function canvasModel(options: Json, context: Context): readonly CanvasElement[] {
  return elementsIn(objectAt(options, 'root'))
    .slice(0, maxElements)
    .map((element) => elementOf(element, context));
}

/** Those of a group stand where the group stands. */
function elementsIn(frame: Json, leftPx = 0, topPx = 0): readonly Json[] {
  const list = Array.isArray(frame['elements']) ? frame['elements'] : [];
  return list
    .map((one: unknown) => objectAt(one))
    .flatMap((element) => {
      const placement = objectAt(element, 'placement');
      const left = numberAt(placement, 'left', 0) + leftPx;
      const top = numberAt(placement, 'top', 0) + topPx;
      if (Array.isArray(element['elements'])) return elementsIn(element, left, top);
      return leftPx === 0 && topPx === 0
        ? [element]
        : [{ ...element, placement: { ...placement, left, top } }];
    });
}

function elementOf(element: Json, context: Context): CanvasElement {
  const config = objectAt(element, 'config');
  const kind = textAt(element, 'type', 'rectangle');
  const text = textOf(objectAt(config, 'text'), context);
  const border = objectAt(element, 'border');
  const isText = kind === 'text' || kind === 'metric-value';
  return {
    name: textAt(element, 'name', ''),
    shape: shapeOf(kind),
    kind,
    place: placeOf(objectAt(element, 'placement'), objectAt(element, 'constraint')),
    text: text.text,
    textColor: colorOf(objectAt(config, 'color'), context) ?? undefined,
    fontPx: Math.min(200, Math.max(4, numberAt(config, 'size', 16))),
    align: choiceAt(config, 'align', ['left', 'center', 'right'], isText ? 'left' : 'center'),
    verticalAlign: choiceAt(config, 'valign', ['top', 'middle', 'bottom'], 'middle'),
    background: colorOf(objectAt(objectAt(element, 'background'), 'color'), context),
    border: {
      color: colorOf(objectAt(border, 'color'), context) ?? 'transparent',
      widthPx: Math.max(0, numberAt(border, 'width', 0)),
      radiusPx: Math.max(0, numberAt(border, 'radius', 0)),
    },
    field: text.field,
    row: text.row,
    connections: connectionsOf(element, context),
  };
}

function shapeOf(kind: string): CanvasShape {
  if (kind === 'text' || kind === 'metric-value') return 'text';
  if (['ellipse', 'triangle', 'parallelogram', 'cloud'].includes(kind)) return kind as CanvasShape;
  return ['rectangle', 'button'].includes(kind) ? 'rectangle' : 'icon';
}

/** What an edge is held by says which of the lengths count. */
function placeOf(placement: Json, constraint: Json): CanvasElement['place'] {
  const px = (key: string): string => `${numberAt(placement, key, 0)}px`;
  const share = (key: string): string => `${numberAt(placement, key, 0)}%`;
  const width = maybeNumberAt(placement, 'width') === undefined ? '100px' : px('width');
  const height = maybeNumberAt(placement, 'height') === undefined ? '50px' : px('height');
  const horizontal = choiceAt(
    constraint,
    'horizontal',
    ['left', 'right', 'leftright', 'center', 'scale'],
    'left',
  );
  const vertical = choiceAt(
    constraint,
    'vertical',
    ['top', 'bottom', 'topbottom', 'center', 'scale'],
    'top',
  );
  const across = {
    left: { left: px('left'), width },
    right: { right: px('right'), width },
    leftright: { left: px('left'), right: px('right') },
    center: { left: `calc(50% - ${px('left')})`, width },
    scale: { left: share('left'), right: share('right') },
  }[horizontal];
  const down = {
    top: { top: px('top'), height },
    bottom: { bottom: px('bottom'), height },
    topbottom: { top: px('top'), bottom: px('bottom') },
    center: { top: `calc(50% - ${px('top')})`, height },
    scale: { top: share('top'), bottom: share('bottom') },
  }[vertical];
  return {
    ...across,
    ...down,
    shiftX: horizontal === 'center',
    shiftY: vertical === 'center',
    rotationDeg: numberAt(placement, 'rotation', 0),
  };
}

function textOf(
  text: Json,
  context: Context,
): { readonly text: string; readonly field: Field | undefined; readonly row: number } {
  const name = textAt(text, 'field', '');
  const fixed = context.interpolate(textAt(text, 'fixed', ''));
  if (textAt(text, 'mode', 'field') === 'fixed' || name === '') {
    return { text: fixed, field: undefined, row: -1 };
  }
  const found = lastOf(name, context);
  if (found === undefined) return { text: fixed, field: undefined, row: -1 };
  const { field, row } = found;
  const value: unknown = field.values[row];
  const shown =
    field.display === undefined
      ? String(value ?? '')
      : formattedValueToString(field.display(value));
  return { text: shown, field, row };
}

/** A field by its name, and its last row that has a value. */
function lastOf(
  name: string,
  { frames }: Context,
): { readonly field: Field; readonly row: number } | undefined {
  for (const frame of frames) {
    const field = frame.fields.find(
      (one) => one.name === name || getFieldDisplayName(one, frame, [...frames]) === name,
    );
    if (field === undefined) continue;
    const row = field.values.findLastIndex((value: unknown) => value !== null);
    return { field, row: row < 0 ? 0 : row };
  }
  return undefined;
}

/** Undefined: none, and what is behind it is seen. */
function colorOf(color: Json, context: Context): string | undefined {
  const name = textAt(color, 'field', '');
  if (name !== '') {
    const found = lastOf(name, context);
    const shown = found?.field.display?.(found.field.values[found.row]).color;
    if (shown !== undefined) return shown;
  }
  const fixed = textAt(color, 'fixed', '');
  return fixed === '' || fixed === 'transparent'
    ? undefined
    : context.theme.visualization.getColorByName(fixed);
}

function connectionsOf(element: Json, context: Context): readonly CanvasConnection[] {
  const list = Array.isArray(element['connections']) ? element['connections'] : [];
  return list.slice(0, maxConnections).map((one: unknown): CanvasConnection => {
    const connection = objectAt(one);
    const direction = objectAt(connection, 'direction');
    return {
      target: textAt(connection, 'targetName', textAt(element, 'name', '')),
      from: pointAt(connection, 'source'),
      to: pointAt(connection, 'target'),
      color: colorOf(objectAt(connection, 'color'), context),
      widthPx: Math.min(40, Math.max(0.5, numberAt(objectAt(connection, 'size'), 'fixed', 2))),
      arrow: choiceAt(direction, 'fixed', ['forward', 'reverse', 'both', 'none'], 'forward'),
    };
  });
}

function pointAt(connection: Json, key: string): Point {
  const point = objectAt(connection, key);
  return { x: numberAt(point, 'x', 0), y: numberAt(point, 'y', 0) };
}
