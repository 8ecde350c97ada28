import { niceStepMs, type ResolvedRange } from '../../../time/range.ts';
import { type Grid, gridOf } from '../../metrics/explore/series-model.ts';

/** A point for about four pixels: the charts stand in half of the page. */
const maxPoints = 240;
/** Nobody reads the kubelet more often. */
const minStepMs = 15_000;

/** The moments that the charts of a page ask for. */
export function chartGrid(range: ResolvedRange): Grid {
  return gridOf(range, Math.max(minStepMs, niceStepMs(range, maxPoints)));
}

export const rangeSecondsOf = ({ fromMs, toMs }: Grid): number =>
  Math.max(60, Math.round((toMs - fromMs) / 1000));
