import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AnnotationQuery } from '../../../../../../src/dashboards/model/contract.ts';
import type { DataSource } from '../../../../api/dashboards.ts';
import type { AnnotationStore } from '../../../../dashboards/annotation-store.ts';
import { replaced } from '../../../../dashboards/editing/lists.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button } from '../../../../ui/button.tsx';
import type { Editing } from '../use-editing.ts';
import { AnnotationForm } from './annotation-form.tsx';
import { EntryList } from './entry-list.tsx';
import { settingsWords } from './words.ts';

/** What is marked in the charts of a dashboard. */
export function AnnotationsForm({
  editing,
  dataSources,
  store,
}: {
  readonly editing: Editing;
  readonly dataSources: readonly DataSource[];
  readonly store: AnnotationStore;
}): ReactNode {
  const m = useMessages(settingsWords);
  const { list } = editing.dashboard.annotations;
  const put = (next: readonly AnnotationQuery[], step?: string): void =>
    editing.change(
      (before) => ({ ...before, annotations: { ...before.annotations, list: next } }),
      step,
    );
  const add = (): void => {
    const source = dataSources.find(({ type }) => type === 'prometheus');
    const datasource = source === undefined ? null : { type: source.type, uid: source.uid };
    const name = m.annotation(String(list.length + 1));
    put([...list, { name, enable: true, iconColor: 'red', datasource, expr: '' }]);
  };
  return (
    <>
      <EntryList
        list={list}
        empty={m.noAnnotations}
        nameOf={({ name }) => name}
        noteOf={({ enable }) => (enable ? '' : m.off)}
        mayRemove={({ builtIn }) => builtIn !== 1}
        onChange={put}
      >
        {(annotation, index) => (
          <AnnotationForm
            annotation={annotation}
            dashboard={editing.dashboard}
            dataSources={dataSources}
            store={store}
            onChange={(next) => put(replaced(list, index, next), `annotation ${index}`)}
          />
        )}
      </EntryList>
      <div>
        <Button icon={Plus} onClick={add}>
          {m.addAnnotation}
        </Button>
      </div>
    </>
  );
}
