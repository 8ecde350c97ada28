import type { ReactNode } from 'react';
import type { ReportRun } from '../../api/reports.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Status } from '../../ui/states.tsx';
import { reportWords } from './words.ts';

/** How a sending went, and when. */
export function RunStatus({ run }: { readonly run: ReportRun | undefined }): ReactNode {
  const m = useMessages(reportWords);
  const f = useFormat();
  if (run === undefined) return m.never;
  return (
    <Status kind={run.error === undefined ? 'ok' : 'critical'}>
      {run.error === undefined ? m.arrived : m.failed}{' '}
      <time title={f.exactTime(run.at)}>{f.shortDateTime(run.at)}</time>
    </Status>
  );
}
