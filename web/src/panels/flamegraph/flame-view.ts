import {
  type FlameModel,
  type FlameNode,
  packageOf,
} from '../../../../src/dashboards/fields/models/flame-model.ts';
import { seriesToken, token } from '../../charts/colors.ts';
import { axisFont } from '../../charts/plot-options.ts';
import { textOn } from '../shared/contrast.ts';

export const rowHeightPx = 20;
/** Narrower than this, a function cannot be told from its neighbour. */
const minWidthPx = 0.7;
const minTextPx = 28;
const textPadPx = 5;

/** What is drawn and how: the whole, or from one function's callers down to what it calls. */
export interface FlameState {
  readonly model: FlameModel;
  /** Index of the node that fills the width; -1: the whole. */
  readonly focus: number;
  /** Lower case; what does not have it in its name is pale. Empty: nothing is sought. */
  readonly search: string;
  readonly isDark: boolean;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What fills the width, in the unit of values. */
export function spanOf({ model, focus }: FlameState): Span {
  const node = model.nodes[focus];
  if (node === undefined) return { from: 0, to: Math.max(model.total, 1e-12) };
  return { from: node.start, to: node.start + Math.max(node.value, 1e-12) };
}

/** Draws all that is in the span; callers of the focus fill the width. */
export function drawFlames(canvas: HTMLCanvasElement, state: FlameState, widthPx: number): void {
  const { model } = state;
  const ratio = window.devicePixelRatio;
  const heightPx = model.depth * rowHeightPx;
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(heightPx * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  context.font = axisFont();
  context.textBaseline = 'middle';
  const colors = flameColors();
  const span = spanOf(state);
  const perPx = (span.to - span.from) / widthPx;
  for (const node of model.nodes) {
    const left = Math.max(0, (node.start - span.from) / perPx);
    const right = Math.min(widthPx, (node.start + node.value - span.from) / perPx);
    if (right - left < minWidthPx) continue;
    drawNode(context, node, left, right, colors, state.search);
  }
}

function drawNode(
  context: CanvasRenderingContext2D,
  node: FlameNode,
  left: number,
  right: number,
  colors: FlameColors,
  search: string,
): void {
  const top = node.level * rowHeightPx;
  // A gap between neighbours, where both are wide enough to have one.
  const width = right - left > 3 ? right - left - 1 : right - left;
  const isPale = search !== '' && !node.label.toLowerCase().includes(search);
  const color = isPale ? colors.pale : node.level === 0 ? colors.root : colors.of(node.label);
  context.fillStyle = color;
  context.fillRect(left, top, width, rowHeightPx - 1);
  if (width < minTextPx) return;
  context.save();
  context.beginPath();
  context.rect(left, top, width - textPadPx, rowHeightPx);
  context.clip();
  context.fillStyle = isPale || node.level === 0 ? colors.text : textOn(color);
  context.fillText(node.label, left + textPadPx, top + rowHeightPx / 2);
  context.restore();
}

interface FlameColors {
  readonly root: string;
  readonly pale: string;
  readonly text: string;
  readonly of: (label: string) => string;
}

/** One hue for each package, so that whose code it is can be seen. */
function flameColors(): FlameColors {
  const known = new Map<string, string>();
  return {
    root: token('--sunken'),
    pale: token('--hover'),
    text: token('--text-2'),
    of: (label) => {
      const owner = packageOf(label);
      const color = known.get(owner) ?? token(seriesToken(owner));
      known.set(owner, color);
      return color;
    },
  };
}

/** The node under a place of the canvas, in CSS px; -1: none. */
export function nodeAt(state: FlameState, x: number, y: number, widthPx: number): number {
  const level = Math.floor(y / rowHeightPx);
  const span = spanOf(state);
  const at = span.from + (x / widthPx) * (span.to - span.from);
  return state.model.nodes.findIndex(
    (node) => node.level === level && at >= node.start && at < node.start + node.value,
  );
}
