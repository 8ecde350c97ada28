import { type ReactNode, useMemo, useState } from 'react';
import { describeReportItem, type ReportItem } from '../../../../../src/dashboards/model/index.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button } from '../../../ui/button.tsx';
import { Status, type StatusKind } from '../../../ui/states.tsx';
import css from './import.module.css';
import { byPanel } from './source.ts';
import { importWords } from './words.ts';

const kindOf: Readonly<Record<ReportItem['severity'], StatusKind>> = {
  problem: 'critical',
  warning: 'warning',
  note: 'info',
};

/** What of a dashboard is shown otherwise than its author meant, panel by panel. */
export function ImportReport({
  items,
  panels,
}: {
  readonly items: readonly ReportItem[];
  readonly panels?: number;
}): ReactNode {
  const m = useMessages(importWords);
  const f = useFormat();
  const [hasNotes, setNotes] = useState(false);
  const count = (severity: ReportItem['severity']): number =>
    items.filter((item) => item.severity === severity).length;
  const groups = useMemo(
    () => byPanel(hasNotes ? items : items.filter(({ severity }) => severity !== 'note')),
    [items, hasNotes],
  );
  const [problems, warnings, notes] = [count('problem'), count('warning'), count('note')];
  return (
    <section className={css.report} aria-label={m.report}>
      <h2>{m.report}</h2>
      <p className={css.summary}>
        {panels !== undefined && `${m.panels(f.number(panels))} · `}
        {problems + warnings === 0
          ? m.allWell
          : m.counts(f.number(problems), f.number(warnings), f.number(notes))}
      </p>
      {groups.map(({ panel, items: own }) => (
        <div key={panel?.id ?? 'dashboard'} className={css.panelReport}>
          <h3>{panel === undefined ? m.wholeDashboard : panel.title || m.untitled}</h3>
          <ul>
            {own.map((item) => (
              <li key={`${item.code} ${item.path}`}>
                <Status kind={kindOf[item.severity]}>{m.severities[item.severity]}</Status>
                <span title={item.path}>{describeReportItem(item, f.language)}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {notes > 0 && !hasNotes && (
        <div>
          <Button look="quiet" onClick={() => setNotes(true)}>
            {m.notes(f.number(notes))}
          </Button>
        </div>
      )}
    </section>
  );
}
