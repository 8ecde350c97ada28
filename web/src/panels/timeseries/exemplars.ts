import { type DataFrame, type Field, FieldType, type LinkModel } from '@grafana/data';
import type uPlot from 'uplot';
import { isExemplars } from '../../../../src/dashboards/fields/frames.ts';
import { token } from '../../charts/colors.ts';

/** One observation that stands for many: a trace, mostly. */
export interface Exemplar {
  readonly ms: number;
  readonly value: number;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly links: () => readonly LinkModel<Field>[];
}

const maxExemplars = 2000;

export function exemplarsOf(frames: readonly DataFrame[]): readonly Exemplar[] {
  const found: Exemplar[] = [];
  for (const frame of frames) {
    if (!isExemplars(frame)) continue;
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const value = frame.fields.find((field) => field.type === FieldType.number);
    if (time === undefined || value === undefined) continue;
    const labels = frame.fields.filter((field) => field !== time && field !== value);
    for (let row = 0; row < frame.length && found.length < maxExemplars; row++) {
      found.push({
        ms: Number(time.values[row]),
        value: Number(value.values[row]),
        labels: labels.flatMap((field) => {
          const text: unknown = field.values[row];
          return text === null || text === undefined || text === ''
            ? []
            : [[field.name, String(text)] as const];
        }),
        links: () => labels.flatMap((field) => field.getLinks?.({ valueRowIndex: row }) ?? []),
      });
    }
  }
  return found;
}

const sizePx = 4;

export function drawExemplars(u: uPlot, exemplars: readonly Exemplar[], scale: string): void {
  if (exemplars.length === 0) return;
  const { ctx, bbox } = u;
  const size = sizePx * window.devicePixelRatio;
  ctx.save();
  ctx.fillStyle = token('--accent');
  ctx.strokeStyle = token('--bg');
  for (const { ms, value } of exemplars) {
    const x = u.valToPos(ms / 1000, 'x', true);
    // One beyond the axis is shown at its edge.
    const y = Math.min(Math.max(u.valToPos(value, scale, true), bbox.top), bbox.top + bbox.height);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

const reachPx = 8;

/** The one under a place of the plot, in CSS px. */
export function exemplarAt(
  u: uPlot,
  exemplars: readonly Exemplar[],
  scale: string,
  left: number,
  top: number,
): Exemplar | undefined {
  let nearest: Exemplar | undefined;
  let least = reachPx;
  const height = u.over.clientHeight;
  for (const exemplar of exemplars) {
    const x = u.valToPos(exemplar.ms / 1000, 'x');
    if (Math.abs(x - left) > reachPx) continue;
    const y = Math.min(Math.max(u.valToPos(exemplar.value, scale), 0), height);
    const distance = Math.hypot(x - left, y - top);
    if (distance < least) {
      least = distance;
      nearest = exemplar;
    }
  }
  return nearest;
}
