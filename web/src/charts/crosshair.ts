/**
 * One crosshair for all charts and lists of a page: whoever is hovered says which instant, all others
 * draw it. Outside of React, for it moves with the mouse.
 */
type Listener = (ms: number | null, source: unknown) => void;

const listeners = new Set<Listener>();

/** `source` is handed on so that it can leave itself out. Null: nothing is hovered. */
export function setCrosshair(ms: number | null, source: unknown): void {
  for (const listener of listeners) listener(ms, source);
}

export function onCrosshair(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
