import type { ReactNode } from 'react';
import type { Change } from '../../../../../src/dashboards/model/index.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { classNames } from '../../../ui/class-names.ts';
import { type groupChanges, valueText } from './changes.ts';
import css from './settings.module.css';
import { settingsWords } from './words.ts';

/** What differs, panel by panel. */
export function ChangeGroups({
  groups,
}: {
  readonly groups: ReturnType<typeof groupChanges>;
}): ReactNode {
  const m = useMessages(settingsWords);
  return groups.map(({ panel, changes }) => (
    <section key={panel?.id ?? 'rest'}>
      <h2>{panel === undefined ? m.rest : m.panel(panel.title || `#${panel.id}`)}</h2>
      {changes.map((change) => (
        <ChangeRow key={change.path} change={change} />
      ))}
    </section>
  ));
}

function ChangeRow({ change }: { readonly change: Change }): ReactNode {
  const m = useMessages(settingsWords);
  return (
    <div className={css.change}>
      <div className={css.changeHead}>
        <span className={css.kind}>{m.kinds[change.kind]}</span>
        <code>{change.path}</code>
      </div>
      {change.kind !== 'added' && (
        <pre className={classNames(css.value, css.before)}>{valueText(change.from)}</pre>
      )}
      {change.kind !== 'removed' && (
        <pre className={classNames(css.value, css.after)}>{valueText(change.to)}</pre>
      )}
    </div>
  );
}
