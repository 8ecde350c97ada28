import { Pencil } from 'lucide-react';
import {
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import {
  allVariablesText,
  readPanelId,
  readTimeWindow,
} from '../../../../../src/dashboards/variables/index.ts';
import type { DashboardAnswer, DataSource } from '../../../api/dashboards.ts';
import type { Session } from '../../../api/session.ts';
import { copyPanel } from '../../../dashboards/editing/clipboard.ts';
import { duplicatePanel, removePanel } from '../../../dashboards/editing/panels.ts';
import { layOut, type PlacedPanel } from '../../../dashboards/layout.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { listOf, textOf } from '../../../state/url.ts';
import { useSetView, useView } from '../../../state/view.ts';
import { isoInstant } from '../../../time/range.ts';
import { usePageRange, useSharedRange } from '../../../time/shared-range.tsx';
import { Button } from '../../../ui/button.tsx';
import { Empty } from '../../../ui/states.tsx';
import { toast, toastError } from '../../../ui/toast.tsx';
import { UnsavedGuard } from '../../../ui/unsaved-guard.tsx';
import { useEditing } from '../edit/use-editing.ts';
import { alertLink } from './alert-link.ts';
import { Alone } from './alone.tsx';
import { exploreLink } from './explore-link.ts';
import { Grid } from './grid.tsx';
import { InspectPanel, type InspectTab } from './inspect.tsx';
import { LinksBar } from './links-bar.tsx';
import { useOpenHref } from './open-href.ts';
import { useDashboardRange } from './page-range.ts';
import type { PanelAction, PanelContext } from './panel-frame.tsx';
import { downloadPicture } from './picture.ts';
import { ShareDialog } from './share-dialog.tsx';
import { Toolbar } from './toolbar.tsx';
import { useDashboardKeys } from './use-dashboard-keys.ts';
import { useFilter } from './use-filter.ts';
import { useLegends } from './use-legends.ts';
import { useRuntime } from './use-runtime.ts';
import { VariablesBar } from './variables-bar.tsx';
import css from './view.module.css';
import { viewWords } from './words.ts';

export interface DashboardPageProps {
  readonly answer: DashboardAnswer;
  readonly dataSources: readonly DataSource[];
  readonly session: Session;
  /** Not saved yet: there is nothing to look at without editing. */
  readonly isNew?: boolean;
}

const Editor = lazy(async () => ({ default: (await import('../edit/editor.tsx')).Editor }));
const EditTools = lazy(async () => ({
  default: (await import('../edit/edit-tools.tsx')).EditTools,
}));

const noRows: ReadonlySet<number> = new Set();
const here = { isNewTab: false };

/** A dashboard as it is looked at and edited. What it shows is in the link, what is unsaved is here. */
export function DashboardPage(props: DashboardPageProps): ReactNode {
  const { answer, dataSources, session, isNew = false } = props;
  const m = useMessages(viewWords);
  const { meta } = answer;
  const editing = useEditing(answer, isNew);
  const { dashboard, mayEdit } = editing;
  const [isSaving, setIsSaving] = useState(false);
  const view = useView();
  const setView = useSetView();
  const openHref = useOpenHref();
  const pageRange = useDashboardRange(dashboard);
  usePageRange(pageRange);
  const shared = useSharedRange();
  const isReady = shared.page === pageRange;
  const { runtime, variables, interpolate } = useRuntime(dashboard, dataSources, session, isReady);

  const toggledText = listOf(view['rows']).join(' ');
  const toggledRows = useMemo(
    () => new Set(toggledText === '' ? [] : toggledText.split(' ').map(Number)),
    [toggledText],
  );
  const layout = useMemo(
    () =>
      layOut({
        panels: dashboard.panels,
        variables: variables.states,
        // The editor closes rows in the document itself.
        toggledRows: editing.isActive ? noRows : toggledRows,
      }),
    [dashboard.panels, variables.states, toggledRows, editing.isActive],
  );
  const graphTooltip = Number(textOf(view['crosshair']) || (dashboard.graphTooltip ?? 0));
  const hovered = useRef<PlacedPanel>(undefined);
  const [shareOf, setShareOf] = useState<PlacedPanel | 'dashboard'>();
  const legends = useLegends();

  const setRows = useCallback(
    (rows: Iterable<number>) => setView({ rows: [...rows].map(String) }),
    [setView],
  );
  const toggleRow = useCallback(
    (id: number) => {
      const next = new Set(toggledRows);
      if (!next.delete(id)) next.add(id);
      setRows(next);
    },
    [toggledRows, setRows],
  );
  const editPanel = useCallback(
    (id: number) =>
      setView({ edit: '1', editPanel: String(id), viewPanel: undefined, inspect: undefined }),
    [setView],
  );
  const act = (item: PlacedPanel, action: PanelAction): void => {
    if (typeof action === 'object') {
      setView({ inspect: item.key, inspectTab: action.inspect });
      return;
    }
    switch (action) {
      case 'view':
        setView({ viewPanel: item.key, inspect: undefined });
        break;
      case 'leave':
        setView({ viewPanel: undefined });
        break;
      case 'share':
        setShareOf(item);
        break;
      case 'legend':
        legends.toggle(item.key);
        break;
      case 'reload':
        runtime.reload(item.key);
        break;
      case 'edit':
        editPanel(item.panel.id);
        break;
      case 'duplicate':
        editing.change((before) => duplicatePanel(before, item.panel.id));
        editing.start();
        break;
      case 'remove':
        editing.change((before) => removePanel(before, item.panel.id));
        editing.start();
        break;
      case 'copy':
        if (copyPanel(item.panel)) toast(m.panelCopied, m.panelCopiedText);
        else toastError(m.copyFailed);
        break;
      case 'alert': {
        const { request } = runtime.panel(item.key).view.get();
        if (request !== undefined) openHref(alertLink(item.panel, request, answer), here);
        break;
      }
      case 'explore': {
        const { request } = runtime.panel(item.key).view.get();
        const href = request === undefined ? undefined : exploreLink(request, shared.range);
        if (href !== undefined) openHref(href, here);
        break;
      }
      default: {
        const title = interpolate(item.panel.title ?? '', item.scopedVars) || item.key;
        void downloadPicture(item.key, title, action, m.downloadFailed);
      }
    }
  };
  const latestAct = useRef(act);
  latestAct.current = act;
  const crosshairKey = dashboard.uid ?? 'dashboard';
  const onFilter = useFilter(variables.states);
  const { zone, fromMs, toMs, zoomTo, zoomOut } = shared;
  // What the panels are given keeps its identity while nothing of it changes.
  const context = useMemo<PanelContext>(
    () => ({
      runtime,
      interpolate,
      zone,
      fromMs,
      toMs,
      graphTooltip,
      crosshairKey,
      onZoom: zoomTo,
      onZoomOut: zoomOut,
      onAction: (item, action) => latestAct.current(item, action),
      onHover: (item) => {
        hovered.current = item;
      },
      onFilter,
      mayEdit,
      onEdit: editPanel,
    }),
    [
      runtime,
      interpolate,
      zone,
      fromMs,
      toMs,
      graphTooltip,
      crosshairKey,
      zoomTo,
      zoomOut,
      onFilter,
      mayEdit,
      editPanel,
    ],
  );

  const panels = layout.items.filter((item) => item.kind === 'panel');
  const viewText = textOf(view['viewPanel']);
  const alone = viewText === '' ? undefined : panelOf(panels, viewText);
  const inspected = panelOf(panels, textOf(view['inspect']));
  const rows = dashboard.panels.filter(({ type }) => type === 'row');
  const isKiosk = view['kiosk'] !== undefined;
  const isInEditor =
    editing.isActive && (textOf(view['editPanel']) !== '' || textOf(view['editview']) !== '');
  // Other spellings of links become the one that the steps of this page keep.
  useEffect(() => {
    const window = readTimeWindow(view);
    const isEdit = view['edit'] === '' || (view['edit'] === undefined && !!view['editPanel']);
    const change = {
      ...(view['kiosk'] === '' ? { kiosk: '1' } : {}),
      ...(isEdit ? { edit: '1' } : {}),
      ...(window === undefined
        ? {}
        : {
            from: isoInstant(window.fromMs),
            to: isoInstant(window.toMs),
            time: undefined,
            'time.window': undefined,
          }),
    };
    if (Object.keys(change).length > 0) setView(change, { replace: true });
  }, [view, setView]);
  useDashboardKeys({
    hovered: () => alone ?? hovered.current,
    onAction: act,
    isAlone: alone !== undefined,
    isKiosk,
    onExpandRows: () => setRows(rows.filter((row) => row.collapsed === true).map(({ id }) => id)),
    onCollapseRows: () => setRows(rows.filter((row) => row.collapsed !== true).map(({ id }) => id)),
    onToggleLegends: legends.toggleAll,
    onCrosshair: () => setView({ crosshair: String((graphTooltip + 1) % 3) }, { replace: true }),
    onEscape: () => {
      if (inspected !== undefined) setView({ inspect: undefined, inspectTab: undefined });
      else if (alone !== undefined) setView({ viewPanel: undefined });
      else if (isInEditor) setView({ editPanel: undefined, editview: undefined });
      else setView({ kiosk: undefined });
    },
    mayEdit,
    onSave: () => {
      if (editing.isDirty || editing.isActive) {
        if (!editing.isActive) editing.start();
        setIsSaving(true);
      }
    },
    onSettings: () => setView({ edit: '1', editview: 'general' }),
    onUndo: editing.undo,
    onRedo: editing.redo,
    onRefresh: shared.refresh,
    canEscape: inspected !== undefined || alone !== undefined || isKiosk || isInEditor,
    onKiosk: () => setView({ kiosk: isKiosk ? undefined : '1' }),
  });
  const time = `from=${encodeURIComponent(shared.range.from)}&to=${encodeURIComponent(shared.range.to)}`;
  const carried = useMemo(
    () => ({ variables: allVariablesText(variables.states), time }),
    [variables.states, time],
  );

  const legendOf = (key: string): boolean => legends.areShown !== legends.toggled.has(key);
  return (
    <div className={css.page}>
      <UnsavedGuard isDirty={editing.isDirty} />
      <div className={css.main}>
        <h1 className="visually-hidden">{dashboard.title}</h1>
        {!isKiosk && (
          <div className={css.controls}>
            <VariablesBar runtime={runtime} variables={variables} dataSources={dataSources} />
            <div className={css.tools}>
              <LinksBar dashboard={dashboard} interpolate={interpolate} carried={carried} />
              {editing.isActive ? (
                <Suspense fallback={null}>
                  <EditTools
                    editing={editing}
                    answer={answer}
                    variables={variables}
                    isNew={isNew}
                    isSaving={isSaving}
                    onSaving={setIsSaving}
                  />
                </Suspense>
              ) : (
                mayEdit && (
                  <Button icon={Pencil} onClick={editing.start}>
                    {m.edit}
                  </Button>
                )
              )}
              <Toolbar
                dashboard={dashboard}
                meta={meta}
                annotations={runtime.annotations}
                onShare={() => setShareOf('dashboard')}
                onExpandRows={() =>
                  setRows(rows.filter((row) => row.collapsed === true).map(({ id }) => id))
                }
                onCollapseRows={() =>
                  setRows(rows.filter((row) => row.collapsed !== true).map(({ id }) => id))
                }
                onToggleLegends={legends.toggleAll}
                graphTooltip={graphTooltip}
                isAlone={alone !== undefined}
                isNew={isNew}
              />
            </div>
          </div>
        )}
        {editing.isActive ? (
          <Suspense fallback={null}>
            <Editor
              editing={editing}
              layout={layout}
              context={context}
              dataSources={dataSources}
              variables={variables}
            />
          </Suspense>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
          <section className={css.scroll} tabIndex={0} aria-label={dashboard.title}>
            {layout.items.length === 0 ? (
              <Empty title={m.noPanels} />
            ) : viewText === '' ? (
              <Grid
                layout={layout}
                context={context}
                hasLegends={legends.areShown}
                toggledLegends={legends.toggled}
                onToggleRow={toggleRow}
              />
            ) : alone !== undefined ? (
              <Alone item={alone} context={context} hasLegend={legendOf(alone.key)} />
            ) : (
              variables.isSettled && <Empty title={m.noPanel(viewText)} />
            )}
          </section>
        )}
      </div>
      {inspected !== undefined && (
        <InspectPanel
          key={inspected.key}
          item={inspected}
          context={context}
          tab={(textOf(view['inspectTab']) || 'data') as InspectTab}
          onTab={(tab) => setView({ inspectTab: tab }, { replace: true })}
          onClose={() => setView({ inspect: undefined, inspectTab: undefined })}
        />
      )}
      {shareOf !== undefined && (
        <ShareDialog
          dashboard={dashboard}
          dataSources={dataSources}
          panel={shareOf === 'dashboard' ? undefined : shareOf}
          onClose={() => setShareOf(undefined)}
        />
      )}
    </div>
  );
}

/** By its key, else by the panel's number alone, as old links have it. */
function panelOf(panels: readonly PlacedPanel[], text: string): PlacedPanel | undefined {
  if (text === '') return undefined;
  const id = readPanelId(text);
  return panels.find(({ key }) => key === text) ?? panels.find(({ panel }) => panel.id === id);
}
