import { LayoutDashboard, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { readPanelId } from '../../../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../../../api/dashboards.ts';
import { addPanel, findPanel } from '../../../dashboards/editing/panels.ts';
import type { Layout, PlacedPanel } from '../../../dashboards/layout.ts';
import type { VariablesView } from '../../../dashboards/runtime.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { textOf } from '../../../state/url.ts';
import { useSetView, useView } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { Empty } from '../../../ui/states.tsx';
import type { PanelContext } from '../view/panel-frame.tsx';
import css from '../view/view.module.css';
import { EditGrid } from './edit-grid.tsx';
import { PanelEditor } from './panel/panel-editor.tsx';
import { SettingsEditor } from './settings/settings-editor.tsx';
import type { Editing } from './use-editing.ts';
import { editWords } from './words.ts';

export interface EditorProps {
  readonly editing: Editing;
  readonly layout: Layout;
  readonly context: PanelContext;
  readonly dataSources: readonly DataSource[];
  readonly variables: VariablesView;
}

/** What is edited, by the link: one panel, the settings, or the grid of all of them. */
export function Editor(props: EditorProps): ReactNode {
  const { editing, layout, context, dataSources, variables } = props;
  const m = useMessages(editWords);
  const view = useView();
  const setView = useSetView();
  const panelText = textOf(view['editPanel']);
  if (panelText !== '') {
    const id = readPanelId(panelText);
    const panel = id === undefined ? undefined : findPanel(editing.dashboard, id);
    const close = (): void => setView({ editPanel: undefined });
    if (panel === undefined) {
      return (
        <Empty title={m.noSuchPanel(panelText)}>
          <Button onClick={close}>{m.apply}</Button>
        </Empty>
      );
    }
    const item = layout.items.find(({ key }) => key === `panel-${panel.id}`);
    return (
      <PanelEditor
        key={panel.id}
        panel={panel}
        item={item as PlacedPanel | undefined}
        editing={editing}
        context={context}
        dataSources={dataSources}
        onClose={close}
      />
    );
  }
  if (textOf(view['editview']) !== '') {
    return (
      <SettingsEditor
        editing={editing}
        variables={variables}
        dataSources={dataSources}
        store={context.runtime.annotations}
        tab={textOf(view['editview'])}
      />
    );
  }
  const add = (): void => {
    const { dashboard, panel } = addPanel(editing.dashboard, {
      type: 'timeseries',
      title: m.newPanel,
    });
    editing.change(() => dashboard);
    context.onEdit(panel.id);
  };
  const { title } = editing.dashboard;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={title}>
      {editing.dashboard.panels.length === 0 ? (
        <Empty icon={LayoutDashboard} title={m.newEmpty} text={m.newEmptyText}>
          <Button look="primary" icon={Plus} onClick={add}>
            {m.addPanel}
          </Button>
        </Empty>
      ) : (
        <EditGrid editing={editing} layout={layout} context={context} />
      )}
    </section>
  );
}
