import { formattedValueToString } from '@grafana/data';
import { type MouseEvent, type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { TooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { type BarRect, barRects } from '../../../../src/dashboards/fields/models/bar-model.ts';
import { Tip } from '../shared/tip.ts';
import { useSize } from '../shared/use-size.ts';
import { NameAxis, ValueAxis } from './bar-axes.tsx';
import { type BarLayoutRequest, barLayout } from './bar-geometry.ts';
import { Bars, BarValues } from './bar-marks.tsx';
import css from './barchart.module.css';

export interface BarPlotProps extends Omit<BarLayoutRequest, 'rects' | 'widthPx' | 'heightPx'> {
  readonly label: string;
  readonly showValue: 'auto' | 'always' | 'never';
  /** Of the thickness of a bar, 0 to 0.5. */
  readonly radiusShare: number;
  readonly tooltip: TooltipOptions;
}

const maxTipRows = 30;

/** Groups of bars with both axes, as vectors. */
export function BarPlot(props: BarPlotProps): ReactNode {
  const { model, shown, stacking } = props;
  const [host, size] = useSize();
  const rects = useMemo(() => barRects(model, shown, stacking), [model, shown, stacking]);
  return (
    <div ref={host} className={css.host}>
      {size.width > 20 && size.height > 20 && (
        <Plot {...props} rects={rects} widthPx={size.width} heightPx={size.height} />
      )}
    </div>
  );
}

function Plot(props: BarPlotProps & BarLayoutRequest): ReactNode {
  const { label, model, shown, rects, stacking, showValue, widthPx, heightPx } = props;
  const layout = barLayout(props);
  const tip = useRef<Tip>(undefined);
  useEffect(() => () => tip.current?.hide(), []);
  const hover = (event: MouseEvent, rect: BarRect): void => {
    const { mode, maxWidthPx, maxHeightPx } = props.tooltip;
    if (mode === 'none') return;
    tip.current ??= new Tip();
    tip.current.setLimits(maxWidthPx, maxHeightPx);
    tip.current.show(tipOf(props, rect), event.clientX, event.clientY);
  };
  const marks = { layout, model, rects, shown };
  return (
    <svg width={widthPx} height={heightPx} role="img" aria-label={label} className={css.plot}>
      <ValueAxis layout={layout} />
      <Bars
        {...marks}
        radiusShare={props.radiusShare}
        onHover={hover}
        onLeave={() => tip.current?.hide()}
      />
      {showValue !== 'never' && (
        <BarValues {...marks} stacking={stacking} onlyFitting={showValue === 'auto'} />
      )}
      <NameAxis layout={layout} />
    </svg>
  );
}

/** What a bar, or all bars of its group, stand for. */
function tipOf(
  { model, rects, edges, tooltip }: BarPlotProps & BarLayoutRequest,
  rect: BarRect,
): Parameters<Tip['show']>[0] {
  const told =
    tooltip.mode === 'multi' ? rects.filter(({ category }) => category === rect.category) : [rect];
  return {
    head:
      edges === undefined
        ? (model.categories[rect.category] ?? '')
        : `${edges[rect.category]} – ${edges[rect.category + 1]}`,
    rows: told.slice(0, maxTipRows).map((one) => ({
      name: one.series.name,
      text:
        one.series.field.display === undefined
          ? String(one.value)
          : formattedValueToString(one.series.field.display(one.value)),
      color: one.series.color,
      isNear: one === rect && told.length > 1,
    })),
  };
}
