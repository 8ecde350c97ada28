import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { useSize } from './use-size.ts';

/** What draws itself in an element, outside of React. */
export interface Plot<State> {
  update(state: State): void;
  /** In CSS px. */
  resize(width: number, height: number): void;
  close(): void;
}

/** A plot in the element that the reference is given to, as large as that. */
export function usePlot<State>(
  make: (host: HTMLElement, state: State, width: number, height: number) => Plot<State>,
  state: State,
): RefObject<HTMLDivElement | null> {
  const [host, size] = useSize();
  const view = useRef<Plot<State>>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot is made once.
  useLayoutEffect(() => {
    if (host.current === null || size.width < 2 || size.height < 2) return;
    if (view.current === undefined) {
      view.current = make(host.current, state, size.width, size.height);
    } else {
      view.current.resize(size.width, size.height);
      view.current.update(state);
    }
  }, [state, size, host]);
  useEffect(
    () => () => {
      view.current?.close();
      view.current = undefined;
    },
    [],
  );
  return host;
}
