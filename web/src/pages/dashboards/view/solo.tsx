import { type ReactNode, useMemo } from 'react';
import { readPanelId } from '../../../../../src/dashboards/variables/index.ts';
import { layOut } from '../../../dashboards/layout.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useTextParam } from '../../../state/view.ts';
import { usePageRange, useSharedRange } from '../../../time/shared-range.tsx';
import { Empty } from '../../../ui/states.tsx';
import type { DashboardPageProps } from './dashboard-page.tsx';
import { useDashboardRange } from './page-range.ts';
import { type PanelContext, PanelFrame } from './panel-frame.tsx';
import { useRuntime } from './use-runtime.ts';
import { useSize } from './use-size.ts';
import css from './view.module.css';
import { viewWords } from './words.ts';

/** One panel that fills the window: for frames of other pages and for pictures. */
export function SoloPanel({ answer, dataSources, session }: DashboardPageProps): ReactNode {
  const m = useMessages(viewWords);
  const { dashboard } = answer;
  const panelText = useTextParam('panelId');
  const pageRange = useDashboardRange(dashboard);
  usePageRange(pageRange);
  const shared = useSharedRange();
  const isReady = shared.page === pageRange;
  const { runtime, variables, interpolate } = useRuntime(dashboard, dataSources, session, isReady);
  const item = useMemo(() => {
    const rows = dashboard.panels.filter(
      ({ type, collapsed }) => type === 'row' && collapsed === true,
    );
    const toggledRows = new Set(rows.map(({ id }) => id));
    const { items } = layOut({
      panels: dashboard.panels,
      variables: variables.states,
      toggledRows,
    });
    const panels = items.filter((one) => one.kind === 'panel');
    const id = readPanelId(panelText);
    return (
      panels.find(({ key }) => key === panelText) ?? panels.find(({ panel }) => panel.id === id)
    );
  }, [dashboard.panels, variables.states, panelText]);
  const [host, size] = useSize<HTMLDivElement>();
  const { zone, fromMs, toMs, zoomTo, zoomOut } = shared;
  const context = useMemo<PanelContext>(
    () => ({
      runtime,
      interpolate,
      zone,
      fromMs,
      toMs,
      graphTooltip: 0,
      crosshairKey: '',
      onZoom: zoomTo,
      onZoomOut: zoomOut,
      onAction: () => {},
      onHover: () => {},
      onFilter: undefined,
      mayEdit: false,
      onEdit: () => {},
    }),
    [runtime, interpolate, zone, fromMs, toMs, zoomTo, zoomOut],
  );
  return (
    <div ref={host} className={css.solo}>
      <h1 className="visually-hidden">{dashboard.title}</h1>
      {item === undefined
        ? variables.isSettled && <Empty title={m.noPanel(panelText)} />
        : size.width > 0 && (
            <PanelFrame
              item={item}
              width={size.width}
              height={size.height}
              context={context}
              hasMenu={false}
              hasLegend
            />
          )}
    </div>
  );
}
