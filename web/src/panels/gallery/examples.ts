import type { DataFrame } from '@grafana/data';
import type { Panel } from '../../../../src/dashboards/model/contract.ts';
import type { AnnotationMark, PanelData } from '../contract.ts';
import { drawingExamples } from './drawing-examples.ts';
import { moreExamples } from './more-examples.ts';
import { tableExamples } from './table-examples.ts';
import { timeSeriesExamples } from './time-series-examples.ts';
import { valueExamples } from './value-examples.ts';

export { endMs, startMs } from './example-frames.ts';

export interface Example {
  readonly panel: Panel;
  readonly frames: readonly DataFrame[];
  readonly annotations?: readonly AnnotationMark[];
  readonly data?: Partial<PanelData>;
  readonly widthPx?: number;
  readonly heightPx?: number;
}

export const examples: readonly Example[] = [
  ...timeSeriesExamples,
  ...valueExamples,
  ...moreExamples,
  ...drawingExamples,
  ...tableExamples,
].map((example, index) => ({
  ...example,
  panel: { ...example.panel, id: index + 1 },
}));
