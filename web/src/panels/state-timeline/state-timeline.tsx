import type { ReactNode } from 'react';
import type { PanelBodyProps } from '../body.ts';
import { StateChart } from './state-chart.tsx';

/** How long each thing was in which state. */
export function Body(props: PanelBodyProps): ReactNode {
  return <StateChart {...props} isSingle={false} />;
}
