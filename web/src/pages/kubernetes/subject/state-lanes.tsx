import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import type { StateSpan } from '../pod/container-history.ts';
import { kubernetesWords } from '../words.ts';
import css from './subject.module.css';

export interface StateLane {
  readonly name: string;
  readonly spans: readonly StateSpan[];
}

/** One lane for each container: what it was, over the same time axis as the charts. */
export function StateLanes({
  title,
  lanes,
}: {
  readonly title: string;
  readonly lanes: readonly StateLane[];
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const { fromMs, toMs } = useSharedRange();
  const lengthMs = toMs - fromMs;
  if (lanes.length === 0) return null;
  return (
    <section className={css.states} aria-label={title}>
      {lanes.map((lane) => (
        <div key={lane.name} className={css.stateLane}>
          <span className={css.laneTitle} title={lane.name}>
            {lane.name}
          </span>
          <div className={css.stateTrack}>
            {lane.spans.map((span) => {
              const start = Math.max(fromMs, span.fromMs);
              const end = Math.min(toMs, span.toMs);
              if (end <= start) return null;
              const word =
                span.kind === 'running'
                  ? m.running
                  : span.kind === 'unready'
                    ? m.unready
                    : span.reason;
              const text = `${lane.name}: ${word}, ${f.logTime(span.fromMs)} (${f.duration(span.toMs - span.fromMs)})`;
              return (
                <span
                  key={span.fromMs}
                  className={css.span}
                  data-kind={span.kind}
                  title={text}
                  style={{
                    left: `${((start - fromMs) / lengthMs) * 100}%`,
                    width: `${((end - start) / lengthMs) * 100}%`,
                  }}
                >
                  {span.kind === 'running' ? '' : word}
                </span>
              );
            })}
          </div>
        </div>
      ))}
    </section>
  );
}
