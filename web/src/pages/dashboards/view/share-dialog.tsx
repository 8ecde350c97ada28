import { Copy, Download } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { Dashboard } from '../../../../../src/dashboards/model/contract.ts';
import { exportDashboard } from '../../../../../src/dashboards/model/export.ts';
import type { LibraryElement } from '../../../../../src/dashboards/model/library-panels.ts';
import type { DataSource } from '../../../api/dashboards.ts';
import type { PlacedPanel } from '../../../dashboards/layout.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { isoInstant } from '../../../time/range.ts';
import { type SharedRange, useSharedRange } from '../../../time/shared-range.tsx';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { TextInput } from '../../../ui/field.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { copyText } from '../../../ui/toast.tsx';
import { download } from './download.ts';
import css from './view.module.css';
import { viewWords } from './words.ts';

type ShareTab = 'link' | 'embed' | 'export';

export interface ShareDialogProps {
  readonly dashboard: Dashboard;
  readonly dataSources: readonly DataSource[];
  /** Undefined: all of the dashboard. */
  readonly panel: PlacedPanel | undefined;
  readonly onClose: () => void;
}

/** Links to what is in sight, a frame for other pages, the file. */
export function ShareDialog({
  dashboard,
  dataSources,
  panel,
  onClose,
}: ShareDialogProps): ReactNode {
  const m = useMessages(viewWords);
  const shared = useSharedRange();
  const [tab, setTab] = useState<ShareTab>('link');
  const [isLocked, setIsLocked] = useState(false);
  const link = linkOf(shared, isLocked, panel);
  const lock = (
    <label className={css.check}>
      <input type="checkbox" checked={isLocked} onChange={() => setIsLocked(!isLocked)} />
      <span>
        {m.lockTime} <span className={css.shareHelp}>{m.lockTimeHelp}</span>
      </span>
    </label>
  );
  const frame = `<iframe src="${soloOf(link, panel)}" width="640" height="320" frameborder="0"></iframe>`;
  return (
    <Dialog
      open
      onClose={onClose}
      title={panel === undefined ? m.shareDashboard : m.sharePanel}
      wide
    >
      <Tabs<ShareTab>
        value={tab}
        onChange={setTab}
        tabs={[
          {
            value: 'link',
            label: m.sharedLink,
            content: <Shared help={lock} label={m.sharedLink} text={link} />,
          },
          ...(panel === undefined
            ? [
                {
                  value: 'export' as const,
                  label: m.export,
                  content: <ExportTab dashboard={dashboard} dataSources={dataSources} />,
                },
              ]
            : [
                {
                  value: 'embed' as const,
                  label: m.embed,
                  content: (
                    <Shared
                      help={
                        <>
                          <p className={css.shareHelp}>{m.embedHelp}</p>
                          {lock}
                        </>
                      }
                      label={m.embed}
                      text={frame}
                    />
                  ),
                },
              ]),
        ]}
      />
    </Dialog>
  );
}

function ExportTab({
  dashboard,
  dataSources,
}: Pick<ShareDialogProps, 'dashboard' | 'dataSources'>): ReactNode {
  const m = useMessages(viewWords);
  const [isForOthers, setIsForOthers] = useState(true);
  const text = useMemo(() => {
    const libraryElements = libraryElementsOf(dashboard);
    const document = isForOthers
      ? exportDashboard(dashboard, { dataSources, libraryElements })
      : dashboard;
    return JSON.stringify(document, null, 2);
  }, [dashboard, dataSources, isForOthers]);
  return (
    <div className={css.shareBody}>
      <p className={css.shareHelp}>{m.exportHelp}</p>
      <label className={css.check}>
        <input
          type="checkbox"
          checked={isForOthers}
          onChange={() => setIsForOthers(!isForOthers)}
        />
        <span>
          {m.forOthers} <span className={css.shareHelp}>{m.forOthersHelp}</span>
        </span>
      </label>
      <div className={css.check}>
        <Button
          icon={Download}
          look="primary"
          onClick={() => download(`${dashboard.title}.json`, text, 'application/json')}
        >
          {m.downloadJson}
        </Button>
        <Button icon={Copy} onClick={() => void copyText(text)}>
          {m.copyJson}
        </Button>
      </div>
    </div>
  );
}

/** The library panels of a dashboard, which has their models in the places of its references. */
function libraryElementsOf({ panels }: Dashboard): readonly LibraryElement[] {
  const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return all.flatMap(({ libraryPanel, ...model }) =>
    libraryPanel === undefined
      ? []
      : [{ uid: libraryPanel.uid, name: libraryPanel.name ?? libraryPanel.uid, model }],
  );
}

function Shared({
  help,
  label,
  text,
}: {
  readonly help: ReactNode;
  readonly label: string;
  readonly text: string;
}): ReactNode {
  const m = useMessages(viewWords);
  return (
    <div className={css.shareBody}>
      {help}
      <TextInput
        mono
        aria-label={label}
        readOnly
        value={text}
        onFocus={(event) => event.target.select()}
      />
      <div>
        <Button icon={Copy} look="primary" onClick={() => void copyText(text)}>
          {m.copyLink}
        </Button>
      </div>
    </div>
  );
}

/** The present link, whole: also what the dashboard would have by itself. */
function linkOf(shared: SharedRange, isLocked: boolean, panel: PlacedPanel | undefined): string {
  const url = new URL(window.location.href);
  const { range, fromMs, toMs, page } = shared;
  url.searchParams.set('from', isLocked ? isoInstant(fromMs) : range.from);
  url.searchParams.set('to', isLocked ? isoInstant(toMs) : range.to);
  if (page?.zoneChoice !== undefined) url.searchParams.set('timezone', page.zoneChoice);
  for (const name of ['inspect', 'inspectTab']) url.searchParams.delete(name);
  if (isLocked) url.searchParams.delete('refresh');
  if (panel !== undefined) url.searchParams.set('viewPanel', panel.key);
  return url.href;
}

function soloOf(link: string, panel: PlacedPanel | undefined): string {
  const url = new URL(link);
  const base = new URL(document.baseURI).pathname;
  url.pathname = url.pathname.replace(`${base}d/`, `${base}d-solo/`);
  url.searchParams.delete('viewPanel');
  if (panel !== undefined) url.searchParams.set('panelId', panel.key);
  return url.href;
}
