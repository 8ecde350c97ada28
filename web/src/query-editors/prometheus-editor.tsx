import { type ReactNode, useMemo, useRef, useState } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { PromqlEditor } from '../promql/editor.tsx';
import type { PromqlProblem } from '../promql/parse-error.ts';
import type { QueryEditorProps } from './contract.ts';
import { Choice, TextOption } from './option.tsx';
import { checkWithVariables, completeWithVariables } from './promql-source.ts';
import css from './query-editors.module.css';
import { editorWords } from './words.ts';

const autoLegend = '__auto';
const noVariables: readonly string[] = [];
const formats = ['time_series', 'table', 'heatmap'] as const;
const kinds = ['range', 'instant', 'both'] as const;

/** A query to Prometheus, with variables of a dashboard in it. */
export function PrometheusEditor(props: QueryEditorProps): ReactNode {
  const { query, onChange, dataSource, variables = noVariables, onRun } = props;
  const m = useMessages(editorWords);
  const [problem, setProblem] = useState<PromqlProblem>();
  const latest = useRef(variables);
  latest.current = variables;
  const complete = useMemo(
    () => completeWithVariables(dataSource.uid, () => latest.current),
    [dataSource.uid],
  );
  const set = (change: Readonly<Record<string, unknown>>): void =>
    onChange({ ...query, ...change });
  const text = (key: string): string => (typeof query[key] === 'string' ? query[key] : '');
  const legend = text('legendFormat');
  const legendKind = legend === autoLegend ? 'auto' : legend === '' ? 'verbose' : 'custom';
  const format = formats.find((one) => one === query['format']) ?? 'time_series';
  const isInstant = query['instant'] === true;
  const kind = isInstant ? (query['range'] === true ? 'both' : 'instant') : 'range';
  return (
    <div className={css.editor}>
      <div className={css.code}>
        <PromqlEditor
          value={text('expr')}
          label={m.promql}
          placeholder={m.promqlPlaceholder}
          complete={complete}
          check={checkWithVariables}
          onChange={(expr) => set({ expr })}
          onRun={() => onRun?.()}
          onProblem={setProblem}
        />
      </div>
      {problem !== undefined && <p className={css.problem}>{problem.message}</p>}
      <div className={css.options}>
        <Choice
          label={m.legend}
          value={legendKind}
          options={(['auto', 'verbose', 'custom'] as const).map((value) => ({
            value,
            label: m.legends[value],
          }))}
          onChange={(value) =>
            set({ legendFormat: { auto: autoLegend, verbose: '', custom: '{{pod}}' }[value] })
          }
        />
        {legendKind === 'custom' && (
          <TextOption
            label={m.legendTemplate}
            value={legend}
            width="wide"
            onChange={(legendFormat) => set({ legendFormat })}
          />
        )}
        <Choice
          label={m.format}
          value={format}
          options={formats.map((value) => ({ value, label: m.formats[value] }))}
          onChange={(value) => set({ format: value })}
        />
        <Choice
          label={m.kind}
          value={kind}
          options={kinds.map((value) => ({ value, label: m.kinds[value] }))}
          onChange={(value) => set({ instant: value !== 'range', range: value !== 'instant' })}
        />
        <TextOption
          label={m.minStep}
          value={text('interval')}
          width="narrow"
          placeholder="auto"
          help={m.minStepHelp}
          onChange={(interval) => set({ interval })}
        />
        <Choice
          label={m.exemplars}
          value={query['exemplar'] === true ? 'yes' : 'no'}
          options={[
            { value: 'no', label: m.no },
            { value: 'yes', label: m.yes },
          ]}
          onChange={(value) => set({ exemplar: value === 'yes' })}
        />
      </div>
    </div>
  );
}
