import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type DropPreview, type DropRule, dropRulesApi } from '../../../api/drop-rules.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { FormDialog } from '../../../ui/dialog.tsx';
import { ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';
import { ruleText, ruleYaml } from './drop-rule.ts';

/** Says what a rule would drop now, before it does. */
export function DropDialog({
  rule,
  onClose,
}: {
  readonly rule: DropRule;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(metricsWords);
  const client = useQueryClient();
  const preview = useQuery({
    queryKey: ['drop-preview', rule],
    queryFn: ({ signal }) => dropRulesApi.preview(rule, signal),
    gcTime: 0,
  });
  const add = useMutation({
    mutationFn: () => dropRulesApi.add(rule),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['drop-rules'] });
      toast(m.dropRules.added);
      onClose();
    },
  });
  const name = ruleText(rule);
  return (
    <FormDialog
      open
      wide
      danger
      title={m.dropTitle(name)}
      action={m.dropAction}
      busy={add.isPending}
      disabled={preview.data === undefined}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      {preview.isError ? (
        <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
      ) : preview.data === undefined ? (
        <SkeletonLines count={4} />
      ) : (
        <Preview rule={rule} name={name} preview={preview.data} />
      )}
      <p className={css.quiet}>{m.dropText}</p>
      <div className={css.dropYaml}>
        <h3>{m.dropAsYaml}</h3>
        <pre className={css.code}>{ruleYaml(rule)}</pre>
      </div>
      {add.isError && <ErrorState error={add.error} />}
    </FormDialog>
  );
}

function Preview({
  rule,
  name,
  preview,
}: {
  readonly rule: DropRule;
  readonly name: string;
  readonly preview: DropPreview;
}): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  if (preview.series === 0) return <p>{m.dropNone}</p>;
  const series = `${f.number(preview.series)}${preview.isCut ? '+' : ''}`;
  return (
    <>
      <p>{rule.action === 'drop' ? m.dropSeries(name, series) : m.dropLabel(name, series)}</p>
      <div className={css.preview}>
        <Names title={m.dropMetrics} entries={preview.metrics} />
        <Names title={m.dropFrom} entries={preview.jobs} />
      </div>
    </>
  );
}

function Names({
  title,
  entries,
}: {
  readonly title: string;
  readonly entries: DropPreview['metrics'];
}): ReactNode {
  const f = useFormat();
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {entries.map(({ name, series }) => (
          <li key={name}>
            <span>{name === '' ? '-' : name}</span>
            <span>{f.number(series)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
