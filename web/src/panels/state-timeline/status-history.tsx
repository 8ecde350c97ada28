import type { ReactNode } from 'react';
import type { PanelBodyProps } from '../body.ts';
import { StateChart } from './state-chart.tsx';

/** The state of each thing at each sample. */
export function Body(props: PanelBodyProps): ReactNode {
  return <StateChart {...props} isSingle />;
}
