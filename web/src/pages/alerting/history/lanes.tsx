import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import css from './lanes.module.css';
import type { Lane } from './spans.ts';
import { historyWords } from './words.ts';

/** A word fits from this share of the range on. */
const minShareOfWord = 0.06;

/** States along the page's time, a lane each. */
export function Lanes({
  title,
  lanes,
  nameOf,
}: {
  readonly title: string;
  readonly lanes: readonly Lane[];
  readonly nameOf: (lane: Lane) => ReactNode;
}): ReactNode {
  const m = useMessages(historyWords);
  const f = useFormat();
  const { fromMs, toMs } = useSharedRange();
  const lengthMs = toMs - fromMs;
  return (
    <section className={css.lanes} aria-label={title}>
      {lanes.map((lane) => (
        <div key={lane.key} className={css.lane}>
          <span className={css.name} title={lane.name}>
            {nameOf(lane)}
          </span>
          <div className={css.track}>
            {lane.spans.map((span) => {
              const start = Math.max(fromMs, span.fromMs);
              const end = Math.min(toMs, span.toMs);
              if (end <= start) return null;
              const share = (end - start) / lengthMs;
              return (
                <span
                  key={`${span.fromMs} ${span.state}`}
                  className={css.span}
                  data-state={span.state}
                  title={`${lane.name}: ${m.states[span.state]}, ${f.logTime(span.fromMs)} (${f.duration(span.toMs - span.fromMs)})`}
                  style={{
                    left: `${((start - fromMs) / lengthMs) * 100}%`,
                    width: `${share * 100}%`,
                  }}
                >
                  {share > minShareOfWord && m.states[span.state]}
                </span>
              );
            })}
          </div>
        </div>
      ))}
      <div className={css.lane}>
        <span />
        <div className={css.axis}>
          <span>{f.shortDateTime(fromMs)}</span>
          <span>{f.shortDateTime((fromMs + toMs) / 2)}</span>
          <span>{f.shortDateTime(toMs)}</span>
        </div>
      </div>
    </section>
  );
}
