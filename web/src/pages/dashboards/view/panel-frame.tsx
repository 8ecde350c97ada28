import { EllipsisVertical, ExternalLink, Info, Link2 } from 'lucide-react';
import {
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Panel } from '../../../../../src/dashboards/model/contract.ts';
import type { PlacedPanel } from '../../../dashboards/layout.ts';
import type { DashboardRuntime } from '../../../dashboards/runtime.ts';
import { useMessages } from '../../../i18n/messages.ts';
import type { Interpolate, PanelFilter } from '../../../panels/contract.ts';
import { PanelView } from '../../../panels/panel-view.tsx';
import { IconButton } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { Tooltip } from '../../../ui/tooltip.tsx';
import { panelLinks } from './links.ts';
import { useOpenHref } from './open-href.ts';
import css from './panel-frame.module.css';
import { PanelMenu } from './panel-menu.tsx';
import { viewWords } from './words.ts';

/** What a panel can be asked to do; the page does it. */
export type PanelAction =
  | 'view'
  | 'leave'
  | 'explore'
  | 'share'
  | 'legend'
  | 'png'
  | 'svg'
  | 'reload'
  | 'edit'
  | 'duplicate'
  | 'copy'
  | 'alert'
  | 'remove'
  | { readonly inspect: 'data' | 'stats' | 'query' | 'json' };

export interface PanelContext {
  readonly runtime: DashboardRuntime;
  readonly interpolate: Interpolate;
  readonly zone: string;
  /** Of the dashboard, for panels without a range of their own. */
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 none, 1 crosshair, 2 crosshair and tooltip. */
  readonly graphTooltip: number;
  readonly crosshairKey: string;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onZoomOut: () => void;
  readonly onAction: (item: PlacedPanel, action: PanelAction) => void;
  readonly onHover: (item: PlacedPanel | undefined) => void;
  /** A value of a panel as a filter; absent: the dashboard has no variable for filters. */
  readonly onFilter: ((filter: PanelFilter) => void) | undefined;
  readonly mayEdit: boolean;
  readonly onEdit: (panelId: number) => void;
}

export interface PanelFrameProps {
  readonly item: PlacedPanel;
  readonly width: number;
  readonly height: number;
  readonly context: PanelContext;
  /** It is the only one on the page. */
  readonly isAlone?: boolean;
  /** Legends are switched off for the time being, or one of them is. */
  readonly hasLegend: boolean;
  readonly hasMenu?: boolean;
  /** Takes over what is done to the panel in place, as the width of a column. */
  readonly onPanelChange?: (apply: (panel: Panel) => Panel) => void;
}

const headPx = 30;
const paddingPx = 8;
/** Panels this far outside of the window are asked for already. */
const nearMargin = '400px 0px';

/** A panel with its title and menu. Asks for its data when it comes near sight, and keeps it. */
export const PanelFrame = memo(function PanelFrame(props: PanelFrameProps): ReactNode {
  const { item, context } = props;
  const { width } = props;
  const { runtime, onHover } = context;
  const { panel, key, scopedVars } = item;
  const frame = useRef<HTMLElement>(null);
  // Drawn once it was near; from then on coming and going concerns only the queries, not React.
  const [isDrawn, setIsDrawn] = useState(false);
  const isNear = useRef(false);
  const shown = useRef({ panel, scopedVars, widthPx: 0 });
  // A panel that is made larger or smaller has its data already.
  shown.current = { panel, scopedVars, widthPx: width - 2 * paddingPx };
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        isNear.current = entries.at(-1)?.isIntersecting === true;
        runtime.show(key, isNear.current ? shown.current : undefined);
        if (isNear.current) setIsDrawn(true);
      },
      { rootMargin: nearMargin },
    );
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  }, [runtime, key]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another panel in the same place asks again.
  useEffect(() => {
    if (isNear.current) runtime.show(key, shown.current);
  }, [runtime, key, panel, scopedVars]);
  useEffect(() => () => runtime.drop(key), [runtime, key]);

  return (
    <section
      ref={frame}
      className={classNames(css.frame, panel.transparent === true && css.transparent)}
      aria-label={context.interpolate(panel.title ?? '', scopedVars) || panel.type}
      data-panel={key}
      onMouseEnter={() => onHover(item)}
      onMouseLeave={() => onHover(undefined)}
      onFocus={() => onHover(item)}
    >
      <Inside {...props} isDrawn={isDrawn} />
    </section>
  );
});

function Inside({
  item,
  width,
  height,
  context,
  isAlone = false,
  hasLegend,
  hasMenu = true,
  isDrawn,
  onPanelChange,
}: PanelFrameProps & { readonly isDrawn: boolean }): ReactNode {
  const m = useMessages(viewWords);
  const { runtime, interpolate, fromMs, toMs } = context;
  const { panel, key, scopedVars } = item;
  const queries = runtime.panel(key);
  const { data, request } = useSyncExternalStore(queries.view.subscribe, queries.view.get);
  const put = useCallback<Interpolate>(
    (text, more, format) => interpolate(text, { ...scopedVars, ...more }, format),
    [interpolate, scopedVars],
  );
  const title = interpolate(panel.title ?? '', scopedVars);
  const hasHead = title !== '' || panel.transparent !== true;
  const shown = useMemo(() => (hasLegend ? panel : withoutLegend(panel)), [panel, hasLegend]);
  const bodyHeight = height - (hasHead ? headPx : paddingPx) - paddingPx;
  return (
    <>
      {hasHead && (
        <header className={css.head}>
          <h2 className={css.title} title={title}>
            {title}
          </h2>
          <PanelNotes panel={panel} put={put} rangeNote={request?.rangeNote ?? ''} />
          <span className={css.space} />
          {hasMenu && (
            <PanelMenu
              title={title === '' ? panel.type : title}
              isAlone={isAlone}
              hasLegend={hasLegend}
              mayEdit={context.mayEdit}
              canExplore={(request?.queries.length ?? 0) > 0}
              onAction={(action) => context.onAction(item, action)}
            >
              <IconButton
                icon={EllipsisVertical}
                label={m.panelMenu(title === '' ? panel.type : title)}
                className={css.menu}
              />
            </PanelMenu>
          )}
        </header>
      )}
      {data.state === 'loading' && data.frames.length > 0 && (
        <div className={css.progress} role="progressbar" aria-label={m.loading} />
      )}
      <div
        className={classNames(css.body, data.state === 'loading' && css.stale)}
        style={{ top: hasHead ? headPx : paddingPx }}
        data-state={data.state}
      >
        {isDrawn && bodyHeight > 0 && (
          <PanelView
            panel={shown}
            data={data}
            widthPx={Math.max(0, width - 2 * paddingPx)}
            heightPx={bodyHeight}
            fromMs={request?.fromMs ?? fromMs}
            toMs={request?.toMs ?? toMs}
            timeZone={context.zone}
            interpolate={put}
            onZoom={context.onZoom}
            onZoomOut={context.onZoomOut}
            crosshairKey={context.graphTooltip > 0 ? context.crosshairKey : undefined}
            sharesTooltip={context.graphTooltip === 2}
            viewKey={`${context.crosshairKey}/${panel.id}`}
            {...(onPanelChange === undefined ? {} : { onChange: onPanelChange })}
            {...(context.onFilter === undefined ? {} : { onFilter: context.onFilter })}
          />
        )}
      </div>
    </>
  );
}

/** What stands beside the title: description, links, a range of its own. */
function PanelNotes({
  panel,
  put,
  rangeNote,
}: {
  readonly panel: Panel;
  readonly put: Interpolate;
  readonly rangeNote: string;
}): ReactNode {
  const m = useMessages(viewWords);
  const openHref = useOpenHref();
  const description = put(panel.description ?? '');
  const links = panelLinks(panel.links ?? [], put, {});
  return (
    <>
      {description !== '' && (
        <Tooltip text={<span className={css.description}>{description}</span>}>
          <button
            type="button"
            className={css.noteButton}
            aria-label={`${m.description}: ${description}`}
          >
            <Info size={14} strokeWidth={1.5} aria-hidden />
          </button>
        </Tooltip>
      )}
      {links.length > 0 && (
        <Menu
          trigger={
            <button type="button" className={css.noteButton} aria-label={m.panelLinks}>
              <Link2 size={14} strokeWidth={1.5} aria-hidden />
            </button>
          }
        >
          {links.map(({ title, href, isNewTab }) => (
            <MenuItem
              key={`${title} ${href}`}
              icon={ExternalLink}
              onSelect={() => openHref(href, { isNewTab })}
            >
              {title === '' ? href : title}
            </MenuItem>
          ))}
        </Menu>
      )}
      {rangeNote !== '' && <span className={css.range}>{rangeNote}</span>}
    </>
  );
}

function withoutLegend(panel: Panel): Panel {
  const legend = panel.options['legend'];
  if (typeof legend !== 'object' || legend === null) return panel;
  return { ...panel, options: { ...panel.options, legend: { ...legend, showLegend: false } } };
}
