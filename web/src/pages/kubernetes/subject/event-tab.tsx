import { CalendarCheck } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { setCrosshair } from '../../../charts/crosshair.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Empty } from '../../../ui/states.tsx';
import { kubernetesWords } from '../words.ts';
import { HappeningLine } from './event-lane.tsx';
import type { Happening } from './happening.ts';
import css from './subject.module.css';

const maxShown = 500;

/** All that happened in the page's range, newest first; hovering shows where on the charts. */
export function EventTab({ happenings }: { readonly happenings: readonly Happening[] }): ReactNode {
  const m = useMessages(kubernetesWords);
  const sorted = useMemo(
    () => happenings.toSorted((a, b) => b.atMs - a.atMs).slice(0, maxShown),
    [happenings],
  );
  if (sorted.length === 0) {
    return <Empty icon={CalendarCheck} title={m.nothingHappened} text={m.nothingHappenedText} />;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={m.happened}>
      {sorted.map((one) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the crosshair says nothing that the line does not.
        <div
          key={one.key}
          onMouseEnter={() => setCrosshair(one.atMs, sorted)}
          onMouseLeave={() => setCrosshair(null, sorted)}
        >
          <HappeningLine happening={one} />
        </div>
      ))}
    </section>
  );
}
