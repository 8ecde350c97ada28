import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DataSource } from '../../../../api/dashboards.ts';
import type { AnnotationStore } from '../../../../dashboards/annotation-store.ts';
import type { VariablesView } from '../../../../dashboards/runtime.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { useSetView } from '../../../../state/view.ts';
import { Button } from '../../../../ui/button.tsx';
import { Tabs } from '../../../../ui/tabs.tsx';
import { LinkButton } from '../../../alerting/link-button.tsx';
import type { Editing } from '../use-editing.ts';
import { editWords } from '../words.ts';
import { AnnotationsForm } from './annotations-form.tsx';
import { GeneralForm } from './general-form.tsx';
import { LinksForm } from './links-form.tsx';
import css from './settings-editor.module.css';
import { VariablesForm } from './variables-form.tsx';
import { settingsWords } from './words.ts';

const tabs = ['general', 'variables', 'annotations', 'links'] as const;
type Tab = (typeof tabs)[number];

/** What concerns the whole dashboard. */
export function SettingsEditor({
  editing,
  variables,
  dataSources,
  store,
  tab,
}: {
  readonly editing: Editing;
  readonly variables: VariablesView;
  readonly dataSources: readonly DataSource[];
  readonly store: AnnotationStore;
  /** As the link has it. */
  readonly tab: string;
}): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(settingsWords);
  const setView = useSetView();
  const { uid } = editing.dashboard;
  const form = { editing, dataSources };
  const contents: Readonly<Record<Tab, ReactNode>> = {
    general: <GeneralForm editing={editing} />,
    variables: <VariablesForm {...form} variables={variables} />,
    annotations: <AnnotationsForm {...form} store={store} />,
    links: <LinksForm editing={editing} />,
  };
  const { templating, annotations, links } = editing.dashboard;
  const notes = {
    general: undefined,
    variables: String(templating.list.length),
    annotations: String(annotations.list.length),
    links: String(links.length),
  };
  return (
    <div className={css.settings}>
      <div className={css.head}>
        <Button icon={ArrowLeft} onClick={() => setView({ editview: undefined })}>
          {m.apply}
        </Button>
        {uid !== undefined && (
          <LinkButton look="quiet" to={`/dashboard/settings/${uid}`}>
            {own.historyLink}
          </LinkButton>
        )}
      </div>
      <Tabs<Tab>
        value={tabs.find((one) => one === tab) ?? 'general'}
        onChange={(editview) => setView({ editview }, { replace: true })}
        tabs={tabs.map((value) => ({
          value,
          label: own.tabs[value],
          note: notes[value],
          content: <div className={css.form}>{contents[value]}</div>,
        }))}
      />
    </div>
  );
}
