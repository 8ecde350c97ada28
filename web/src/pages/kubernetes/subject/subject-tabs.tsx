import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { kubernetesWords } from '../words.ts';
import { AlertList } from './alert-list.tsx';
import { EventTab } from './event-tab.tsx';
import css from './subject.module.css';
import type { SubjectTab } from './subject-frame.tsx';

/** Tabs that the pages of nodes, workloads, namespaces and volumes have in common, with their counts. */
export function useSubjectTabs(): {
  readonly events: (happenings: Parameters<typeof EventTab>[0]['happenings']) => SubjectTab;
  readonly alerts: (alerts: Parameters<typeof AlertList>[0]['alerts']) => SubjectTab;
} {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const noteOf = (count: number): string | undefined => (count === 0 ? undefined : f.number(count));
  return {
    events: (happenings) => ({
      value: 'events',
      label: m.happened,
      note: noteOf(happenings.length),
      content: <EventTab happenings={happenings} />,
    }),
    alerts: (alerts) => ({
      value: 'alerts',
      label: m.alerts,
      note: noteOf(alerts.length),
      content: (
        <div className={css.section}>
          <AlertList alerts={alerts} />
        </div>
      ),
    }),
  };
}
