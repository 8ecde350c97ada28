import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Copy, Filter, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type DropRuleView, dropRulesApi } from '../../../api/drop-rules.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import type { Sort } from '../../../ui/table-model.ts';
import { copyText, toast, toastError } from '../../../ui/toast.tsx';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';
import { ruleText } from './drop-rule.ts';

const refreshMs = 5000;

/** The rules that are in force, with what each has dropped. */
export function DropRules(): ReactNode {
  const { dropRules: m } = useMessages(metricsWords);
  const f = useFormat();
  const client = useQueryClient();
  const [sort, setSort] = useState<Sort>();
  const query = useQuery({
    queryKey: ['drop-rules'],
    queryFn: ({ signal }) => dropRulesApi.list(signal),
    refetchInterval: refreshMs,
  });
  const remove = useMutation({
    mutationFn: (id: string) => dropRulesApi.remove(id),
    onSuccess: () => {
      toast(m.removed);
      void client.invalidateQueries({ queryKey: ['drop-rules'] });
    },
    onError: (error) => toastError(error.message),
  });
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={6} />;
  const nowMs = Date.now();
  const textOf = (rule: DropRuleView): string =>
    rule.action === 'drop' ? m.series(ruleText(rule)) : m.label(ruleText(rule));
  const columns: readonly Column<DropRuleView>[] = [
    { id: 'rule', header: m.rule, value: textOf, width: 320, kind: 'mono', grow: true },
    {
      id: 'samples',
      header: m.droppedSamples,
      value: (rule) => rule.dropped.samples,
      cell: (rule) => <span>{f.number(rule.dropped.samples)}</span>,
      width: 150,
      kind: 'number',
    },
    {
      id: 'series',
      header: m.droppedSeries,
      value: (rule) => rule.dropped.series,
      cell: (rule) => <span>{f.number(rule.dropped.series)}</span>,
      width: 120,
      kind: 'number',
    },
    {
      id: 'last',
      header: m.last,
      value: (rule) => rule.dropped.lastMs ?? null,
      cell: ({ dropped }) => (
        <span>{dropped.lastMs === undefined ? m.never : f.ago(dropped.lastMs, nowMs)}</span>
      ),
      width: 150,
    },
    {
      id: 'created',
      header: m.created,
      value: (rule) => rule.createdMs,
      cell: (rule) => (
        <span title={f.exactTime(rule.createdMs)}>{f.shortDateTime(rule.createdMs)}</span>
      ),
      width: 150,
    },
    { id: 'by', header: m.by, value: (rule) => rule.createdBy, width: 120 },
    {
      id: 'remove',
      header: m.remove,
      value: () => null,
      cell: (rule) => (
        <IconButton
          icon={Trash2}
          label={m.removeRule(ruleText(rule))}
          disabled={remove.isPending}
          onClick={() => remove.mutate(rule.id)}
        />
      ),
      width: 80,
      sortable: false,
      fixed: true,
      pinned: true,
    },
  ];
  return (
    <DataTable
      id="drop-rules"
      label={m.tab}
      columns={columns}
      rows={query.data}
      rowKey={(rule) => rule.id}
      sort={sort}
      onSort={setSort}
      tools={
        <div className={css.ruleActions}>
          <Button
            icon={Copy}
            look="quiet"
            disabled={query.data.length === 0}
            onClick={() =>
              void dropRulesApi.yaml().then(
                (text) => copyText(text),
                (error: Error) => toastError(error.message),
              )
            }
          >
            {m.copyYaml}
          </Button>
          <span className={css.quiet}>{m.since}</span>
        </div>
      }
      empty={<Empty icon={Filter} title={m.empty} text={m.emptyText} />}
    />
  );
}
