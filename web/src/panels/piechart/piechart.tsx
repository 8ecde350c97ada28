import { type MouseEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { LegendItem } from '../../../../src/dashboards/fields/legend-items.ts';
import { legendOptions, tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { ringPath } from '../../../../src/dashboards/fields/models/gauge-arcs.ts';
import {
  percentText,
  type Slice,
  sliceKey,
  slicesOf,
} from '../../../../src/dashboards/fields/models/pie-model.ts';
import { choiceAt, objectAt, textsAt } from '../../../../src/dashboards/fields/read.ts';
import { displayText, singleValues } from '../../../../src/dashboards/fields/single-values.ts';
import { token } from '../../charts/colors.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { PanelBodyProps } from '../body.ts';
import { ChartFrame } from '../shared/chart-frame.tsx';
import { textOn } from '../shared/contrast.ts';
import { Legend } from '../shared/legend.tsx';
import { Note } from '../shared/note.tsx';
import { Tip } from '../shared/tip.ts';
import { useSize } from '../shared/use-size.ts';
import { panelWords } from '../words.ts';
import css from './piechart.module.css';

/** Shares of a whole. */
export function Body(props: PanelBodyProps): ReactNode {
  const m = useMessages(panelWords);
  const { panel, widthPx, heightPx } = props;
  const { options } = panel;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const legend = useMemo(() => legendOptions(panel), [panel]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts of props that values are made of.
  const values = useMemo(
    () => singleValues(props),
    [props.fields, props.panel, props.interpolate, props.timeZone],
  );
  const sort = choiceAt(options, 'sort', ['desc', 'asc', 'none'], 'desc');
  const slices = useMemo(() => slicesOf(values, sort, hidden), [values, sort, hidden]);
  const columns = textsAt(objectAt(options, 'legend'), 'values');
  const shares = useMemo(() => {
    const all = slicesOf(values, sort, new Set());
    return new Map(all.map((slice) => [slice.key, slice.share]));
  }, [values, sort]);
  const items = useMemo(() => {
    return values.map((value, at): LegendItem => {
      const key = sliceKey(value, at);
      const share = shares.get(key) ?? 0;
      return {
        key,
        name: value.display.title ?? '',
        color: value.display.color ?? token('--series-other'),
        values: columns.flatMap((column) =>
          column === 'percent'
            ? [{ title: 'Percent', text: percentText(share), numeric: share }]
            : column === 'value'
              ? [{ title: 'Value', text: displayText(value), numeric: value.display.numeric }]
              : [],
        ),
      };
    });
  }, [values, shares, columns]);
  return (
    <ChartFrame
      options={legend}
      widthPx={widthPx}
      heightPx={heightPx}
      items={items}
      legend={<Legend options={legend} items={items} hidden={hidden} onHidden={setHidden} />}
    >
      {values.length > 0 && shares.size === 0 ? (
        <Note>{m.noneAboveZero}</Note>
      ) : (
        <Pie props={props} slices={slices} />
      )}
    </ChartFrame>
  );
}

function Pie({
  props,
  slices,
}: {
  readonly props: PanelBodyProps;
  readonly slices: readonly Slice[];
}): ReactNode {
  const m = useMessages(panelWords);
  const { options } = props.panel;
  const [host, size] = useSize();
  const tip = useRef<Tip>(undefined);
  useEffect(() => () => tip.current?.hide(), []);
  const isDonut = options['pieType'] === 'donut';
  const labels = textsAt(options, 'displayLabels');
  const tooltip = tooltipOptions(props.panel);
  const radius = Math.max(0, Math.min(size.width, size.height) / 2 - 6);
  const inner = isDonut ? radius * 0.62 : 0;
  const cx = size.width / 2;
  const cy = size.height / 2;
  const hover = (event: MouseEvent, at: Slice): void => {
    if (tooltip.mode === 'none') return;
    tip.current ??= new Tip();
    tip.current.setLimits(tooltip.maxWidthPx, tooltip.maxHeightPx);
    const told = tooltip.mode === 'multi' ? slices : [at];
    tip.current.show(
      {
        head: '',
        rows: told.map((slice) => ({
          name: slice.value.display.title ?? '',
          text: `${displayText(slice.value)} (${percentText(slice.share)})`,
          color: slice.value.display.color,
          isNear: slice === at && told.length > 1,
        })),
      },
      event.clientX,
      event.clientY,
    );
  };
  return (
    <div ref={host} className={css.host}>
      <svg
        width={size.width}
        height={size.height}
        role="img"
        aria-label={m.chart(props.panel.title ?? '')}
      >
        {slices.map((slice) => {
          const links = slice.value.hasLinks ? (slice.value.getLinks?.() ?? []) : [];
          const shape = (
            // biome-ignore lint/a11y/noStaticElementInteractions: the pointer only shows what the legend says.
            <path
              key={slice.key}
              className={css.slice}
              d={ringPath(cx, cy, radius, inner, slice.from, slice.to)}
              fill={slice.value.display.color}
              onMouseMove={(event) => hover(event, slice)}
              onMouseLeave={() => tip.current?.hide()}
            />
          );
          const [link] = links;
          return link === undefined ? (
            shape
          ) : (
            <a key={slice.key} href={link.href} target={link.target} aria-label={link.title}>
              {shape}
            </a>
          );
        })}
        {labels.length > 0 &&
          slices.map((slice) => (
            <SliceLabel
              key={slice.key}
              slice={slice}
              labels={labels}
              cx={cx}
              cy={cy}
              radius={radius}
              inner={inner}
            />
          ))}
      </svg>
    </div>
  );
}

/** A slice narrower than this has no room for words. */
const minLabelPx = 26;

function SliceLabel({
  slice,
  labels,
  cx,
  cy,
  radius,
  inner,
}: {
  readonly slice: Slice;
  readonly labels: readonly string[];
  readonly cx: number;
  readonly cy: number;
  readonly radius: number;
  readonly inner: number;
}): ReactNode {
  const at = inner > 0 ? (radius + inner) / 2 : radius * 0.66;
  const angle = (slice.from + slice.to) / 2;
  if ((slice.to - slice.from) * at < minLabelPx || radius < 40) return null;
  const lines = [
    ...(labels.includes('name') ? [slice.value.display.title ?? ''] : []),
    ...(labels.includes('value') ? [displayText(slice.value)] : []),
    ...(labels.includes('percent') ? [percentText(slice.share)] : []),
  ];
  const x = cx + at * Math.sin(angle);
  const y = cy - at * Math.cos(angle) - (lines.length - 1) * 7;
  return (
    <text className={css.label} x={x} y={y} fill={textOn(slice.value.display.color ?? '#888888')}>
      {lines.map((line, index) => (
        <tspan key={line} x={x} dy={index === 0 ? 4 : 14}>
          {line.length > 18 ? `${line.slice(0, 17)}…` : line}
        </tspan>
      ))}
    </text>
  );
}
