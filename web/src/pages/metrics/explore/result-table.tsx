import { Table } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { Labels, WireHistogramValue, WireVectorItem } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { Empty, SkeletonLines } from '../../../ui/states.tsx';
import type { Sort } from '../../../ui/table-model.ts';
import { BucketBars } from './bucket-bars.tsx';
import css from './explore.module.css';
import { seriesText } from './series-model.ts';
import type { Outcome } from './use-results.ts';
import { exploreWords } from './words.ts';

interface Row {
  readonly key: string;
  readonly letter: string;
  readonly labels: Labels;
  readonly value: number;
  /** As the server wrote it. */
  readonly text: string;
  readonly histogram: WireHistogramValue | undefined;
}

/** Columns beyond these are read in the copied CSV or in the graph's legend. */
const maxLabelColumns = 12;

/** The values at the end of the range, a column for each label. */
export function ResultTable({
  outcomes,
}: {
  readonly outcomes: readonly Outcome<WireVectorItem>[];
}): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const change = useSetView();
  const sort = sortOf(useTextParam('sort'));
  const rows: readonly Row[] = outcomes.flatMap(({ asked, answer }) =>
    (answer?.result ?? []).map((item) => {
      const histogram = item.histogram?.[1];
      const text = item.value?.[1] ?? '';
      return {
        key: `${asked.letter} ${seriesText(item.metric)}`,
        letter: asked.letter,
        labels: item.metric,
        value: Number(histogram?.count ?? text),
        histogram,
        text:
          histogram === undefined
            ? text
            : m.histogramCell(shortNumber(histogram.count), shortNumber(histogram.sum)),
      };
    }),
  );
  const labelText = labelNames(rows).join('\0');
  const hasHistograms = rows.some((row) => row.histogram !== undefined);
  const letters = outcomes.length;
  const columns = useMemo<readonly Column<Row>[]>(() => {
    const names = labelText === '' ? [] : labelText.split('\0');
    return [
      ...(letters > 1
        ? [{ id: 'query', header: m.queryColumn, value: (row: Row) => row.letter, width: 64 }]
        : []),
      ...names.map(
        (name, index): Column<Row> => ({
          id: `label:${name}`,
          header: name === '__name__' ? m.metricColumn : name,
          value: (row) => row.labels[name] ?? '',
          width: name === '__name__' ? 260 : 160,
          kind: 'mono',
          ...(index === 0 ? { grow: true } : {}),
        }),
      ),
      {
        id: 'value',
        header: m.valueColumn,
        value: (row) => row.value,
        cell: (row) =>
          row.histogram === undefined ? (
            <span title={row.text}>{row.text}</span>
          ) : (
            <BucketBars histogram={row.histogram} text={row.text} />
          ),
        width: hasHistograms ? 380 : 180,
        kind: 'number',
        fixed: true,
        pinned: true,
        ...(names.length === 0 ? { grow: true } : {}),
      },
    ];
  }, [labelText, letters, hasHistograms, m]);
  if (outcomes.some((one) => one.answer === undefined && one.error === null)) {
    return <SkeletonLines count={8} />;
  }
  if (rows.length === 0 && outcomes.some((one) => one.error !== null)) return null;
  const atMs = outcomes[0]?.answer?.grid.toMs;
  return (
    <DataTable
      id="metrics-result"
      label={m.tableOf}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.key}
      sort={sort}
      onSort={(next) =>
        change({ sort: next && `${next.descending ? '-' : ''}${next.column}` }, { replace: true })
      }
      tools={<span className={css.note}>{atMs === undefined ? '' : f.exactTime(atMs)}</span>}
      empty={<Empty icon={Table} title={m.noData} text={m.noDataText} />}
    />
  );
}

/** A sum has more digits than mean anything. */
const shortNumber = (text: string): string => String(Number(Number(text).toPrecision(6)));

function sortOf(text: string): Sort | undefined {
  if (text === '') return undefined;
  const descending = text.startsWith('-');
  return { column: descending ? text.slice(1) : text, descending };
}

/** The metric first, then labels by how many rows have them. */
function labelNames(rows: readonly Row[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { labels } of rows) {
    for (const name of Object.keys(labels)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const rank = (name: string): number => (name === '__name__' ? Infinity : (counts.get(name) ?? 0));
  return [...counts.keys()]
    .toSorted((a, b) => rank(b) - rank(a) || a.localeCompare(b))
    .slice(0, maxLabelColumns);
}
