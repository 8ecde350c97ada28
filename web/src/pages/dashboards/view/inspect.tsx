import { type DataFrame, getFieldDisplayName } from '@grafana/data';
import { Download } from 'lucide-react';
import { type ReactNode, useMemo, useState, useSyncExternalStore } from 'react';
import { sortableTime } from '../../../../../src/time/zone.ts';
import type { PlacedPanel } from '../../../dashboards/layout.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button } from '../../../ui/button.tsx';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { Select } from '../../../ui/select.tsx';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { Empty } from '../../../ui/states.tsx';
import { type CellValue, csvOf, type Sort } from '../../../ui/table-model.ts';
import { Tabs } from '../../../ui/tabs.tsx';
import { download } from './download.ts';
import type { PanelContext } from './panel-frame.tsx';
import css from './view.module.css';
import { viewWords } from './words.ts';

export type InspectTab = 'data' | 'stats' | 'query' | 'json';

export interface InspectPanelProps {
  readonly item: PlacedPanel;
  readonly context: PanelContext;
  readonly tab: InspectTab;
  readonly onTab: (tab: InspectTab) => void;
  readonly onClose: () => void;
}

/** What is behind a panel: its data, how it was asked for, its JSON. */
export function InspectPanel({ item, context, tab, onTab, onClose }: InspectPanelProps): ReactNode {
  const m = useMessages(viewWords);
  const f = useFormat();
  const queries = context.runtime.panel(item.key);
  const { data, request, elapsedMs, raw } = useSyncExternalStore(
    queries.view.subscribe,
    queries.view.get,
  );
  const title = context.interpolate(item.panel.title ?? '', item.scopedVars) || item.panel.type;
  const rows = data.frames.reduce((sum, frame) => sum + frame.length, 0);
  return (
    <SidePanel title={`${m.inspect}: ${title}`} onClose={onClose} flush>
      <Tabs<InspectTab>
        value={tab}
        onChange={onTab}
        tabs={[
          {
            value: 'data',
            label: m.inspectData,
            content: <DataTab frames={data.frames} title={title} zone={context.zone} />,
          },
          {
            value: 'stats',
            label: m.inspectStats,
            content: (
              <div className={css.inspect}>
                <dl className={css.facts}>
                  <dt>{m.queryTime}</dt>
                  <dd>{elapsedMs === undefined ? '–' : f.duration(elapsedMs)}</dd>
                  <dt>{m.statQueries}</dt>
                  <dd>{f.number(request?.queries.length ?? 0)}</dd>
                  <dt>{m.statStep}</dt>
                  <dd>{f.duration(data.intervalMs)}</dd>
                  <dt>{m.statFrames}</dt>
                  <dd>{f.number(data.frames.length)}</dd>
                  <dt>{m.statRows}</dt>
                  <dd>{f.number(rows)}</dd>
                </dl>
              </div>
            ),
          },
          {
            value: 'query',
            label: m.inspectQuery,
            content: (
              <div className={css.inspect}>
                <Json title={m.request} value={request} />
                <Json title={m.response} value={raw} />
              </div>
            ),
          },
          {
            value: 'json',
            label: m.inspectJson,
            content: (
              <div className={css.inspect}>
                <Json title={m.inspectJson} value={item.panel} />
              </div>
            ),
          },
        ]}
      />
    </SidePanel>
  );
}

/** A longer text is for a file, not for a pane. */
const maxShownText = 200_000;

function Json({ title, value }: { readonly title: string; readonly value: unknown }): ReactNode {
  const m = useMessages(viewWords);
  const text = JSON.stringify(value ?? null, null, 2);
  return (
    <section>
      <div className={css.inspectHead}>
        <strong>{title}</strong>
        <Button
          look="quiet"
          icon={Download}
          onClick={() => download(`${title}.json`, text, 'application/json')}
        >
          {m.downloadJson}
        </Button>
      </div>
      <pre className={css.code}>
        {text.length > maxShownText ? `${text.slice(0, maxShownText)}…` : text}
      </pre>
    </section>
  );
}

interface FrameRow {
  readonly index: number;
}

function DataTab({
  frames,
  title,
  zone,
}: {
  readonly frames: readonly DataFrame[];
  readonly title: string;
  readonly zone: string;
}): ReactNode {
  const m = useMessages(viewWords);
  const [chosen, setChosen] = useState('0');
  const [sort, setSort] = useState<Sort>();
  const frame = frames[Number(chosen)] ?? frames[0];
  const columns = useMemo(
    () => (frame === undefined ? [] : columnsOf(frame, frames, zone)),
    [frame, frames, zone],
  );
  const rows = useMemo<readonly FrameRow[]>(
    () => Array.from({ length: frame?.length ?? 0 }, (_, index) => ({ index })),
    [frame],
  );
  if (frame === undefined) return <Empty title={m.noData} />;
  const saveCsv = (): void => {
    const header = columns.map((column) => column.header);
    const body = rows.map((row) => columns.map((column) => column.value(row)));
    download(`${title}.csv`, `\uFEFF${csvOf(header, body)}`, 'text/csv;charset=utf-8');
  };
  return (
    <DataTable
      id="dashboard-data"
      label={m.inspectData}
      columns={columns}
      rows={rows}
      rowKey={({ index }) => String(index)}
      sort={sort}
      onSort={setSort}
      empty={<Empty title={m.noData} />}
      tools={
        <div className={css.check}>
          {frames.length > 1 && (
            <Select
              label={m.frame}
              value={chosen}
              options={frames.map((one, index) => ({
                value: String(index),
                label: m.frameOf(one.refId ?? '', nameOf(one, frames)),
              }))}
              onChange={setChosen}
            />
          )}
          <Button icon={Download} onClick={saveCsv}>
            {m.downloadCsv}
          </Button>
        </div>
      }
    />
  );
}

/** What a series is called; a table its own name. */
function nameOf(frame: DataFrame, frames: readonly DataFrame[]): string {
  const value = frame.fields.find(({ type }) => type === 'number');
  return frame.name ?? (value === undefined ? '' : getFieldDisplayName(value, frame, [...frames]));
}

function columnsOf(
  frame: DataFrame,
  frames: readonly DataFrame[],
  zone: string,
): readonly Column<FrameRow>[] {
  return frame.fields.map((field, at) => {
    const isTime = field.type === 'time';
    const value = ({ index }: FrameRow): CellValue => {
      const cell: unknown = field.values[index];
      if (cell === null || cell === undefined) return undefined;
      if (isTime) return sortableTime(zone, Number(cell), 'ms');
      return typeof cell === 'object' ? JSON.stringify(cell) : (cell as CellValue);
    };
    return {
      id: String(at),
      header: getFieldDisplayName(field, frame, [...frames]),
      value,
      width: isTime ? 180 : 160,
      grow: at === frame.fields.length - 1,
      kind: field.type === 'number' ? 'number' : isTime ? 'mono' : 'text',
    };
  });
}
