import type { ReactNode } from 'react';
import 'uplot/dist/uPlot.min.css';
import css from './time-canvas.module.css';
import { type CanvasState, TimeCanvas } from './time-canvas.ts';
import { usePlot } from './use-plot.ts';

/** A {@link TimeCanvas} in the place that it is given. */
export function TimeCanvasView({
  label,
  state,
}: {
  readonly label: string;
  readonly state: CanvasState;
}): ReactNode {
  const host = usePlot((...args) => new TimeCanvas(...args), state);
  return <div ref={host} className={css.host} role="img" aria-label={label} />;
}
