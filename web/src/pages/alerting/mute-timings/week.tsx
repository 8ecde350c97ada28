import type { ReactNode } from 'react';
import type { WireInterval } from '../../../api/alertmanager.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { classNames } from '../../../ui/class-names.ts';
import css from './week.module.css';
import { weekBlocks } from './week-model.ts';
import { muteTimingsWords } from './words.ts';

const dayMinutes = 24 * 60;
const hours = ['0', '6', '12', '18', '24'];

/** Seven days with what an interval covers of them; striped: only in some weeks. */
export function Week({
  name,
  intervals,
}: {
  readonly name: string;
  readonly intervals: readonly WireInterval[];
}): ReactNode {
  const m = useMessages(muteTimingsWords);
  const blocks = weekBlocks(intervals);
  return (
    <div className={css.week} role="img" aria-label={m.week(name)}>
      {m.weekdayNames.map((label, day) => (
        <div key={label} style={{ display: 'contents' }}>
          <span>{label}</span>
          <div className={css.day}>
            {blocks
              .filter((block) => block.day === day)
              .map(({ from, to, isSometimes }) => (
                <div
                  key={`${from} ${to} ${isSometimes}`}
                  className={classNames(css.block, isSometimes && css.sometimes)}
                  style={{
                    left: `${(from / dayMinutes) * 100}%`,
                    width: `${((to - from) / dayMinutes) * 100}%`,
                  }}
                />
              ))}
          </div>
        </div>
      ))}
      <div className={css.hours}>
        {hours.map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </div>
    </div>
  );
}
