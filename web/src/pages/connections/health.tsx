import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Health } from '../../api/data-sources.ts';
import { useMessages } from '../../i18n/messages.ts';
import page from '../../ui/page.module.css';
import { Status } from '../../ui/states.tsx';
import css from './connections.module.css';
import { connectionWords } from './words.ts';

/** What came of a test, in the data source's own words. */
export function HealthNotice({ health }: { readonly health: Health }): ReactNode {
  const m = useMessages(connectionWords);
  const isOk = health.status === 'OK';
  const hasAdvice = (health.advice ?? []).length > 0;
  const Icon = !isOk ? CircleAlert : hasAdvice ? TriangleAlert : CircleCheck;
  const version = health.details?.['version'];
  return (
    <div className={page.notice} role="status">
      <Icon
        size={16}
        strokeWidth={1.5}
        style={{ color: `var(--${!isOk ? 'critical' : hasAdvice ? 'warning' : 'ok'})` }}
        aria-label={isOk ? m.ok : m.failed}
      />
      <div className={css.noticeText}>
        <span>{health.message}</span>
        {typeof version === 'string' && version !== '' && <small>{version}</small>}
        {health.advice?.map((text) => (
          <small key={text}>{text}</small>
        ))}
      </div>
    </div>
  );
}

export function HealthStatus({ health }: { readonly health: Health }): ReactNode {
  const m = useMessages(connectionWords);
  const isOk = health.status === 'OK';
  const kind = !isOk ? 'critical' : (health.advice ?? []).length > 0 ? 'warning' : 'ok';
  return (
    <span className={css.health} title={[health.message, ...(health.advice ?? [])].join('\n')}>
      <Status kind={kind}>{isOk ? m.ok : m.failed}</Status>
    </span>
  );
}
