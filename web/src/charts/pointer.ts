/** A second click within this makes the first one part of a double click. */
const doubleClickMs = 240;
const maxClickPx = 4;

/** Clicks that are neither the end of a drag nor half of a double click. @returns stops listening */
export function listenToPointer(
  element: HTMLElement,
  on: {
    readonly onPress: (event: MouseEvent) => void;
    readonly onClick: (event: MouseEvent) => void;
    readonly onDoubleClick: () => void;
  },
): () => void {
  let pressed: MouseEvent | undefined;
  let timer = 0;
  const press = (event: MouseEvent): void => {
    pressed = event;
    on.onPress(event);
  };
  const click = (event: MouseEvent): void => {
    window.clearTimeout(timer);
    if (pressed === undefined || event.detail > 1) return;
    const moved = Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY);
    if (moved > maxClickPx) return;
    timer = window.setTimeout(() => on.onClick(event), doubleClickMs);
  };
  const doubleClick = (): void => {
    window.clearTimeout(timer);
    on.onDoubleClick();
  };
  // Before uPlot's own listener, which starts the selection.
  element.addEventListener('mousedown', press, { capture: true });
  element.addEventListener('click', click);
  element.addEventListener('dblclick', doubleClick);
  return () => {
    window.clearTimeout(timer);
    element.removeEventListener('mousedown', press, { capture: true });
    element.removeEventListener('click', click);
    element.removeEventListener('dblclick', doubleClick);
  };
}
