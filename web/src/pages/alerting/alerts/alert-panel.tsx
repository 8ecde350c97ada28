import { Link } from '@tanstack/react-router';
import { BellOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import page from '../../../ui/page.module.css';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { AlertStateWord } from '../alert-state.tsx';
import css from '../alerting.module.css';
import { LinkButton } from '../link-button.tsx';
import { alertingWords } from '../words.ts';
import { type AlertLink, alertLinks, silenceSearch } from './alert-links.ts';
import type { AlertItem } from './alert-model.ts';
import { Why } from './why.tsx';
import { alertsWords } from './words.ts';

/** All that is known of one alert, beside the list. */
export function AlertPanel({
  alert,
  onClose,
}: {
  readonly alert: AlertItem;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(alertingWords);
  const f = useFormat();
  const links = alertLinks(alert);
  const { labels, state, sinceMs, value } = alert;
  return (
    <SidePanel title={labels['alertname'] ?? ''} onClose={onClose}>
      <div className={page.detail}>
        <div className={css.tools}>
          <AlertStateWord state={state} labels={labels} />
          <span className={css.quiet}>
            {m.since} <time title={f.exactTime(sinceMs)}>{f.shortDateTime(sinceMs)}</time>
          </span>
          {value !== undefined && (
            <span className={css.quiet}>
              {m.value} <code>{value}</code>
            </span>
          )}
          <LinkButton
            className={css.push}
            to="/alerting/silence/new"
            search={silenceSearch(labels)}
            icon={BellOff}
          >
            {m.silence}
          </LinkButton>
        </div>
        <Why labels={labels} isPending={state === 'pending'} />
        {links.length > 0 && <Links links={links} />}
        <Pairs title={m.annotations} pairs={alert.annotations} />
        <Pairs title={m.labels} pairs={labels} isMono />
      </div>
    </SidePanel>
  );
}

function Links({ links }: { readonly links: readonly AlertLink[] }): ReactNode {
  const m = useMessages(alertsWords);
  const nameOf = (link: AlertLink): string => {
    if (link.kind === 'pod') return m.pod(link.name);
    return link.kind === 'node' ? m.node(link.name) : m[link.kind];
  };
  return (
    <section>
      <h2>{m.links}</h2>
      <div className={css.links}>
        {links.map((link) =>
          'href' in link ? (
            <a key={link.kind} href={link.href} target="_blank" rel="noreferrer">
              {nameOf(link)}
            </a>
          ) : (
            <Link key={link.kind} to={link.to} search={link.search as never}>
              {nameOf(link)}
            </Link>
          ),
        )}
      </div>
    </section>
  );
}

function Pairs({
  title,
  pairs,
  isMono = false,
}: {
  readonly title: string;
  readonly pairs: Readonly<Record<string, string>>;
  readonly isMono?: boolean;
}): ReactNode {
  const shown = Object.entries(pairs).filter(([name]) => !name.startsWith('__'));
  if (shown.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <dl className={page.facts}>
        {shown.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd className={isMono ? css.mono : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
