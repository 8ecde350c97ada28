import type { ClusterMap, MapNode, MapPod } from '../../../api/kubernetes.ts';
import { faded, token } from '../../../charts/colors.ts';
import { shortNodeName } from '../lists/node-name.ts';
import { headPx, type MapLayout, padPx, tileAt } from './map-layout.ts';

export type MapColor = 'state' | 'cpu' | 'memory';

/** Steps of the ramp: colours are made once for each, not for each tile. */
const rampSteps = 24;

interface Palette {
  readonly state: Readonly<Record<MapPod['health'], string>>;
  readonly ramp: readonly string[];
  readonly unknown: string;
  readonly over: string;
  readonly text: string;
  readonly text2: string;
  readonly line: string;
  readonly ground: string;
  readonly font: string;
}

export function mapPalette(): Palette {
  const [low, middle, high] = [token('--heat-1'), token('--heat-2'), token('--heat-3')];
  return {
    // Healthy is quiet: colour belongs to trouble.
    state: {
      healthy: faded(token('--series-count'), 0.55),
      progressing: token('--warning'),
      degraded: token('--critical'),
      idle: faded(token('--series-count'), 0.2),
    },
    ramp: Array.from({ length: rampSteps + 1 }, (_, at) => {
      const share = at / rampSteps;
      return share < 0.5
        ? `color-mix(in oklch, ${middle} ${share * 200}%, ${low})`
        : `color-mix(in oklch, ${high} ${(share - 0.5) * 200}%, ${middle})`;
    }),
    unknown: faded(token('--series-count'), 0.18),
    over: token('--critical'),
    text: token('--text'),
    text2: token('--text-3'),
    line: token('--line'),
    ground: token('--raised'),
    font: token('--font-text'),
  };
}

export function tileColor(pod: MapPod, by: MapColor, palette: Palette): string {
  if (by === 'state') return palette.state[pod.health];
  const ratio = by === 'cpu' ? pod.cpu : pod.memory;
  if (ratio === undefined) return palette.unknown;
  return palette.ramp[Math.round(Math.min(1, Math.max(0, ratio)) * rampSteps)] as string;
}

export interface Picked {
  readonly node: number;
  readonly pod: number | undefined;
}

/** Draws the whole map: some milliseconds for 10,000 pods, so not with each move of the mouse. */
export function drawMap(
  canvas: HTMLCanvasElement,
  given: {
    readonly map: Pick<ClusterMap, 'nodes'>;
    readonly layout: MapLayout;
    readonly widthPx: number;
    readonly by: MapColor;
  },
): void {
  const { map, layout, widthPx, by } = given;
  const context = sized(canvas, widthPx, layout.heightPx);
  const palette = mapPalette();
  for (const [index, node] of map.nodes.entries()) {
    drawNode(context, { node, index, layout, by, palette });
  }
}

function sized(
  canvas: HTMLCanvasElement,
  widthPx: number,
  heightPx: number,
): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(heightPx * ratio);
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.scale(ratio, ratio);
  return context;
}

/** Where the frame around a tile or a node stands. */
export function pickedBox(
  layout: MapLayout,
  picked: Picked,
): {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
} {
  const box = layout.nodes[picked.node] as MapLayout['nodes'][number];
  if (picked.pod === undefined) {
    return { left: box.x, top: box.y, width: box.width, height: box.height };
  }
  const { x, y } = tileAt(layout, picked.node, picked.pod);
  const size = layout.tilePx + 4;
  return { left: x - 2, top: y - 2, width: size, height: size };
}

function drawNode(
  context: CanvasRenderingContext2D,
  given: {
    readonly node: MapNode;
    readonly index: number;
    readonly layout: MapLayout;
    readonly by: MapColor;
    readonly palette: Palette;
  },
): void {
  const { node, index, layout, by, palette } = given;
  const box = layout.nodes[index];
  if (box === undefined) return;
  context.fillStyle = palette.ground;
  context.strokeStyle = node.health === 'degraded' ? palette.over : palette.line;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1, 4);
  context.fill();
  context.stroke();
  drawHead(context, { node, box, by, palette });
  for (const [at, pod] of node.pods.entries()) {
    const { x, y } = tileAt(layout, index, at);
    context.fillStyle = tileColor(pod, by, palette);
    context.fillRect(x, y, layout.tilePx, layout.tilePx);
    if (by !== 'state' && pod.health === 'degraded') {
      context.strokeStyle = palette.over;
      context.strokeRect(x + 0.5, y + 0.5, layout.tilePx - 1, layout.tilePx - 1);
    }
  }
}

function drawHead(
  context: CanvasRenderingContext2D,
  given: {
    readonly node: MapNode;
    readonly box: MapLayout['nodes'][number];
    readonly by: MapColor;
    readonly palette: Palette;
  },
): void {
  const { node, box, by, palette } = given;
  const share = by === 'memory' ? node.memoryRatio : node.cpuRatio;
  const note = share === undefined ? String(node.pods.length) : `${Math.round(share * 100)} %`;
  const middle = box.y + headPx / 2 + 1;
  context.textBaseline = 'middle';
  context.font = `11px ${palette.font}`;
  context.textAlign = 'right';
  context.fillStyle = palette.text2;
  context.fillText(note, box.x + box.width - padPx, middle);
  context.textAlign = 'left';
  context.fillStyle = palette.text;
  const room = box.width - 2 * padPx - context.measureText(note).width - 6;
  context.fillText(fitted(context, shortNodeName(node.name), room), box.x + padPx, middle);
}

/** Cut in the middle: names of nodes differ at their ends. */
function fitted(context: CanvasRenderingContext2D, text: string, roomPx: number): string {
  if (context.measureText(text).width <= roomPx) return text;
  for (let keep = text.length - 2; keep > 3; keep--) {
    const head = text.slice(0, Math.ceil(keep / 3));
    const cut = `${head}…${text.slice(text.length - Math.floor((keep * 2) / 3))}`;
    if (context.measureText(cut).width <= roomPx) return cut;
  }
  return '';
}
