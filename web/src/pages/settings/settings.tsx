import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionApi } from '../../api/session.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { frameWords } from '../../frame/words.ts';
import { useMessages } from '../../i18n/messages.ts';
import { setPreferences, usePreferences } from '../../state/preferences.ts';
import { OwnZoneChoice } from '../../time/range-picker.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Card } from '../../ui/states.tsx';
import css from './settings.module.css';

export function Settings(): ReactNode {
  const m = useMessages(frameWords);
  const preferences = usePreferences();
  const session = useQuery({ queryKey: ['session'], queryFn: sessionApi.get });
  usePageTitle({ label: m.settings });
  const facts = Object.entries(session.data?.server ?? {}).filter(
    ([, value]) => value !== undefined,
  );
  const factNames: Readonly<Record<string, string>> = m.facts;
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.settings}</h1>
      <Card title={m.settingsPreferences}>
        <div className={css.rows}>
          <p className={css.help}>{m.settingsHelp}</p>
          <Row label={m.language}>
            <Segmented
              label={m.language}
              value={preferences.language}
              options={[
                { value: 'en', label: 'English' },
                { value: 'ko', label: '한국어' },
              ]}
              onChange={(language) => setPreferences({ language })}
            />
          </Row>
          <Row label={m.theme}>
            <Segmented
              label={m.theme}
              value={preferences.theme}
              options={[
                { value: 'system', label: m.themeSystem },
                { value: 'dark', label: m.themeDark },
                { value: 'light', label: m.themeLight },
              ]}
              onChange={(theme) => setPreferences({ theme })}
            />
          </Row>
          <Row label={m.timeZone}>
            <OwnZoneChoice />
          </Row>
        </div>
      </Card>
      <Card title={m.about}>
        <div className={css.rows}>
          <p className={css.help}>
            {session.data?.principal?.kind === 'anonymous'
              ? m.localUserHelp
              : m.loggedInAs(session.data?.principal?.name ?? '')}
          </p>
          {facts.map(([name, value]) => (
            <Row key={name} label={factNames[name] ?? name}>
              <code>{value}</code>
            </Row>
          ))}
        </div>
      </Card>
    </div>
  );
}

function Row({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className={css.row}>
      <span className={css.label}>{label}</span>
      <div>{children}</div>
    </div>
  );
}
