import { useMutation } from '@tanstack/react-query';
import { Play, Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { DataSource } from '../../../api/dashboards.ts';
import { grafanaAlertingApi, type WireRuleQuery } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Button, IconButton } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import page from '../../../ui/page.module.css';
import { ErrorState, Status } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { RuleChart } from '../rules/rule-chart.tsx';
import { isExpression } from '../rules/rule-model.ts';
import { chartOf } from './chart-of.ts';
import look from './editor.module.css';
import { ExpressionFields } from './expression-fields.tsx';
import { inputsOf } from './expression-model.ts';
import { PreviewResult } from './preview-result.tsx';
import { QueryFields } from './query-fields.tsx';
import {
  type ExpressionKind,
  expressionKinds,
  newExpression,
  newQuery,
  nextRefId,
  type RuleDraft,
} from './rule-draft.ts';
import { editorWords } from './words.ts';

/** Queries, what is made of them, and what it comes to now. */
export function QuerySection({
  draft,
  sources,
  onChange,
}: {
  readonly draft: RuleDraft;
  readonly sources: readonly DataSource[];
  readonly onChange: (change: Partial<RuleDraft>) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const { data, condition } = draft;
  const { refresh } = useSharedRange();
  const [shown, setShown] = useState<RuleDraft>();
  const preview = useMutation({
    mutationFn: async (asked: RuleDraft) => {
      // The chart ends at the moment that the values are of.
      refresh();
      setShown(asked);
      return await grafanaAlertingApi.evaluate(asked.data, asked.condition);
    },
  });
  const change = (refId: string, next: WireRuleQuery): void =>
    onChange({ data: data.map((one) => (one.refId === refId ? next : one)) });
  const remove = (refId: string): void =>
    onChange({ data: data.filter((one) => one.refId !== refId) });
  const add = (query: WireRuleQuery): void => onChange({ data: [...data, query] });
  const refId = nextRefId(data);
  const results = preview.data?.results ?? {};
  const run = (): void => preview.mutate(draft);
  const chart = shown === undefined ? undefined : chartOf(shown);
  return (
    <>
      {data.map((query) => {
        const isCondition = query.refId === condition;
        const isExpr = isExpression(query.datasourceUid);
        const title = isExpr ? m.expressionOf(query.refId) : m.queryOf(query.refId);
        return (
          <fieldset
            key={query.refId}
            className={classNames(page.fieldset, look.query, isCondition && look.isCondition)}
            aria-label={title}
          >
            <div className={look.queryHead}>
              <strong>{query.refId}</strong>
              <span className={css.quiet}>
                {isExpr ? m.kinds[query.model['type'] as ExpressionKind] : ''}
              </span>
              <span className={classNames(css.actions, css.push)}>
                {isCondition ? (
                  <Status kind="info">{m.isCondition}</Status>
                ) : (
                  <Button look="quiet" onClick={() => onChange({ condition: query.refId })}>
                    {m.setCondition}
                  </Button>
                )}
                <IconButton
                  icon={X}
                  label={m.remove(query.refId)}
                  onClick={() => remove(query.refId)}
                />
              </span>
            </div>
            {isExpr ? (
              <ExpressionFields
                query={query}
                inputs={inputsOf(data, query.refId)}
                onChange={(model) => change(query.refId, { ...query, model })}
              />
            ) : (
              <QueryFields
                query={query}
                sources={sources}
                onChange={(next) => change(query.refId, next)}
                onRun={run}
              />
            )}
            <PreviewResult result={results[query.refId]} isCondition={isCondition} />
          </fieldset>
        );
      })}
      <div className={css.actions}>
        <Button
          icon={Plus}
          onClick={() => add(newQuery(refId, data[0]?.datasourceUid ?? sources[0]?.uid ?? ''))}
        >
          {m.addQuery}
        </Button>
        <Menu trigger={<Button icon={Plus}>{m.addExpression}</Button>}>
          {expressionKinds.map((kind) => (
            <MenuItem
              key={kind}
              onSelect={() => add(newExpression(refId, kind, data.at(-1)?.refId ?? ''))}
            >
              {m.kinds[kind]}
            </MenuItem>
          ))}
        </Menu>
        <Button icon={Play} className={css.push} disabled={preview.isPending} onClick={run}>
          {preview.isPending ? m.previewing : m.preview}
        </Button>
      </div>
      {preview.isError && <ErrorState error={preview.error} />}
      {chart !== undefined && <RuleChart {...chart} />}
    </>
  );
}
