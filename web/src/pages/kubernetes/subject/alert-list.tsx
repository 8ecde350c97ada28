import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { WireAlert } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { StatusIcon, type StatusKind } from '../../../ui/states.tsx';
import { kubernetesWords } from '../words.ts';
import css from './subject.module.css';

const kindOf = ({ state, labels }: WireAlert): StatusKind =>
  state === 'pending'
    ? 'info'
    : labels['severity'] === 'critical' || labels['severity'] === 'page'
      ? 'critical'
      : 'warning';

/** Alerts that are on, with their sentence and since when. */
export function AlertList({ alerts }: { readonly alerts: readonly WireAlert[] }): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  if (alerts.length === 0) return <p className={css.quiet}>{m.noAlerts}</p>;
  return (
    <>
      {alerts.map((alert) => {
        const name = alert.labels['alertname'] ?? '';
        const sinceMs = Date.parse(alert.activeAt);
        const text = alert.annotations['summary'] ?? alert.annotations['description'] ?? '';
        return (
          <div key={JSON.stringify(alert.labels)} className={css.happening}>
            <StatusIcon kind={kindOf(alert)} />
            <div className={css.happeningBody}>
              <div className={css.happeningHead}>
                <Link
                  to={'/metrics/rules' as string}
                  search={{ filter: name } as never}
                  title={m.toRule}
                >
                  {name}
                </Link>
                <span className={css.times}>
                  {alert.state === 'pending' ? m.pending : m.firing}
                </span>
                <time title={f.exactTime(sinceMs)}>{f.ago(sinceMs, Date.now())}</time>
              </div>
              {text !== '' && <div>{text}</div>}
            </div>
          </div>
        );
      })}
    </>
  );
}
