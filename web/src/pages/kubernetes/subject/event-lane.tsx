import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { onCrosshair, setCrosshair } from '../../../charts/crosshair.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Popover } from '../../../ui/popover.tsx';
import { StatusIcon } from '../../../ui/states.tsx';
import { kubernetesWords } from '../words.ts';
import { type Flag, flagsOf, type Happening } from './happening.ts';
import css from './subject.module.css';

/** A flag with its number takes so much. */
const flagPx = 19;
const leastSlots = 12;
/** A flag of more is a list to scroll. */
const maxListed = 30;

/** The strip above the charts: a flag for each thing that happened, over the same time axis. */
export function EventLane({
  happenings,
  isLoading,
}: {
  readonly happenings: readonly Happening[];
  readonly isLoading: boolean;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const { fromMs, toMs } = useSharedRange();
  const track = useRef<HTMLDivElement>(null);
  const [slots, setSlots] = useState(leastSlots);
  useEffect(() => {
    const observer = new ResizeObserver((entries) => {
      const width = entries[0]?.contentRect.width ?? 0;
      setSlots(Math.max(leastSlots, Math.floor(width / flagPx)));
    });
    if (track.current !== null) observer.observe(track.current);
    return () => observer.disconnect();
  }, []);
  const flags = useMemo(
    () => flagsOf(happenings, { fromMs, toMs }, slots),
    [happenings, fromMs, toMs, slots],
  );
  return (
    <section className={css.lane} aria-label={m.strip}>
      <span className={css.laneTitle}>{m.happened}</span>
      <div ref={track} className={css.laneTrack}>
        <LaneCrosshair fromMs={fromMs} toMs={toMs} />
        {flags.map((flag) => (
          <FlagButton key={flag.key} flag={flag} />
        ))}
        {flags.length === 0 && !isLoading && (
          <span className={css.laneEmpty}>{m.nothingHappened}</span>
        )}
      </div>
    </section>
  );
}

function FlagButton({ flag }: { readonly flag: Flag }): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const { happenings } = flag;
  const [first] = happenings;
  const label =
    happenings.length === 1
      ? `${f.logTime(flag.atMs)} ${first?.title ?? ''}: ${first?.text ?? ''}`
      : m.manyHappened(f.number(happenings.length), f.logTime(flag.atMs));
  return (
    <Popover
      title={label}
      trigger={
        <button
          type="button"
          className={css.flag}
          data-severity={flag.severity}
          style={{ left: `${flag.place * 100}%` }}
          aria-label={label}
          title={label}
          onMouseEnter={() => setCrosshair(flag.atMs, flag)}
          onMouseLeave={() => setCrosshair(null, flag)}
        >
          {happenings.length > 1 ? f.number(happenings.length) : ''}
        </button>
      }
    >
      <div className={css.flagList}>
        {happenings.slice(0, maxListed).map((one) => (
          <HappeningLine key={one.key} happening={one} />
        ))}
      </div>
    </Popover>
  );
}

export function HappeningLine({ happening }: { readonly happening: Happening }): ReactNode {
  const f = useFormat();
  const { severity, title, text, about, count, atMs } = happening;
  return (
    <div className={css.happening}>
      <StatusIcon kind={severity} />
      <div className={css.happeningBody}>
        <div className={css.happeningHead}>
          <strong>{title}</strong>
          {count !== undefined && count > 1 && (
            <span className={css.times}>×{f.number(count)}</span>
          )}
          <time dateTime={new Date(atMs).toISOString()} title={f.exactTime(atMs)}>
            {f.logTime(atMs).slice(0, -4)}
          </time>
        </div>
        {about !== undefined && <div className={css.about}>{about}</div>}
        <div>{text}</div>
      </div>
    </div>
  );
}

/** The page's crosshair over the strip; outside of React, for it moves with the mouse. */
function LaneCrosshair({
  fromMs,
  toMs,
}: {
  readonly fromMs: number;
  readonly toMs: number;
}): ReactNode {
  const line = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      onCrosshair((ms) => {
        const element = line.current;
        if (element === null) return;
        const isIn = ms !== null && ms >= fromMs && ms <= toMs;
        element.style.display = isIn ? 'block' : 'none';
        if (isIn) element.style.left = `${((ms - fromMs) / (toMs - fromMs)) * 100}%`;
      }),
    [fromMs, toMs],
  );
  return <div ref={line} className={css.laneCross} aria-hidden />;
}
