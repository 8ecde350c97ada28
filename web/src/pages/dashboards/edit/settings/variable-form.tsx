import type { ReactNode } from 'react';
import type { Dashboard, Variable } from '../../../../../../src/dashboards/model/contract.ts';
import type { VariableState } from '../../../../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../../../../api/dashboards.ts';
import {
  mayBeMany,
  nameProblem,
  type VariableType,
  variableTypes,
  withVariableType,
} from '../../../../dashboards/editing/variables.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Field } from '../../../../ui/field.tsx';
import { Select } from '../../../../ui/select.tsx';
import panelCss from '../panel/panel-editor.module.css';
import { editWords } from '../words.ts';
import { Check, NumberSelect, TextField } from './form-parts.tsx';
import { VariableUses, VariableValues } from './variable-facts.tsx';
import { VariableSource } from './variable-source.tsx';
import { settingsWords } from './words.ts';

export interface VariableFormProps {
  readonly variable: Variable;
  readonly index: number;
  readonly list: readonly Variable[];
  readonly dashboard: Dashboard;
  readonly dataSources: readonly DataSource[];
  /** As it stands now; undefined while it is being asked for. */
  readonly state: VariableState | undefined;
  readonly onChange: (variable: Variable) => void;
}

const withoutValues: ReadonlySet<string> = new Set(['adhoc', 'constant', 'textbox']);
const withOwnValues: ReadonlySet<string> = new Set(['query', 'custom', 'groupby']);

/** One variable, with the values that it comes to and where it is used. */
export function VariableForm(props: VariableFormProps): ReactNode {
  const { variable, index, list, dashboard, state, onChange } = props;
  const m = useMessages(editWords);
  const own = useMessages(settingsWords);
  const set = (change: Partial<Variable>): void => onChange({ ...variable, ...change } as Variable);
  const types = variableTypes.map((value) => ({ value: value as string, label: own.types[value] }));
  if (!types.some(({ value }) => value === variable.type)) {
    types.unshift({ value: variable.type, label: variable.type });
  }
  const problem = nameProblem(variable.name, list, index);
  return (
    <>
      <div className={panelCss.line}>
        <TextField
          mono
          label={own.name}
          value={variable.name}
          error={problem && (problem === 'taken' ? own.nameTaken : own.nameBad)}
          onCommit={(name) => set({ name })}
        />
        <TextField
          label={own.label}
          value={variable.label ?? ''}
          onCommit={(label) => set({ label })}
        />
        <Field label={own.type}>
          {({ id }) => (
            <Select
              id={id}
              label={own.type}
              value={variable.type}
              options={types}
              onChange={(type) => onChange(withVariableType(variable, type as VariableType))}
            />
          )}
        </Field>
        <NumberSelect
          label={own.hideVariable}
          value={variable.hide ?? 0}
          words={own.hides}
          onChange={(hide) => set({ hide })}
        />
      </div>
      <TextField
        label={m.description}
        value={variable.description ?? ''}
        onCommit={(description) => set({ description })}
      />
      <VariableSource {...props} />
      {(mayBeMany(variable.type) || withOwnValues.has(variable.type)) && (
        <div className={panelCss.line}>
          {mayBeMany(variable.type) && (
            <>
              <Check
                label={own.multi}
                checked={variable.multi === true}
                onChange={(multi) => set({ multi })}
              />
              <Check
                label={own.includeAll}
                checked={variable.includeAll === true}
                onChange={(includeAll) => set({ includeAll })}
              />
            </>
          )}
          {withOwnValues.has(variable.type) && (
            <Check
              label={own.allowCustomValue}
              checked={variable.allowCustomValue !== false}
              onChange={(allowCustomValue) => set({ allowCustomValue })}
            />
          )}
          {variable.includeAll === true && (
            <TextField
              mono
              label={own.allValue}
              placeholder=".*"
              value={variable.allValue ?? ''}
              onCommit={(text) => set({ allValue: text === '' ? null : text })}
            />
          )}
        </div>
      )}
      {!withoutValues.has(variable.type) && (
        <VariableValues variable={variable} list={list} state={state} />
      )}
      <VariableUses dashboard={dashboard} name={variable.name} />
    </>
  );
}
