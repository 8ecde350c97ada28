import { type ReactNode, useMemo } from 'react';
import { metricsApi } from '../../api/metrics.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { ErrorState, SkeletonLines, Status, type StatusKind } from '../../ui/states.tsx';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';
import { type AlertState, alertEntries, alertListOptions } from './alert-entries.ts';
import css from './lists.module.css';
import { useLoaded } from './use-loaded.ts';

const kinds: Readonly<Record<AlertState, StatusKind>> = {
  firing: 'critical',
  pending: 'warning',
  error: 'critical',
  normal: 'ok',
};

/** Alerts of the server's rules, by state, name and labels. */
export function Body({ panel, interpolate, toMs }: PanelBodyProps): ReactNode {
  const m = useMessages(panelWords);
  const f = useFormat();
  const options = useMemo(() => alertListOptions(panel.options, interpolate), [panel, interpolate]);
  const { value, error } = useLoaded(String(toMs), (signal) => metricsApi.rules(signal));
  if (error !== undefined && value === undefined) {
    return <ErrorState error={error} title={m.loadFailed} />;
  }
  if (value === undefined) return <SkeletonLines count={4} />;
  const entries = alertEntries(value.groups, options);
  if (options.isStat) {
    return (
      <div className={css.figure}>
        <span>{f.number(entries.length)}</span>
      </div>
    );
  }
  if (entries.length === 0) return <Note>{m.noAlerts}</Note>;
  return (
    <ul className={css.list}>
      {entries.map((entry) => (
        <li key={entry.key} className={css.entry}>
          <Status kind={kinds[entry.state]}>{m.alertStates[entry.state]}</Status>
          <a className={css.main} href={new URL('alerts', document.baseURI).href}>
            {entry.name}
          </a>
          <span className={css.note} title={entry.summary}>
            {entry.summary}
          </span>
          {entry.sinceMs !== undefined && (
            <span className={css.when}>{f.ago(entry.sinceMs, Date.now())}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
