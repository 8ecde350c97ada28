import { Link } from '@tanstack/react-router';
import { Gauge, List, Play, Plus, ScrollText } from 'lucide-react';
import { type ReactNode, useCallback, useState } from 'react';
import type { Labels } from '../../../api/metrics.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useShortcuts } from '../../../keys/shortcuts.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { TextInput } from '../../../ui/field.tsx';
import { Kbd } from '../../../ui/kbd.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { Empty, ErrorState } from '../../../ui/states.tsx';
import css from './explore.module.css';
import { Graph, type PickedPoint } from './graph.tsx';
import { HeatView } from './heat-view.tsx';
import { histogramKind } from './histogram-result.ts';
import { Inspector } from './inspector.tsx';
import { MetricBrowser } from './metric-browser.tsx';
import { PointMenu } from './point-menu.tsx';
import { QueryRow } from './query-row.tsx';
import { Ready } from './ready.tsx';
import { ResultTable } from './result-table.tsx';
import { type GraphModel, sharedLabels } from './series-model.ts';
import { stepMsOf } from './step.ts';
import { StepWarning } from './step-warning.tsx';
import {
  type Explore as ExploreModel,
  letterOf,
  maxQueries,
  useExplore,
  type View as ViewName,
  views,
} from './use-explore.ts';
import { useLogsLink } from './use-logs-link.ts';
import { type Results, useResults } from './use-results.ts';
import { exploreWords } from './words.ts';

/** Metrics Explore: write PromQL, see it as a graph or a table, know what it cost. */
export function Explore(): ReactNode {
  const m = useMessages(exploreWords);
  const words = useMessages(frameWords);
  const setView = useSetView();
  const model = useExplore();
  const results = useResults(model.asked, model.view, model.step);
  const view = model.view ?? fittingView(results);
  const [point, setPoint] = useState<PickedPoint>();
  const match = useMatch(model);
  useShortcuts({
    'mod+Enter': () => {
      // The editor has run it already.
      if (document.activeElement?.closest('.cm-editor') === null) model.run();
    },
  });
  const panelText = useTextParam('panel');
  const panel = panelText === 'metrics' || panelText === 'inspector' ? panelText : undefined;
  const [looked, setLooked] = useState<Labels>({});
  const onLook = useCallback((graph: GraphModel, isolated: readonly string[]) => {
    const names = isolated.length > 0 ? isolated : [...graph.labels.keys()];
    setLooked(sharedLabels(names.map((name) => graph.labels.get(name) ?? {})));
  }, []);
  const logsSearch = useLogsLink(looked);
  usePageTitle({ label: words.metrics }, { label: words.explore });

  const setPanel = (next: 'metrics' | 'inspector' | undefined): void =>
    setView({ panel: next === panel ? undefined : next }, { replace: true });
  const pick = (expr: string, isNew: boolean): void => {
    const last = model.drafts.at(-1);
    if (last === undefined) return;
    if (isNew && last.expr.trim() !== '' && model.drafts.length < maxQueries) {
      setView({ q: [...model.asked.map((one) => one.expr), expr] });
    } else model.run({ id: last.id, expr });
  };
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.title}</h1>
      <div className={css.main}>
        <div className={css.queries}>
          {model.drafts.map((draft, index) => (
            <QueryRow
              key={draft.id}
              draft={draft}
              letter={letterOf(index)}
              canRemove={model.drafts.length > 1 || draft.expr !== ''}
              onChange={(expr) => model.edit(draft.id, expr)}
              onRun={() => model.run()}
              onToggle={() => model.toggle(draft.id)}
              onRemove={() => model.remove(draft.id)}
            />
          ))}
        </div>
        <div className={css.bar}>
          <Button look="primary" icon={Play} onClick={() => model.run()}>
            {m.run} <Kbd keys="mod+Enter" />
          </Button>
          <Button
            icon={Plus}
            look="quiet"
            disabled={model.drafts.length >= maxQueries}
            onClick={() => model.add()}
          >
            {m.addQuery}
          </Button>
          <Summary results={results} />
          <span className={css.spacer} />
          <Link
            to="/logs/insights"
            search={logsSearch as never}
            className={css.link}
            title={m.logsHelp}
          >
            <ScrollText size={16} strokeWidth={1.5} aria-hidden />
            {m.logs}
          </Link>
          <Button
            icon={Gauge}
            look="quiet"
            aria-pressed={panel === 'inspector'}
            onClick={() => setPanel('inspector')}
          >
            {m.inspector}
          </Button>
          <Button
            icon={List}
            look="quiet"
            aria-pressed={panel === 'metrics'}
            onClick={() => setPanel('metrics')}
          >
            {m.browser}
          </Button>
        </div>
        {model.asked.length === 0 ? (
          <Ready onRun={(exprs) => setView({ q: exprs, off: undefined })} />
        ) : (
          <div className={css.results}>
            <ViewBar model={model} view={view} stepMs={results.grid.stepMs} />
            <Failures results={results} />
            <View model={model} view={view} results={results} onLook={onLook} onPoint={setPoint} />
          </div>
        )}
      </div>
      {point !== undefined && (
        <PointMenu
          point={point}
          stepMs={results.grid.stepMs}
          onMatch={match}
          onClose={() => setPoint(undefined)}
        />
      )}
      {panel === 'metrics' && (
        <SidePanel title={m.browser} onClose={() => setPanel(undefined)}>
          <MetricBrowser onPick={pick} />
        </SidePanel>
      )}
      {panel === 'inspector' && (
        <SidePanel title={m.inspector} onClose={() => setPanel(undefined)}>
          <Inspector outcomes={[...results.ranges, ...results.instants]} />
        </SidePanel>
      )}
    </div>
  );
}

/** Buckets are read in a heat map; everything else in a graph. */
function fittingView({ ranges }: Results): ViewName {
  const answered = ranges.filter((one) => one.answer !== undefined);
  const areBuckets = answered.every((one) => histogramKind(one.answer?.result ?? []) !== undefined);
  return answered.length > 0 && areBuckets ? 'heatmap' : 'graph';
}

/** Narrows the point's query to a label of its series, or leaves that out; all, where it has none. */
function useMatch(
  model: ExploreModel,
): (point: PickedPoint, label: string, operator: '=' | '!=') => void {
  const setView = useSetView();
  return (point, label, operator) => {
    void (async () => {
      const { withMatcher } = await import('../../../promql/selectors.ts');
      const value = point.labels[label] ?? '';
      setView({
        q: model.asked.map(({ letter, expr }) =>
          point.letter === undefined || point.letter === letter
            ? withMatcher(expr, label, operator, value)
            : expr,
        ),
      });
    })();
  };
}

function ViewBar({
  model,
  view,
  stepMs,
}: {
  readonly model: ExploreModel;
  readonly view: ViewName;
  readonly stepMs: number;
}): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const isBad = model.step !== '' && stepMsOf(model.step) === undefined;
  return (
    <div className={css.viewBar}>
      <Segmented
        label={m.view}
        value={view}
        options={views.map((value) => ({ value, label: m.views[value] }))}
        onChange={model.setView}
      />
      {view === 'graph' && (
        <label className={css.check}>
          <input
            type="checkbox"
            checked={model.isStacked}
            onChange={(event) => model.setStacked(event.target.checked)}
          />
          {m.stacked}
        </label>
      )}
      {view !== 'table' && (
        <span className={css.stepLabel} title={isBad ? m.stepBad : undefined}>
          <span aria-hidden>{m.step}</span>
          <TextInput
            mono
            aria-label={m.step}
            className={css.step}
            value={model.step}
            placeholder={m.stepAuto(f.duration(stepMs))}
            aria-invalid={isBad || undefined}
            onChange={model.setStep}
          />
        </span>
      )}
      {view !== 'table' && <HiddenByStep model={model} stepMs={stepMs} />}
    </div>
  );
}

/** For the first query that hides something: one warning is enough to look closer. */
function HiddenByStep({
  model,
  stepMs,
}: {
  readonly model: ExploreModel;
  readonly stepMs: number;
}): ReactNode {
  const first = model.asked.find((one) => !one.isOff);
  return first === undefined ? null : <StepWarning expr={first.expr} stepMs={stepMs} isShort />;
}

function Summary({ results }: { readonly results: Results }): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const all = [...results.ranges, ...results.instants];
  const answered = all.filter((one) => one.answer !== undefined);
  const series = answered.reduce((sum, one) => sum + (one.answer?.result.length ?? 0), 0);
  const tookMs = Math.max(0, ...answered.map((one) => one.answer?.elapsedMs ?? 0));
  const isSlow = all.some((one) => one.isRunning && one.answer === undefined);
  return (
    <div className={css.summary} role="status">
      {isSlow ? (
        m.running
      ) : answered.length > 0 ? (
        <>
          <strong>{m.series(f.number(series))}</strong> {m.tookMs(f.duration(tookMs))}
        </>
      ) : null}
    </div>
  );
}

function Failures({ results }: { readonly results: Results }): ReactNode {
  const m = useMessages(exploreWords);
  return [...results.ranges, ...results.instants].map(
    ({ asked, error, retry }) =>
      error !== null && (
        <div key={asked.letter} className={css.failed}>
          <ErrorState error={error} title={m.failed(asked.letter)} onRetry={retry} />
        </div>
      ),
  );
}

function View({
  model,
  view,
  results,
  onLook,
  onPoint,
}: {
  readonly model: ExploreModel;
  readonly view: ViewName;
  readonly results: Results;
  readonly onLook: (graph: GraphModel, isolated: readonly string[]) => void;
  readonly onPoint: (point: PickedPoint) => void;
}): ReactNode {
  const m = useMessages(exploreWords);
  if (results.ranges.length + results.instants.length === 0) {
    return <Empty title={m.allHidden} text={m.allHiddenText} />;
  }
  if (view === 'table') return <ResultTable outcomes={results.instants} />;
  if (view === 'heatmap') return <HeatView outcomes={results.ranges} onPoint={onPoint} />;
  return (
    <Graph
      outcomes={results.ranges}
      grid={results.grid}
      isStacked={model.isStacked}
      onLook={onLook}
      onPoint={onPoint}
    />
  );
}
