import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import {
  BellOff,
  ChevronRight,
  CircleAlert,
  CircleCheck,
  Clock,
  type LucideIcon,
  Moon,
  VolumeX,
} from 'lucide-react';
import type { ReactNode } from 'react';
import {
  alertingApi,
  type WireExplainedRoute,
  type WireExplanation,
} from '../../../api/alertmanager.ts';
import type { Labels } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import chip from '../../../ui/label-chips.module.css';
import { ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import look from './alerts.module.css';
import { alertsWords } from './words.ts';

const refreshMs = 5000;

/** Which routes take an alert, who was told, and what keeps others from being told. */
export function Why({
  labels,
  isPending = false,
}: {
  readonly labels: Labels;
  readonly isPending?: boolean;
}): ReactNode {
  const m = useMessages(alertsWords).why;
  const query = useQuery({
    queryKey: ['alerting', 'explain', labels],
    queryFn: ({ signal }) => alertingApi.explain(labels, signal),
    refetchInterval: refreshMs,
  });
  return (
    <section>
      <h2>{m.title}</h2>
      {query.isError && <ErrorState error={query.error} />}
      {query.data === undefined ? (
        !query.isError && <SkeletonLines count={3} />
      ) : (
        <>
          {isPending && <p className={css.quiet}>{m.pending}</p>}
          <Held explanation={query.data} />
          {query.data.routes.length > 1 && <p className={css.quiet}>{m.continues}</p>}
          {query.data.routes.map((route) => (
            <Way
              key={route.path.join(' ')}
              route={route}
              nowMs={query.data.now}
              isKnown={query.data.isKnown && !isPending}
            />
          ))}
        </>
      )}
    </section>
  );
}

function Verdict({
  icon: Icon,
  children,
}: {
  readonly icon: LucideIcon;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className={look.verdict}>
      <Icon size={16} strokeWidth={1.5} aria-hidden />
      <span>{children}</span>
    </div>
  );
}

function Held({ explanation }: { readonly explanation: WireExplanation }): ReactNode {
  const m = useMessages(alertsWords).why;
  const f = useFormat();
  const { silencedBy, inhibitedBy } = explanation;
  if (silencedBy.length === 0 && inhibitedBy.length === 0) return null;
  return (
    <div className={look.verdicts}>
      {silencedBy.map(({ id, comment, createdBy, endsAt }) => (
        <Verdict key={id} icon={BellOff}>
          <Link to={'/alerting/silences' as string} search={{ open: id } as never}>
            {m.silenced(comment, createdBy, f.shortDateTime(endsAt))}
          </Link>
        </Verdict>
      ))}
      {inhibitedBy.map(({ fingerprint, labels }) => (
        <Verdict key={fingerprint} icon={VolumeX}>
          <Link to={'/alerting/alerts' as string} search={{ open: fingerprint } as never}>
            {m.inhibited(labels['alertname'] ?? fingerprint)}
          </Link>
        </Verdict>
      ))}
    </div>
  );
}

function Way({
  route,
  nowMs,
  isKnown,
}: {
  readonly route: WireExplainedRoute;
  readonly nowMs: number;
  readonly isKnown: boolean;
}): ReactNode {
  const m = useMessages(alertsWords).why;
  const f = useFormat();
  const { key, receiver, groupLabels, alerts, nextAt, repeatIntervalMs, mutedBy } = route;
  const steps = key.slice(1, -1).split('}/{').slice(1);
  const group = `{${Object.entries(groupLabels)
    .map((pair) => pair.join('='))
    .join(', ')}}`;
  const next =
    nextAt === undefined ? '' : nextAt > nowMs ? m.next(f.duration(nextAt - nowMs)) : m.nextNow;
  return (
    <div className={look.way}>
      <div className={look.steps}>
        <Link
          to={'/alerting/routes' as string}
          search={{ route: String(route.path.at(-1)) } as never}
        >
          {m.defaultRoute}
        </Link>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps of one path, which may be alike.
          <span key={at} className={look.steps}>
            <ChevronRight size={14} strokeWidth={1.5} aria-hidden />
            <code className={chip.label}>{`{${step}}`}</code>
          </span>
        ))}
        <ChevronRight size={14} strokeWidth={1.5} aria-hidden />
        <strong>{receiver}</strong>
      </div>
      <span className={css.quiet}>
        {alerts === 0 || !isKnown ? m.groupNew(group) : m.groupOf(group, f.number(alerts))}
        {isKnown && next !== '' && ` · ${next}`}
        {` · ${m.repeat(f.duration(repeatIntervalMs))}`}
      </span>
      {mutedBy.length > 0 && <Verdict icon={Moon}>{m.muted(mutedBy.join(', '))}</Verdict>}
      {route.integrations.length === 0 && <Verdict icon={VolumeX}>{m.noIntegration}</Verdict>}
      {isKnown &&
        route.integrations.map((integration) => (
          <Told key={integration.name} integration={integration} nowMs={nowMs} />
        ))}
    </div>
  );
}

function Told({
  integration,
  nowMs,
}: {
  readonly integration: WireExplainedRoute['integrations'][number];
  readonly nowMs: number;
}): ReactNode {
  const m = useMessages(alertsWords).why;
  const f = useFormat();
  const { name, told, lastAttempt } = integration;
  const words = { firing: m.told, resolved: m.toldResolved, absent: m.toldOthers };
  const isTold = told !== undefined && told.as !== 'absent';
  // A failure after the last success is the news.
  const failure =
    lastAttempt?.error !== undefined && lastAttempt.at > (told?.at ?? 0)
      ? lastAttempt.error
      : undefined;
  return (
    <>
      <Verdict icon={isTold ? CircleCheck : Clock}>
        <code>{name}</code>{' '}
        {told === undefined ? (
          m.notTold
        ) : (
          <span title={f.exactTime(told.at)}>{words[told.as](f.ago(told.at, nowMs))}</span>
        )}
      </Verdict>
      {failure !== undefined && (
        <div className={css.error}>
          <Verdict icon={CircleAlert}>{m.failed(failure)}</Verdict>
        </div>
      )}
    </>
  );
}
