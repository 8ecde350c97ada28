import type { DataFrame } from '@grafana/data';

/** Frames of exemplars stand beside those of their query and are no series of it. */
export function isExemplars(frame: DataFrame): boolean {
  return frame.meta?.custom?.['resultType'] === 'exemplar' || frame.name === 'exemplar';
}
