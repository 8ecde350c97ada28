import type { ReactNode } from 'react';
import type { BarLayout } from './bar-geometry.ts';
import css from './barchart.module.css';

/** Values along the bars, with a line for each. */
export function ValueAxis({ layout }: { readonly layout: BarLayout }): ReactNode {
  const { plot, isLying, valueTicks } = layout;
  const bottom = plot.top + plot.height;
  return valueTicks.map(({ value, at, text }) =>
    isLying ? (
      <g key={value}>
        <line
          className={css.grid}
          x1={plot.left + at}
          x2={plot.left + at}
          y1={plot.top}
          y2={bottom}
        />
        <text className={css.tick} x={plot.left + at} y={bottom + 14} textAnchor="middle">
          {text}
        </text>
      </g>
    ) : (
      <g key={value}>
        <line
          className={css.grid}
          x1={plot.left}
          x2={plot.left + plot.width}
          y1={bottom - at}
          y2={bottom - at}
        />
        <text className={css.tick} x={plot.left - 6} y={bottom - at + 4} textAnchor="end">
          {text}
        </text>
      </g>
    ),
  );
}

/** Names of groups, or edges of ranges. */
export function NameAxis({ layout }: { readonly layout: BarLayout }): ReactNode {
  const { plot, isLying, names, turnDeg } = layout;
  return names.map(({ text, at }) => {
    const x = isLying ? plot.left - 6 : plot.left + at;
    const y = isLying ? plot.top + at + 4 : plot.top + plot.height + 15;
    const anchor = isLying ? 'end' : turnDeg === 0 ? 'middle' : turnDeg > 0 ? 'start' : 'end';
    return (
      <text
        key={at}
        className={css.tick}
        x={x}
        y={y}
        textAnchor={anchor}
        transform={turnDeg === 0 ? undefined : `rotate(${turnDeg} ${x} ${y - 4})`}
      >
        {text}
      </text>
    );
  });
}
