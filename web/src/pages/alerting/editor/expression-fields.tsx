import type { ReactNode } from 'react';
import type { WireRuleQuery } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Field, TextInput } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import css from '../alerting.module.css';
import look from './editor.module.css';
import {
  type Condition,
  conditionsOf,
  evaluatorTypes,
  isRange,
  type Model,
  textIn,
} from './expression-model.ts';
import { reducers } from './rule-draft.ts';
import { editorWords } from './words.ts';

interface Props {
  readonly query: WireRuleQuery;
  /** Results that it can be made of. */
  readonly inputs: readonly string[];
  readonly onChange: (model: Model) => void;
}

/** What an expression does with which result. */
export function ExpressionFields(props: Props): ReactNode {
  switch (props.query.model['type']) {
    case 'reduce':
      return <Reduce {...props} />;
    case 'threshold':
      return <Threshold {...props} />;
    case 'math':
      return <Maths {...props} />;
    case 'resample':
      return <Resample {...props} />;
    case 'sql':
      return <Sql {...props} />;
    default:
      return <Classic {...props} />;
  }
}

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}): ReactNode {
  return (
    <Field label={label}>
      {({ id }) => (
        <div className={css.pick}>
          <Select id={id} label={label} value={value} options={options} onChange={onChange} />
        </div>
      )}
    </Field>
  );
}

function InputChoice({ query, inputs, onChange }: Props): ReactNode {
  const m = useMessages(editorWords);
  return (
    <Choice
      label={m.input}
      value={textIn(query.model, 'expression')}
      options={inputs.map((refId) => ({ value: refId, label: refId }))}
      onChange={(expression) => onChange({ ...query.model, expression })}
    />
  );
}

function Reduce(props: Props): ReactNode {
  const m = useMessages(editorWords);
  const { model } = props.query;
  const settings = (model['settings'] ?? {}) as Model;
  const mode = textIn(settings, 'mode') as keyof typeof m.modes;
  return (
    <div className={look.controls}>
      <Choice
        label={m.function}
        value={textIn(model, 'reducer')}
        options={reducers.map((name) => ({ value: name as string, label: name }))}
        onChange={(reducer) => props.onChange({ ...model, reducer })}
      />
      <InputChoice {...props} />
      <Choice
        label={m.mode}
        value={mode}
        options={(['', 'dropNN', 'replaceNN'] as const).map((value) => ({
          value,
          label: m.modes[value],
        }))}
        onChange={(next) =>
          props.onChange({
            ...model,
            settings: next === 'replaceNN' ? { mode: next, replaceWithValue: 0 } : { mode: next },
          })
        }
      />
      {mode === 'replaceNN' && (
        <NumberField
          label={m.replaceWith}
          value={settings['replaceWithValue']}
          onChange={(replaceWithValue) =>
            props.onChange({ ...model, settings: { mode, replaceWithValue } })
          }
        />
      )}
    </div>
  );
}

function NumberField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: unknown;
  readonly onChange: (value: number) => void;
}): ReactNode {
  return (
    <div className={look.number}>
      <Field label={label}>
        {(control) => (
          <TextInput
            {...control}
            mono
            type="number"
            step="any"
            defaultValue={typeof value === 'number' ? String(value) : '0'}
            onChange={(text) => {
              if (text.trim() !== '' && Number.isFinite(Number(text))) onChange(Number(text));
            }}
          />
        )}
      </Field>
    </div>
  );
}

/** What is compared how with which numbers. */
function Comparison({
  condition,
  onChange,
}: {
  readonly condition: Condition;
  readonly onChange: (condition: Condition) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const { type, params } = condition.evaluator;
  const set = (at: number, value: number): void =>
    onChange({ ...condition, evaluator: { type, params: params.with(at, value) } });
  return (
    <>
      <Choice
        label={m.comparison}
        value={type}
        options={evaluatorTypes.map((value) => ({ value, label: m.evaluators[value] }))}
        onChange={(next) =>
          onChange({
            ...condition,
            evaluator: {
              type: next,
              params: isRange(next) ? [params[0] ?? 0, params[1] ?? 0] : params.slice(0, 1),
            },
          })
        }
      />
      <NumberField label={m.thresholdValue} value={params[0]} onChange={(value) => set(0, value)} />
      {isRange(type) && (
        <NumberField label={m.rangeTo} value={params[1]} onChange={(value) => set(1, value)} />
      )}
    </>
  );
}

function Threshold(props: Props): ReactNode {
  const m = useMessages(editorWords);
  const { model } = props.query;
  const [condition] = conditionsOf(model);
  const unload = condition.unloadEvaluator;
  const set = (next: Condition): void => props.onChange({ ...model, conditions: [next] });
  return (
    <>
      <div className={look.controls}>
        <InputChoice {...props} />
        <Comparison condition={condition} onChange={set} />
        {unload !== undefined && !isRange(condition.evaluator.type) && (
          <NumberField
            label={m.recoveryValue}
            value={unload.params[0]}
            onChange={(value) =>
              set({ ...condition, unloadEvaluator: { ...unload, params: [value] } })
            }
          />
        )}
      </div>
      {(condition.evaluator.type === 'gt' || condition.evaluator.type === 'lt') && (
        <label className={css.check}>
          <input
            type="checkbox"
            checked={unload !== undefined}
            onChange={(event) => {
              const { unloadEvaluator: _unload, ...plain } = condition;
              const { type, params } = condition.evaluator;
              set(
                event.target.checked
                  ? {
                      ...plain,
                      unloadEvaluator: {
                        type: type === 'gt' ? 'lt' : 'gt',
                        params: params.slice(0, 1),
                      },
                    }
                  : plain,
              );
            }}
          />
          {m.recovery}
        </label>
      )}
    </>
  );
}

function Sql({ query, onChange }: Props): ReactNode {
  const m = useMessages(editorWords);
  return (
    <Field label={m.kinds.sql} help={m.sqlHelp}>
      {(control) => (
        <textarea
          {...control}
          className={`${css.textarea} ${css.mono}`}
          rows={5}
          spellCheck={false}
          value={textIn(query.model, 'expression')}
          onChange={(event) => onChange({ ...query.model, expression: event.target.value })}
        />
      )}
    </Field>
  );
}

function Maths({ query, onChange }: Props): ReactNode {
  const m = useMessages(editorWords);
  return (
    <Field label={m.kinds.math} help={m.mathHelp}>
      {(control) => (
        <TextInput
          {...control}
          mono
          placeholder={m.mathPlaceholder}
          value={textIn(query.model, 'expression')}
          onChange={(expression) => onChange({ ...query.model, expression })}
        />
      )}
    </Field>
  );
}

const downsamplers = ['mean', 'last', 'min', 'max', 'sum'];
const upsamplers = ['fillna', 'pad', 'backfilling'];

function Resample(props: Props): ReactNode {
  const m = useMessages(editorWords);
  const { model } = props.query;
  const choice = (label: string, key: string, values: readonly string[]): ReactNode => (
    <Choice
      label={label}
      value={textIn(model, key)}
      options={values.map((value) => ({ value, label: value }))}
      onChange={(next) => props.onChange({ ...model, [key]: next })}
    />
  );
  return (
    <div className={look.controls}>
      <InputChoice {...props} />
      <div className={look.number}>
        <Field label={m.resampleTo}>
          {(control) => (
            <TextInput
              {...control}
              mono
              value={textIn(model, 'window')}
              onChange={(window) => props.onChange({ ...model, window })}
            />
          )}
        </Field>
      </div>
      {choice(m.downsample, 'downsampler', downsamplers)}
      {choice(m.upsample, 'upsampler', upsamplers)}
    </div>
  );
}

const classicReducers = [
  ...['avg', 'min', 'max', 'sum', 'count', 'last', 'median', 'diff', 'diff_abs'],
  ...['percent_diff', 'percent_diff_abs', 'count_non_null'],
];

function Classic({ query, inputs, onChange }: Props): ReactNode {
  const m = useMessages(editorWords);
  const conditions = conditionsOf(query.model);
  const set = (at: number, next: Condition): void =>
    onChange({
      ...query.model,
      conditions: conditions.map((one, index) => (index === at ? next : one)),
    });
  return conditions.map((condition, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a condition is what stands at its place.
    <div key={at} className={look.controls}>
      {at > 0 && (
        <Choice
          label={m.kind}
          value={condition.operator?.type ?? 'and'}
          options={['and', 'or'].map((value) => ({ value, label: value }))}
          onChange={(type) => set(at, { ...condition, operator: { type } })}
        />
      )}
      <Choice
        label={m.when}
        value={condition.reducer?.type ?? 'last'}
        options={classicReducers.map((value) => ({ value, label: value }))}
        onChange={(type) => set(at, { ...condition, reducer: { type, params: [] } })}
      />
      <Choice
        label={m.input}
        value={condition.query?.params[0] ?? ''}
        options={inputs.map((value) => ({ value, label: value }))}
        onChange={(refId) => set(at, { ...condition, query: { params: [refId] } })}
      />
      <Comparison condition={condition} onChange={(next) => set(at, next)} />
    </div>
  ));
}
