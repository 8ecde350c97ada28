import uPlot from 'uplot';
import { setCrosshair } from '../../charts/crosshair.ts';

/**
 * The instant that is hovered, told to all panels with the same key. Outside of React, for it moves with
 * the mouse; told once a frame.
 */
type Listener = (ms: number | null, source: object) => void;

const listeners = new Map<string, Set<Listener>>();
const waiting = new Map<string, { readonly ms: number | null; readonly source: object }>();
let frame = 0;

/** Null: nothing is hovered. `source` does not hear itself. */
export function tellCrosshair(key: string | undefined, ms: number | null, source: object): void {
  if (key === undefined) return;
  waiting.set(key, { ms, source });
  if (frame === 0) frame = requestAnimationFrame(tell);
}

export function hearCrosshair(key: string | undefined, listener: Listener): () => void {
  if (key === undefined) return () => {};
  const own = listeners.get(key) ?? new Set();
  listeners.set(key, own.add(listener));
  return () => {
    own.delete(listener);
    if (own.size === 0) listeners.delete(key);
  };
}

function tell(): void {
  frame = 0;
  for (const [key, { ms, source }] of waiting) {
    for (const listener of listeners.get(key) ?? []) listener(ms, source);
    // Lists of log lines light the row of that moment.
    setCrosshair(ms, source);
  }
  waiting.clear();
}

/** In CSS px. From what uPlot knows: asking the element would lay out the page, for every panel. */
export function plotWidth(u: uPlot): number {
  return u.bbox.width / uPlot.pxRatio;
}

/** Moves the line of another panel's crosshair; undefined: it is not here. */
export function showLine(line: HTMLElement, left: number | undefined): void {
  const display = left === undefined ? 'none' : 'block';
  if (line.style.display !== display) line.style.display = display;
  if (left !== undefined) line.style.transform = `translateX(${left}px)`;
}
