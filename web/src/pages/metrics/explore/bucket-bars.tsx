import type { ReactNode } from 'react';
import type { WireHistogramValue } from '../../../api/metrics.ts';
import css from './explore.module.css';
import { bucketsOf } from './histogram-result.ts';

const width = 120;
const height = 18;

/** A native histogram in a cell of a table: count and sum, and its buckets from small to large. */
export function BucketBars({
  histogram,
  text,
}: {
  readonly histogram: WireHistogramValue;
  readonly text: string;
}): ReactNode {
  const buckets = bucketsOf(histogram);
  const most = Math.max(...buckets.map((bucket) => bucket.count), 0);
  const step = width / Math.max(1, buckets.length);
  return (
    <span className={css.buckets} title={text}>
      <span>{text}</span>
      <svg width={width} height={height} role="img" aria-label={text}>
        {buckets.map(({ lower, upper, count }, at) => {
          const size = most === 0 ? 0 : Math.max(1, (count / most) * height);
          return (
            <rect
              key={`${lower} ${upper}`}
              x={at * step}
              y={height - size}
              width={Math.max(1, step - (step > 3 ? 1 : 0))}
              height={size}
            >
              <title>{`${lower} – ${upper}: ${count}`}</title>
            </rect>
          );
        })}
      </svg>
    </span>
  );
}
