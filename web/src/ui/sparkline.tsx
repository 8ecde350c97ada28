import type { ReactNode } from 'react';

export interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly width?: number;
  readonly height?: number;
  /** What a screen reader says; absent when the number beside it says it all. */
  readonly label?: string;
}

/** The shape of a number's last while: from zero up, a line and a breath of fill. Gaps are gaps. */
export function Sparkline({ values, width = 96, height = 20, label }: SparklineProps): ReactNode {
  const max = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const runs: string[][] = [];
  let run: string[] | undefined;
  values.forEach((value, index) => {
    if (value === null) {
      run = undefined;
      return;
    }
    if (run === undefined) {
      run = [];
      runs.push(run);
    }
    const y = height - 1 - (value / max) * (height - 2);
    run.push(`${(index * step).toFixed(1)},${y.toFixed(1)}`);
  });
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label, or hidden beside its number.
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      style={{ display: 'block', overflow: 'visible' }}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      {runs.map((points) => {
        const first = points[0]!.split(',')[0];
        const last = points.at(-1)!.split(',')[0];
        return (
          <g key={first}>
            <polygon
              points={`${first},${height} ${points.join(' ')} ${last},${height}`}
              fill="var(--series-count)"
              opacity={0.14}
            />
            <polyline
              points={points.join(' ')}
              fill="none"
              stroke="var(--series-count)"
              strokeWidth={1.25}
              vectorEffect="non-scaling-stroke"
            />
          </g>
        );
      })}
    </svg>
  );
}
