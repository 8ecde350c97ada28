import { type ReactNode, useState } from 'react';
import type { DataSource } from '../../../api/dashboards.ts';
import type { WireRuleQuery } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { PromqlEditor } from '../../../promql/editor.tsx';
import type { PromqlProblem } from '../../../promql/parse-error.ts';
import { DataQueryEditor } from '../../../query-editors/query-editor.tsx';
import { Field } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import css from '../alerting.module.css';
import look from './editor.module.css';
import { textIn } from './expression-model.ts';
import { newQuery } from './rule-draft.ts';
import { editorWords } from './words.ts';

const rangesSeconds = [60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400];

/** Where a query goes, over which time, and what it asks. */
export function QueryFields({
  query,
  sources,
  onChange,
  onRun,
}: {
  readonly query: WireRuleQuery;
  readonly sources: readonly DataSource[];
  readonly onChange: (query: WireRuleQuery) => void;
  readonly onRun: () => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const f = useFormat();
  const [problem, setProblem] = useState<PromqlProblem>();
  // What completion looks at; a form may stay open for long, and that is near enough.
  const [nowMs] = useState(() => Date.now());
  const source = sources.find(({ uid }) => uid === query.datasourceUid);
  const isPrometheus = source === undefined || source.type === 'prometheus';
  const from = query.relativeTimeRange?.from ?? 600;
  const ranges = rangesSeconds.includes(from)
    ? rangesSeconds
    : [...rangesSeconds, from].toSorted((a, b) => a - b);
  return (
    <>
      <div className={look.controls}>
        <Field label={m.dataSource}>
          {({ id }) => (
            <div className={css.pick}>
              <Select
                id={id}
                label={m.dataSource}
                value={query.datasourceUid}
                options={sourceOptions(sources, query.datasourceUid)}
                onChange={(uid) =>
                  onChange(
                    movedTo(
                      query,
                      source,
                      sources.find((one) => one.uid === uid),
                    ),
                  )
                }
              />
            </div>
          )}
        </Field>
        <Field label={m.timeRange}>
          {({ id }) => (
            <div className={css.pick}>
              <Select
                id={id}
                label={m.timeRange}
                value={String(from)}
                options={ranges.map((seconds) => ({
                  value: String(seconds),
                  label: m.lastTime(f.duration(seconds * 1000)),
                }))}
                onChange={(seconds) =>
                  onChange({ ...query, relativeTimeRange: { from: Number(seconds), to: 0 } })
                }
              />
            </div>
          )}
        </Field>
        {isPrometheus && (
          <Field label={m.queryType}>
            {({ id }) => (
              <div className={css.pick}>
                <Select
                  id={id}
                  label={m.queryType}
                  value={query.model['range'] === true ? 'range' : 'instant'}
                  options={[
                    { value: 'instant', label: m.instant },
                    { value: 'range', label: m.range },
                  ]}
                  onChange={(kind) =>
                    onChange({
                      ...query,
                      model: {
                        ...query.model,
                        instant: kind === 'instant',
                        range: kind === 'range',
                      },
                    })
                  }
                />
              </div>
            )}
          </Field>
        )}
      </div>
      {isPrometheus ? (
        <>
          <div className={look.editor}>
            <PromqlEditor
              value={textIn(query.model, 'expr')}
              label={m.queryOf(query.refId)}
              placeholder={m.promqlPlaceholder}
              onChange={(expr) => onChange({ ...query, model: { ...query.model, expr } })}
              onRun={onRun}
              onProblem={setProblem}
            />
          </div>
          {problem !== undefined && (
            <p className={css.error} role="alert">
              {problem.message}
            </p>
          )}
        </>
      ) : (
        <DataQueryEditor
          query={{ ...query.model, refId: query.refId }}
          dataSource={source}
          range={{ fromMs: nowMs - from * 1000, toMs: nowMs }}
          onRun={onRun}
          onChange={(model) => onChange({ ...query, model })}
        />
      )}
    </>
  );
}

/** A query of another kind of source asks in another way: it begins anew. */
function movedTo(
  query: WireRuleQuery,
  from: DataSource | undefined,
  to: DataSource | undefined,
): WireRuleQuery {
  if (to === undefined) return query;
  if (from?.type === to.type) return { ...query, datasourceUid: to.uid };
  const { refId } = query;
  return to.type === 'prometheus'
    ? newQuery(refId, to.uid)
    : { ...query, datasourceUid: to.uid, model: { refId } };
}

/** All sources, and one that a rule names although there is none. */
function sourceOptions(
  sources: readonly DataSource[],
  chosen: string,
): readonly { readonly value: string; readonly label: string }[] {
  const known = sources.map(({ uid, name }) => ({ value: uid, label: name }));
  return known.some(({ value }) => value === chosen)
    ? known
    : [...known, { value: chosen, label: chosen || '–' }];
}
