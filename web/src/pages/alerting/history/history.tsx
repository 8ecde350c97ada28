import { History as HistoryIcon } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { livePageRange, usePageRange } from '../../../time/shared-range.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { alertingWords } from '../words.ts';
import { ChangeTable } from './change-table.tsx';
import look from './history.module.css';
import { Lanes } from './lanes.tsx';
import { worstByRule } from './spans.ts';
import { maxChanges, useHistory } from './use-history.ts';
import { historyWords } from './words.ts';

/** What fired when: the states of all rules along the time, and each change of them. */
export function AlertHistory(): ReactNode {
  const m = useMessages(historyWords);
  const words = useMessages(alertingWords);
  const f = useFormat();
  const setView = useSetView();
  usePageTitle({ label: words.alerting }, { label: words.history });
  usePageRange(livePageRange);
  const text = useTextParam('q');
  const { lanes, changes, isLoading, error } = useHistory();
  const fits = useMemo(() => {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (name: string, labels: Readonly<Record<string, string>>): boolean => {
      const pairs = Object.entries(labels).map((pair) => pair.join('='));
      const content = [name, ...pairs].join(' ').toLowerCase();
      return wanted.every((word) => content.includes(word));
    };
  }, [text]);
  const shownLanes = useMemo(
    () => worstByRule(lanes.filter(({ name, labels }) => fits(name, labels))),
    [lanes, fits],
  );
  const shownChanges = useMemo(
    () => changes.filter(({ rule, labels }) => fits(rule, labels)),
    [changes, fits],
  );
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{words.history}</h1>
        <div className={`${css.tools} ${css.head}`}>
          <SearchInput
            className={css.filter}
            label={m.search}
            value={text}
            onSearch={(q) => setView({ q }, { replace: true })}
          />
          {changes.length === maxChanges && (
            <span className={css.quiet}>{m.cut(f.number(maxChanges))}</span>
          )}
        </div>
        {error !== null && <ErrorState error={error} />}
        {isLoading ? (
          <SkeletonLines count={8} />
        ) : shownLanes.length === 0 && shownChanges.length === 0 ? (
          <Empty
            icon={HistoryIcon}
            title={text === '' ? m.none : words.noMatch}
            {...(text === '' ? { text: m.noneText } : {})}
          />
        ) : (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus. */}
            <section className={look.timeline} tabIndex={0} aria-label={words.history}>
              <Lanes title={m.timeline} lanes={shownLanes} nameOf={({ name }) => name} />
            </section>
            <ChangeTable changes={shownChanges} />
          </>
        )}
      </div>
    </div>
  );
}
