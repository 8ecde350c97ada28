import { Plus } from 'lucide-react';
import { type ReactNode, useMemo, useState, useSyncExternalStore } from 'react';
import type { Panel, Transformation } from '../../../../../../src/dashboards/model/contract.ts';
import { transformationKind } from '../../../../../../src/dashboards/model/transformations.ts';
import { inserted, moved, removed, replaced } from '../../../../dashboards/editing/lists.ts';
import {
  columnsOf,
  stepResults,
} from '../../../../dashboards/editing/transformations/step-results.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import type { ScopedVars } from '../../../../panels/contract.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { Button } from '../../../../ui/button.tsx';
import { SortableList } from '../../../../ui/sortable-list.tsx';
import type { PanelContext } from '../../view/panel-frame.tsx';
import { ColumnsContext } from '../panel/columns.ts';
import panelCss from '../panel/panel-editor.module.css';
import type { ChangePanel } from '../panel/queries-tab.tsx';
import { AddStepDialog } from './add-step-dialog.tsx';
import { StepSection } from './step-section.tsx';
import { transformationWords } from './words.ts';

const noSteps: readonly Transformation[] = [];

export interface TransformationsTabProps {
  readonly panel: Panel;
  /** Of the panel's queries in the runtime. */
  readonly panelKey: string;
  readonly scopedVars: ScopedVars;
  readonly context: PanelContext;
  readonly onChange: ChangePanel;
}

/** The steps between the answers and the panel, in their order, each with what comes of it. */
export function TransformationsTab(props: TransformationsTabProps): ReactNode {
  const { panel, panelKey, scopedVars, context, onChange } = props;
  const m = useMessages(transformationWords);
  const { language } = usePreferences();
  const [isAdding, setIsAdding] = useState(false);
  const { view } = context.runtime.panel(panelKey);
  const { frames } = useSyncExternalStore(view.subscribe, view.get).data;
  const list = panel.transformations ?? noSteps;
  const results = useMemo(() => {
    const put = (text: string): string => context.interpolate(text, scopedVars);
    return stepResults(list, frames, put).map((result) => ({
      result,
      columns: columnsOf(result.before),
    }));
  }, [list, frames, context, scopedVars]);
  const change = (
    apply: (list: readonly Transformation[]) => readonly Transformation[],
    step = 'transformations',
  ): void =>
    onChange(
      (before) => ({ ...before, transformations: apply(before.transformations ?? []) }),
      step,
    );
  const nameOf = ({ id }: Transformation): string => transformationKind(id)?.name[language] ?? id;
  return (
    <div className={panelCss.tab}>
      {list.length === 0 && <p className={panelCss.note}>{m.none}</p>}
      <SortableList
        items={list}
        keyOf={(_, index) => String(index)}
        gripLabel={(step) => m.move(nameOf(step))}
        onMove={(from, to) => change((all) => moved(all, from, to - from), 'move step')}
      >
        {(step, index, grip) => {
          const found = results[index];
          return (
            found !== undefined && (
              <ColumnsContext value={found.columns}>
                <StepSection
                  step={step}
                  name={nameOf(step)}
                  number={index + 1}
                  grip={grip}
                  result={found.result}
                  zone={context.zone}
                  onChange={(next) => change((all) => replaced(all, index, next), `step ${index}`)}
                  onDuplicate={() =>
                    change((all) => inserted(all, index + 1, structuredClone(step)), 'copy step')
                  }
                  onRemove={() => change((all) => removed(all, index), 'remove step')}
                />
              </ColumnsContext>
            )
          );
        }}
      </SortableList>
      <div>
        <Button icon={Plus} onClick={() => setIsAdding(true)}>
          {m.add}
        </Button>
      </div>
      {isAdding && (
        <AddStepDialog
          onAdd={({ id, preset }) =>
            change((all) => [...all, { id, options: structuredClone(preset) }], 'add step')
          }
          onClose={() => setIsAdding(false)}
        />
      )}
    </div>
  );
}
