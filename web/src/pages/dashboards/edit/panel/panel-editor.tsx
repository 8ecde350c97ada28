import { ArrowLeft, RotateCcw } from 'lucide-react';
import {
  type ReactNode,
  useCallback,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Panel } from '../../../../../../src/dashboards/model/contract.ts';
import { panelKind } from '../../../../../../src/dashboards/model/panel-kinds/index.ts';
import type { DataSource } from '../../../../api/dashboards.ts';
import { allPanels, withPanel } from '../../../../dashboards/editing/panels.ts';
import {
  type Columns,
  columnsOf,
  stepResults,
} from '../../../../dashboards/editing/transformations/step-results.ts';
import type { PlacedPanel } from '../../../../dashboards/layout.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button } from '../../../../ui/button.tsx';
import { Tabs } from '../../../../ui/tabs.tsx';
import { type PanelContext, PanelFrame } from '../../view/panel-frame.tsx';
import { useSize } from '../../view/use-size.ts';
import { SharedNote } from '../library/shared-note.tsx';
import { TransformationsTab } from '../transformations/transformations-tab.tsx';
import type { Editing } from '../use-editing.ts';
import { editWords } from '../words.ts';
import { ColumnsContext } from './columns.ts';
import { OptionsPane } from './options-pane.tsx';
import css from './panel-editor.module.css';
import { QueriesTab } from './queries-tab.tsx';
import { useSettled } from './use-settled.ts';
import { panelWords } from './words.ts';

export interface PanelEditorProps {
  readonly panel: Panel;
  /** As it stands in the dashboard: the first of its repetitions. */
  readonly item: PlacedPanel | undefined;
  readonly editing: Editing;
  readonly context: PanelContext;
  readonly dataSources: readonly DataSource[];
  readonly onClose: () => void;
}

type Tab = 'queries' | 'transformations';

/** A query that is still being typed is not asked for. */
const typingPauseMs = 600;
const noScope = {};

/** One panel while it is made: what it asks below, how it looks beside, what comes of it above. */
export function PanelEditor(props: PanelEditorProps): ReactNode {
  const { panel, item, editing, context, dataSources, onClose } = props;
  const m = useMessages(editWords);
  const own = useMessages(panelWords);
  const [tab, setTab] = useState<Tab>('queries');
  const opened = useRef(panel);
  const [host, size] = useSize<HTMLDivElement>();
  const [targets, showNow] = useSettled(panel.targets, typingPauseMs);
  const scopedVars = item?.scopedVars ?? noScope;
  const shown = useMemo<PlacedPanel>(
    () => ({
      ...{ kind: 'panel', key: `panel-${panel.id}`, scopedVars, x: 0, y: 0, w: 24, h: 8 },
      panel: targets === undefined ? panel : { ...panel, targets },
    }),
    [panel, targets, scopedVars],
  );
  const columns = usePanelColumns(panel, shown.key, scopedVars, context);
  const change = (apply: (panel: Panel) => Panel, step = 'panel'): void =>
    editing.change((before) => withPanel(before, panel.id, apply), `${step} ${panel.id}`);
  const latest = useRef(change);
  latest.current = change;
  // The same for as long as the page is there: the preview is drawn anew only when something changed.
  const changeInPlace = useCallback(
    (apply: (panel: Panel) => Panel) => latest.current(apply, 'in place'),
    [],
  );
  const hasQueries = panelKind(panel.type)?.hasQueries !== false;
  const variables = editing.dashboard.templating.list;
  return (
    <div className={css.editor}>
      <div className={css.head}>
        <Button icon={ArrowLeft} onClick={onClose}>
          {m.apply}
        </Button>
        <Button
          look="quiet"
          icon={RotateCcw}
          disabled={panel === opened.current}
          onClick={() => change(() => opened.current, 'discard')}
        >
          {own.discardPanel}
        </Button>
        <SharedNote panel={panel} onChange={change} />
      </div>
      <div ref={host} className={css.preview}>
        {size.width > 0 && (
          <PanelFrame
            item={shown}
            width={size.width}
            height={size.height}
            context={context}
            hasLegend
            hasMenu={false}
            onPanelChange={changeInPlace}
          />
        )}
      </div>
      <div className={css.tabs}>
        {hasQueries ? (
          <Tabs<Tab>
            value={tab}
            onChange={setTab}
            tabs={[
              {
                value: 'queries',
                label: own.queries,
                note: String(panel.targets?.length ?? 0),
                content: (
                  <QueriesTab
                    panel={panel}
                    dataSources={dataSources}
                    variables={variables}
                    panels={allPanels(editing.dashboard)}
                    context={context}
                    onChange={change}
                    onRun={showNow}
                  />
                ),
              },
              {
                value: 'transformations',
                label: own.transformations,
                note: String(panel.transformations?.length ?? 0),
                content: (
                  <TransformationsTab
                    panel={panel}
                    panelKey={shown.key}
                    scopedVars={scopedVars}
                    context={context}
                    onChange={change}
                  />
                ),
              },
            ]}
          />
        ) : (
          <p className={css.none}>{own.noQueries}</p>
        )}
      </div>
      <ColumnsContext value={columns}>
        <OptionsPane panel={panel} variables={variables} onChange={change} />
      </ColumnsContext>
    </div>
  );
}

const noSteps: NonNullable<Panel['transformations']> = [];

/** The fields that the panel draws: those after its transformations. */
function usePanelColumns(
  { transformations = noSteps }: Panel,
  key: string,
  scopedVars: PlacedPanel['scopedVars'],
  { runtime, interpolate }: PanelContext,
): Columns {
  const { view } = runtime.panel(key);
  const { frames } = useSyncExternalStore(view.subscribe, view.get).data;
  return useMemo(() => {
    const put = (text: string): string => interpolate(text, scopedVars);
    return columnsOf(stepResults(transformations, frames, put).at(-1)?.after ?? frames);
  }, [transformations, frames, interpolate, scopedVars]);
}
