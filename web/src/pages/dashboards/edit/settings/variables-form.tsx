import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Variable } from '../../../../../../src/dashboards/model/contract.ts';
import type { DataSource } from '../../../../api/dashboards.ts';
import { replaced } from '../../../../dashboards/editing/lists.ts';
import { newVariable } from '../../../../dashboards/editing/variables.ts';
import type { VariablesView } from '../../../../dashboards/runtime.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button } from '../../../../ui/button.tsx';
import type { Editing } from '../use-editing.ts';
import { EntryList } from './entry-list.tsx';
import css from './settings-editor.module.css';
import { circleOf } from './variable-facts.tsx';
import { VariableForm } from './variable-form.tsx';
import { settingsWords } from './words.ts';

/** The variables of a dashboard, in the order in which they are chosen. */
export function VariablesForm({
  editing,
  dataSources,
  variables,
}: {
  readonly editing: Editing;
  readonly dataSources: readonly DataSource[];
  readonly variables: VariablesView;
}): ReactNode {
  const own = useMessages(settingsWords);
  const { list } = editing.dashboard.templating;
  const put = (next: readonly Variable[], step?: string): void =>
    editing.change(
      (before) => ({ ...before, templating: { ...before.templating, list: next } }),
      step,
    );
  const add = (): void => {
    const first = dataSources.find(({ type }) => type === 'prometheus');
    const source = first === undefined ? undefined : { type: first.type, uid: first.uid };
    put([...list, newVariable(list, source)]);
  };
  return (
    <>
      <EntryList
        list={list}
        empty={own.noVariables}
        nameOf={({ name }) => `$${name}`}
        noteOf={(variable) => (
          <>
            {(own.types as Readonly<Record<string, string>>)[variable.type] ?? variable.type}
            {circleOf(variable, list) !== undefined && (
              <span className={css.badge}>{own.inCircle}</span>
            )}
          </>
        )}
        onChange={put}
        onDuplicate={(index) => {
          const source = list[index];
          if (source === undefined) return;
          put([...list, { ...structuredClone(source), name: newVariable(list).name }]);
        }}
      >
        {(variable, index) => (
          <VariableForm
            variable={variable}
            index={index}
            list={list}
            dashboard={editing.dashboard}
            dataSources={dataSources}
            state={variables.states.get(variable.name)}
            onChange={(next) => put(replaced(list, index, next), `variable ${index}`)}
          />
        )}
      </EntryList>
      <div>
        <Button icon={Plus} onClick={add}>
          {own.addVariable}
        </Button>
      </div>
    </>
  );
}
