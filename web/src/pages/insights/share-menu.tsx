import { Download, FileArchive, Link2, Share2, Table2, Terminal } from 'lucide-react';
import type { ReactNode } from 'react';
import { logsApi, type WireQueryRequest, type WireValue } from '../../api/logs.ts';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Button } from '../../ui/button.tsx';
import { Menu, MenuGroup, MenuItem, MenuSeparator } from '../../ui/menu.tsx';
import { csvOf } from '../../ui/table-model.ts';
import { copyText } from '../../ui/toast.tsx';
import { awsCommand } from './query-text.ts';
import type { ResultTable, RunState } from './run-store.ts';
import { insightsWords } from './words.ts';

export interface ShareMenuProps {
  readonly run: RunState;
  /** The query as it stands in the editor, over the range that is chosen. */
  readonly request: WireQueryRequest;
}

/** Everything that takes a query or its rows elsewhere. */
export function ShareMenu({ run, request }: ShareMenuProps): ReactNode {
  const m = useMessages(insightsWords);
  const c = useMessages(common);
  const f = useFormat();
  const { id, table } = run;
  const copied = c.rows(f.number(table?.rowCount ?? 0));
  const copy = (write: (table: ResultTable) => string): void => {
    if (table !== undefined) void copyText(write(table), `${copied} · ${c.copied}`);
  };
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={Share2} aria-label={m.share}>
          {m.share}
        </Button>
      }
    >
      <MenuItem icon={Link2} onSelect={() => void copyText(location.href, m.linkCopied)}>
        {m.copyLink}
      </MenuItem>
      <MenuItem
        icon={Terminal}
        onSelect={() =>
          void copyText(awsCommand({ ...request, endpoint: location.origin }), m.copiedAws)
        }
      >
        {m.copyAws}
      </MenuItem>
      <MenuSeparator />
      <MenuGroup label={m.copyShown}>
        <MenuItem icon={Table2} disabled={!table} onSelect={() => copy(tableCsv)}>
          {m.copyCsv}
        </MenuItem>
        <MenuItem icon={Table2} disabled={!table} onSelect={() => copy(tableJson)}>
          {m.copyJson}
        </MenuItem>
        <MenuItem icon={Table2} disabled={!table} onSelect={() => copy(tableMarkdown)}>
          {m.copyMarkdown}
        </MenuItem>
      </MenuGroup>
      <MenuSeparator />
      <MenuGroup label={m.exportAll}>
        {(['csv', 'json', 'parquet'] as const).map((format) => (
          <MenuItem
            key={format}
            icon={format === 'parquet' ? FileArchive : Download}
            disabled={id === undefined}
            onSelect={() => download(logsApi.exportUrl(id as string, format))}
          >
            {{ csv: m.exportCsv, json: m.exportJson, parquet: m.exportParquet }[format]}
          </MenuItem>
        ))}
      </MenuGroup>
    </Menu>
  );
}

function download(href: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  link.click();
}

/** Times leave as ISO 8601 in UTC: what is pasted elsewhere has lost the page's zone. */
function plainRows(table: ResultTable): readonly (readonly WireValue[])[] {
  return Array.from({ length: table.rowCount }, (_, row) =>
    table.columns.map((column, index) => {
      const value = table.data[index]?.[row] ?? null;
      return column.kind === 'timestamp' && typeof value === 'number'
        ? new Date(value).toISOString()
        : value;
    }),
  );
}

function tableCsv(table: ResultTable): string {
  return csvOf(
    table.columns.map((column) => column.name),
    plainRows(table),
  );
}

function tableJson(table: ResultTable): string {
  const names = table.columns.map((column) => column.name);
  return JSON.stringify(
    plainRows(table).map((row) => Object.fromEntries(row.map((value, i) => [names[i], value]))),
    undefined,
    2,
  );
}

function tableMarkdown(table: ResultTable): string {
  const cell = (value: WireValue): string =>
    String(value ?? '')
      .replaceAll('|', '\\|')
      .replaceAll(/\s+/g, ' ')
      .trim();
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(table.columns.map((column) => cell(column.name))),
    line(table.columns.map((column) => (column.kind === 'number' ? '---:' : '---'))),
    ...plainRows(table).map((row) => line(row.map(cell))),
  ].join('\n');
}
