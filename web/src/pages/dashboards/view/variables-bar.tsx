import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import {
  type AdhocFilter,
  adhocText,
  allValue,
  switchValues,
  type VariableState,
} from '../../../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../../../api/dashboards.ts';
import type { DashboardRuntime, VariablesView } from '../../../dashboards/runtime.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView } from '../../../state/view.ts';
import { TextInput } from '../../../ui/field.tsx';
import { Tooltip } from '../../../ui/tooltip.tsx';
import { AdhocFilters } from './adhoc-filters.tsx';
import { ValuePicker } from './value-picker.tsx';
import css from './variables.module.css';
import { viewWords } from './words.ts';

export interface VariablesBarProps {
  readonly runtime: DashboardRuntime;
  readonly variables: VariablesView;
  readonly dataSources: readonly DataSource[];
}

const hiddenKinds: ReadonlySet<string> = new Set(['constant', 'system', 'snapshot']);

/** One control a variable; each choice is a step of the link. */
export function VariablesBar({ runtime, variables, dataSources }: VariablesBarProps): ReactNode {
  const m = useMessages(viewWords);
  const shown = [...variables.states.values()].filter(
    ({ variable }) => variable.hide !== 2 && !hiddenKinds.has(variable.type),
  );
  if (shown.length === 0) return null;
  return (
    <section className={css.bar} aria-label={m.variables}>
      {shown.map((state) => (
        <VariableControl
          key={state.variable.name}
          state={state}
          runtime={runtime}
          dataSources={dataSources}
        />
      ))}
    </section>
  );
}

function VariableControl({
  state,
  runtime,
  dataSources,
}: {
  readonly state: VariableState;
  readonly runtime: DashboardRuntime;
  readonly dataSources: readonly DataSource[];
}): ReactNode {
  const m = useMessages(viewWords);
  const labelId = useId();
  const { variable, error } = state;
  const setView = useSetView();
  const label =
    variable.label === undefined || variable.label === '' ? variable.name : variable.label;
  const choose = (values: readonly string[]): void => setView({ [`var-${variable.name}`]: values });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row.
    <div className={css.variable} role="group" aria-labelledby={labelId}>
      <span
        id={labelId}
        className={variable.hide === 1 ? 'visually-hidden' : css.label}
        title={variable.description}
      >
        {label}
      </span>
      {variable.type === 'textbox' ? (
        <TextVariable
          label={label}
          value={String(state.value)}
          onCommit={(text) => choose([text])}
        />
      ) : variable.type === 'switch' ? (
        <SwitchVariable label={label} state={state} onChoose={(value) => choose([value])} />
      ) : variable.type === 'adhoc' ? (
        <AdhocFilters
          state={state}
          dataSources={dataSources}
          lookup={runtime.lookup}
          onChange={(filters: readonly AdhocFilter[]) => choose(filters.map(adhocText))}
        />
      ) : (
        <ListVariable state={state} label={label} runtime={runtime} onChoose={choose} />
      )}
      {error !== undefined && (
        <Tooltip text={`${m.variableFailed(label)}: ${error}`}>
          <button
            type="button"
            className={css.failure}
            aria-label={`${m.variableFailed(label)}: ${error}`}
          >
            <TriangleAlert size={14} strokeWidth={1.5} aria-hidden />
          </button>
        </Tooltip>
      )}
    </div>
  );
}

function SwitchVariable({
  label,
  state,
  onChoose,
}: {
  readonly label: string;
  readonly state: VariableState;
  readonly onChoose: (value: string) => void;
}): ReactNode {
  const { enabled, disabled } = switchValues(state.variable);
  const isOn = state.value === enabled;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      className={css.switch}
      onClick={() => onChoose(isOn ? disabled : enabled)}
    >
      <span />
    </button>
  );
}

function ListVariable({
  state,
  label,
  runtime,
  onChoose,
}: {
  readonly state: VariableState;
  readonly label: string;
  readonly runtime: DashboardRuntime;
  readonly onChoose: (values: readonly string[]) => void;
}): ReactNode {
  const m = useMessages(viewWords);
  const { variable, value, text, isAll, options } = state;
  const values = typeof value === 'string' ? [value] : value;
  const texts = typeof text === 'string' ? [text] : text;
  const search = useSearch(state, runtime);
  return (
    <ValuePicker
      label={label}
      options={search.options ?? options}
      chosen={isAll ? [] : values}
      isAll={isAll}
      shownText={isAll ? m.all : texts.filter((one) => one !== '').join(' + ') || m.nothing}
      isMulti={variable.multi === true}
      hasAll={variable.includeAll === true}
      allowsOther={variable.allowCustomValue !== false && variable.type !== 'datasource'}
      hasError={state.error !== undefined}
      onChoose={(chosen) => onChoose(chosen === null ? [allValue] : chosen)}
      onSearch={search.ask}
    />
  );
}

/** A person who types is asked for once they pause. */
const searchPauseMs = 400;

/** Options of a query that holds `$__searchFilter`, for what is typed. */
function useSearch(
  state: VariableState,
  runtime: DashboardRuntime,
): {
  readonly options: VariableState['options'] | undefined;
  readonly ask: ((text: string) => void) | undefined;
} {
  const [options, setOptions] = useState<VariableState['options']>();
  const timer = useRef<number>(undefined);
  const abort = useRef<AbortController>(undefined);
  const isSearched = JSON.stringify(state.variable.query ?? '').includes('__searchFilter');
  useEffect(() => () => abort.current?.abort(), []);
  if (!isSearched) return { options: undefined, ask: undefined };
  const ask = (text: string): void => {
    window.clearTimeout(timer.current);
    abort.current?.abort();
    if (text === '') {
      setOptions(undefined);
      return;
    }
    timer.current = window.setTimeout(() => {
      const controller = new AbortController();
      abort.current = controller;
      void runtime.search(state.variable.name, text, controller.signal).then(setOptions, () => {
        // Called off, or refused: the list stays as it is.
      });
    }, searchPauseMs);
  };
  return { options, ask };
}

function TextVariable({
  label,
  value,
  onCommit,
}: {
  readonly label: string;
  readonly value: string;
  readonly onCommit: (text: string) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = (): void => {
    if (text !== value) onCommit(text);
  };
  return (
    <TextInput
      aria-label={label}
      className={css.text}
      value={text}
      onChange={setText}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) commit();
      }}
    />
  );
}
