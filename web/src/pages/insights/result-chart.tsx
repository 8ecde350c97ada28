import { type ReactNode, useEffect, useRef, useState } from 'react';
import { seriesToken } from '../../charts/colors.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Segmented } from '../../ui/segmented.tsx';
import type { BarModel, ChartModel, TimeModel } from './chart-model.ts';
import css from './result-chart.module.css';
import { insightsWords } from './words.ts';

export type ChartKind = 'lines' | 'stacked' | 'bars';

export interface ResultChartProps {
  readonly model: ChartModel;
  readonly title: string;
  readonly kind: ChartKind;
  readonly isStale: boolean;
}

/** A `stats` result drawn: over time with its series, or bars by group. */
export function ResultChart(props: ResultChartProps): ReactNode {
  return props.model.kind === 'time' ? (
    <OverTime {...props} model={props.model} />
  ) : (
    <Bars {...props} model={props.model} />
  );
}

const legendHeight = 190;

function OverTime({
  model,
  title,
  kind,
  isStale,
}: ResultChartProps & { readonly model: TimeModel }): ReactNode {
  const m = useMessages(insightsWords);
  const f = useFormat();
  const frame = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver((entries) => {
      setHeight(Math.floor(entries[0]?.contentRect.height ?? 0));
    });
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  const legend = Math.min(legendHeight, 36 + model.series.length * 22);
  return (
    <div className={css.frame}>
      {model.more > 0 && <div className={css.note}>{m.moreSeries(f.number(model.more))}</div>}
      <div ref={frame} className={css.plot}>
        {height > 0 && (
          <TimeChart
            title={title}
            timesMs={model.timesMs}
            series={model.series}
            kind={kind === 'bars' ? 'stacked-bars' : kind}
            binMs={model.binMs}
            height={Math.max(120, height - legend - 16)}
            legend
            stale={isStale}
          />
        )}
      </div>
    </div>
  );
}

function Bars({
  model,
  title,
  isStale,
}: ResultChartProps & { readonly model: BarModel }): ReactNode {
  const m = useMessages(insightsWords);
  const f = useFormat();
  const [chosen, setChosen] = useState('');
  const measure = Math.max(0, model.measures.indexOf(chosen));
  const most = Math.max(0, ...model.bars.map((bar) => Math.abs(bar.values[measure] ?? 0)));
  const name = model.measures[measure] as string;
  return (
    <div className={css.frame}>
      <div className={css.tools}>
        {model.measures.length > 1 ? (
          <Segmented
            label={m.measure}
            value={name}
            options={model.measures.map((value) => ({ value, label: value }))}
            onChange={setChosen}
          />
        ) : (
          <span className={css.measure}>{name}</span>
        )}
        {model.more > 0 && <span className={css.note}>{m.moreBars(f.number(model.more))}</span>}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus. */}
      <section className={css.bars} tabIndex={0} aria-label={title} data-stale={isStale}>
        <ul>
          {model.bars.map((bar, index) => {
            const value = bar.values[measure] ?? null;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: groups may print alike.
              <li key={index} className={css.bar}>
                <span className={css.barName} title={bar.name}>
                  {bar.name}
                </span>
                <span className={css.track}>
                  <span
                    className={css.fill}
                    style={{
                      width: most === 0 ? 0 : `${(Math.abs(value ?? 0) / most) * 100}%`,
                      background: `var(${seriesToken(name)})`,
                    }}
                  />
                </span>
                <span className={css.barValue}>{value === null ? '' : f.number(value, 2)}</span>
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}
