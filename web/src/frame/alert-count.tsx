import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { alertingApi } from '../api/alertmanager.ts';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import css from './frame.module.css';
import { frameWords } from './words.ts';

const refreshMs = 15_000;

/** How many alerts fire that nobody silenced; nothing when all is calm. */
export function AlertCount(): ReactNode {
  const m = useMessages(frameWords);
  const f = useFormat();
  const query = useQuery({
    queryKey: ['alerting', 'summary'],
    queryFn: ({ signal }) => alertingApi.summary(signal),
    refetchInterval: refreshMs,
  });
  const firing = query.data?.firing ?? 0;
  if (firing === 0) return null;
  // Not a text of the link: its name stays that of the page.
  return (
    <span
      className={css.badge}
      title={m.firingAlerts(f.number(firing))}
      data-count={f.compact(firing)}
      aria-hidden
    />
  );
}
