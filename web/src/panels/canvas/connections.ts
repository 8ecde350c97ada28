import type {
  CanvasConnection,
  CanvasElement,
  Point,
} from '../../../../src/dashboards/fields/models/canvas-model.ts';

/** A line between two elements, in px of the drawing. */
export interface Line extends Pick<CanvasConnection, 'color' | 'widthPx' | 'arrow'> {
  readonly from: Point;
  readonly to: Point;
}

/** From where the elements of a drawing are laid out. One whose other end is not there has no line. */
export function linesOf(drawing: HTMLElement, elements: readonly CanvasElement[]): readonly Line[] {
  if (elements.every(({ connections }) => connections.length === 0)) return [];
  const boxes = new Map<string, DOMRect>();
  const made = [...drawing.querySelectorAll<HTMLElement>('[data-name]')];
  for (const element of made) {
    boxes.set(element.dataset['name'] ?? '', element.getBoundingClientRect());
  }
  const origin = drawing.getBoundingClientRect();
  return elements.flatMap(({ name, connections }) =>
    connections.flatMap((connection) => {
      const [from, to] = [boxes.get(name), boxes.get(connection.target)];
      if (from === undefined || to === undefined) return [];
      return [
        {
          ...connection,
          from: placeOf(from, connection.from, origin),
          to: placeOf(to, connection.to, origin),
        },
      ];
    }),
  );
}

function placeOf(box: DOMRect, at: Point, origin: DOMRect): Point {
  return {
    x: box.left - origin.left + box.width * (0.5 + at.x / 2),
    y: box.top - origin.top + box.height * (0.5 - at.y / 2),
  };
}
