import type { ReactNode } from 'react';
import type { DataQuery } from '../../../../../../src/dashboards/data-sources/contract.ts';
import type { Variable } from '../../../../../../src/dashboards/model/contract.ts';
import { switchValues } from '../../../../../../src/dashboards/variables/index.ts';
import { queryTextOf, withQueryText } from '../../../../dashboards/editing/variables.ts';
import { findDataSource } from '../../../../dashboards/source-refs.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { DataQueryEditor } from '../../../../query-editors/query-editor.tsx';
import { useSharedRange } from '../../../../time/shared-range.tsx';
import { classNames } from '../../../../ui/class-names.ts';
import { Field } from '../../../../ui/field.tsx';
import { Segmented } from '../../../../ui/segmented.tsx';
import { Select } from '../../../../ui/select.tsx';
import { DataSourceSelect } from '../panel/data-source-select.tsx';
import { JsonField } from '../panel/json-field.tsx';
import { NumberInput } from '../panel/number-input.tsx';
import panelCss from '../panel/panel-editor.module.css';
import { Check, NumberSelect, TextField } from './form-parts.tsx';
import type { VariableFormProps } from './variable-form.tsx';
import { PrometheusVariableQuery } from './variable-query.tsx';
import { settingsWords } from './words.ts';

/** Where the values of a variable come from, by its type. */
export function VariableSource(props: VariableFormProps): ReactNode {
  const { variable, list, index, dataSources, onChange } = props;
  const m = useMessages(settingsWords);
  const set = (change: Partial<Variable>): void => onChange({ ...variable, ...change } as Variable);
  const setQuery = (query: string): void => onChange(withQueryText(variable, query));
  const query = queryTextOf(variable);
  const source = (
    <div className={panelCss.line}>
      <DataSourceSelect
        value={variable.datasource}
        dataSources={dataSources}
        variables={list.slice(0, index)}
        onChange={(datasource) => set({ datasource })}
      />
    </div>
  );
  switch (variable.type) {
    case 'query':
      return (
        <>
          {source}
          <QueryOfSource {...props} />
          <ListOptions variable={variable} onSet={set} />
        </>
      );
    case 'custom': {
      const isJson = variable['valuesFormat'] === 'json';
      return (
        <>
          <div>
            <Segmented
              label={m.valuesFormat}
              value={isJson ? 'json' : 'csv'}
              options={[
                { value: 'csv', label: m.asList },
                { value: 'json', label: 'JSON' },
              ]}
              onChange={(valuesFormat) => set({ valuesFormat })}
            />
          </div>
          <TextField
            mono
            label={m.listOfValues}
            help={isJson ? m.jsonHelp : m.customHelp}
            value={query}
            onCommit={setQuery}
          />
        </>
      );
    }
    case 'interval':
      return (
        <>
          <TextField
            mono
            label={m.listOfValues}
            help={m.intervalHelp}
            value={query}
            onCommit={setQuery}
          />
          <IntervalAuto variable={variable} onSet={set} />
        </>
      );
    case 'datasource':
      return (
        <div className={panelCss.line}>
          <Field label={m.typeOfSource}>
            {({ id }) => (
              <Select
                id={id}
                label={m.typeOfSource}
                value={query}
                options={[...new Set([...dataSources.map(({ type }) => String(type)), query])].map(
                  (value) => ({ value, label: value }),
                )}
                onChange={(type) => set({ query: type })}
              />
            )}
          </Field>
          <TextField
            mono
            label={m.namesLike}
            placeholder="/prod/"
            value={variable.regex ?? ''}
            onCommit={(regex) => set({ regex })}
          />
        </div>
      );
    case 'adhoc':
    case 'groupby':
      return (
        <>
          {source}
          <p className={panelCss.note}>{variable.type === 'adhoc' ? m.adhocHelp : m.groupByHelp}</p>
        </>
      );
    case 'switch': {
      const { enabled, disabled } = switchValues(variable);
      return (
        <div className={panelCss.line}>
          <TextField
            mono
            label={m.valueOn}
            value={enabled}
            onCommit={(enabledValue) => set({ enabledValue })}
          />
          <TextField
            mono
            label={m.valueOff}
            value={disabled}
            onCommit={(disabledValue) => set({ disabledValue })}
          />
        </div>
      );
    }
    case 'constant':
      return (
        <TextField mono label={m.value} help={m.constantHelp} value={query} onCommit={setQuery} />
      );
    case 'textbox':
      return <TextField mono label={m.firstValue} value={query} onCommit={setQuery} />;
    default:
      return (
        <JsonField
          label={variable.type}
          value={variable}
          onChange={(next) => onChange(next as Variable)}
        />
      );
  }
}

/** The query, in the editor of its data source. */
function QueryOfSource({
  variable,
  list,
  index,
  dataSources,
  onChange,
}: VariableFormProps): ReactNode {
  const m = useMessages(settingsWords);
  const { fromMs, toMs } = useSharedRange();
  const { query } = variable;
  const found = findDataSource(variable.datasource, dataSources, () => undefined).source;
  const isObject = typeof query === 'object' && query !== null;
  if (found !== undefined && found.type !== 'prometheus') {
    const asked = { refId: 'A', ...(isObject ? query : {}) } as DataQuery;
    return (
      <Field label={m.queryText}>
        {() => (
          <DataQueryEditor
            query={asked}
            dataSource={found}
            range={{ fromMs, toMs }}
            variables={list.slice(0, index).map(({ name }) => name)}
            onChange={(next) => onChange({ ...variable, query: next })}
          />
        )}
      </Field>
    );
  }
  if (
    isObject &&
    queryTextOf(variable) === '' &&
    Object.keys(query).length > 0 &&
    !('query' in query)
  ) {
    return (
      <Field label={m.queryText}>
        {() => (
          <JsonField
            label={m.queryText}
            value={query}
            onChange={(next) => onChange({ ...variable, query: next })}
          />
        )}
      </Field>
    );
  }
  return (
    <PrometheusVariableQuery
      text={queryTextOf(variable)}
      sourceUid={found?.uid}
      onChange={(text) => onChange(withQueryText(variable, text))}
    />
  );
}

interface PartProps {
  readonly variable: Variable;
  readonly onSet: (change: Partial<Variable>) => void;
}

/** What is done to the values that a query finds. */
function ListOptions({ variable, onSet }: PartProps): ReactNode {
  const m = useMessages(settingsWords);
  const problem = patternProblem(variable.regex ?? '');
  return (
    <div className={classNames(panelCss.line, panelCss.top)}>
      <TextField
        mono
        label={m.pattern}
        placeholder="/(?<text>.*)-(?<value>\d+)/"
        help={m.patternHelp}
        error={problem}
        value={variable.regex ?? ''}
        onCommit={(regex) => onSet({ regex })}
      />
      <Field label={m.patternOf}>
        {({ id }) => (
          <Select
            id={id}
            label={m.patternOf}
            value={variable.regexApplyTo ?? 'value'}
            options={(['value', 'text'] as const).map((value) => ({
              value,
              label: m.patternsOf[value],
            }))}
            onChange={(regexApplyTo) => onSet({ regexApplyTo })}
          />
        )}
      </Field>
      <NumberSelect
        label={m.sort}
        value={variable.sort ?? 0}
        words={m.sorts}
        onChange={(sort) => onSet({ sort })}
      />
      <NumberSelect
        label={m.refreshOn}
        value={variable.refresh === 2 ? 2 : 1}
        words={m.refreshes}
        onChange={(refresh) => onSet({ refresh })}
      />
    </div>
  );
}

/** In the words of the browser; a pattern with variables is known only once they have values. */
function patternProblem(pattern: string): string | undefined {
  if (pattern === '' || pattern.includes('$')) return undefined;
  try {
    const whole = /^\/([\s\S]*)\/([a-z]*)$/.exec(pattern);
    new RegExp(whole?.[1] ?? pattern, whole?.[2]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A choice that follows the time range. */
function IntervalAuto({ variable, onSet }: PartProps): ReactNode {
  const m = useMessages(settingsWords);
  const isAuto = variable['auto'] === true;
  return (
    <div className={panelCss.line}>
      <Check label={m.auto} checked={isAuto} onChange={(auto) => onSet({ auto })} />
      {isAuto && (
        <>
          <Field label={m.autoCount}>
            {({ id }) => (
              <NumberInput
                id={id}
                min={1}
                max={10_000}
                placeholder="30"
                value={variable['auto_count']}
                onChange={(count) => onSet({ auto_count: count ?? 30 })}
              />
            )}
          </Field>
          <TextField
            mono
            label={m.autoMin}
            placeholder="10s"
            value={String(variable['auto_min'] ?? '')}
            onCommit={(least) => onSet({ auto_min: least === '' ? '10s' : least })}
          />
        </>
      )}
    </div>
  );
}
