import type { ReactNode } from 'react';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { Tabs } from '../../../ui/tabs.tsx';
import css from '../alerting.module.css';
import { Templates } from '../templates/templates.tsx';
import { alertingWords } from '../words.ts';
import { ContactPointList } from './contact-points.tsx';

/** Who is told, and with which words. */
export function Notifications(): ReactNode {
  const words = useMessages(alertingWords);
  const setView = useSetView();
  usePageTitle({ label: words.alerting }, { label: words.contactPoints });
  const tab = useTextParam('tab') === 'templates' ? 'templates' : 'points';
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{words.contactPoints}</h1>
        <div className={css.tabs}>
          <Tabs
            value={tab}
            onChange={(next) => setView({ tab: next === 'points' ? '' : next, q: '' })}
            tabs={[
              { value: 'points', label: words.contactPoints, content: <ContactPointList /> },
              { value: 'templates', label: words.templates, content: <Templates /> },
            ]}
          />
        </div>
      </div>
    </div>
  );
}
