import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { alertmanagerApi } from '../../../api/alertmanager.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { LabelChips } from '../../../ui/label-chips.tsx';
import page from '../../../ui/page.module.css';
import { ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { AlertStateWord } from '../alert-state.tsx';
import css from '../alerting.module.css';
import { type Matcher, matcherText } from '../matcher.ts';
import { alertingWords } from '../words.ts';
import { silencesWords } from './words.ts';

/** So many are shown; the others are counted. */
const maxShown = 50;

/** Alerts that match now, as the server reads the matchers. */
export function Affected({ matchers }: { readonly matchers: readonly Matcher[] }): ReactNode {
  const m = useMessages(silencesWords);
  const words = useMessages(alertingWords);
  const f = useFormat();
  const filter = matchers.filter(({ name }) => name.trim() !== '').map(matcherText);
  const query = useQuery({
    queryKey: ['alerting', 'matching', filter],
    queryFn: ({ signal }) => alertmanagerApi.alerts(filter, signal),
    enabled: filter.length > 0,
    placeholderData: (previous) => previous,
  });
  if (filter.length === 0) return <p className={css.quiet}>{m.needMatcher}</p>;
  if (query.isError) return <ErrorState error={query.error} />;
  if (query.data === undefined) return <SkeletonLines count={3} />;
  if (query.data.length === 0) return <p className={css.quiet}>{m.previewNone}</p>;
  const more = query.data.length - maxShown;
  return (
    <div className={page.fieldset}>
      <p className={css.quiet}>{words.alertCount(f.number(query.data.length))}</p>
      {query.data.slice(0, maxShown).map(({ fingerprint, labels, status }) => (
        <div key={fingerprint} className={css.tools}>
          <AlertStateWord
            state={status.silencedBy.length > 0 ? 'silenced' : 'firing'}
            labels={labels}
          />
          <strong>{labels['alertname']}</strong>
          <LabelChips labels={labels} except={['alertname']} />
        </div>
      ))}
      {more > 0 && <p className={css.quiet}>{words.more(f.number(more))}</p>}
    </div>
  );
}
