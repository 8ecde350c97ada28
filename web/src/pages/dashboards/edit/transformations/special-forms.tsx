import type { ReactNode } from 'react';
import { valueAt, withValueAt } from '../../../../dashboards/editing/paths.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Field } from '../../../../ui/field.tsx';
import { Segmented } from '../../../../ui/segmented.tsx';
import { Select } from '../../../../ui/select.tsx';
import { NamesPicker } from '../panel/column-picker.tsx';
import { useColumns } from '../panel/columns.ts';
import { LazyText } from '../panel/lazy-text.tsx';
import { OptionField } from '../panel/option-field.tsx';
import css from './transformations.module.css';
import { transformationWords } from './words.ts';

type Options = Readonly<Record<string, unknown>>;

export interface SpecialFormProps {
  readonly options: Options;
  readonly onChange: (options: Options) => void;
}

interface GroupedField {
  readonly operation?: 'groupby' | 'aggregate' | null;
  readonly aggregations?: readonly string[];
}

const recordOf = <T,>(value: unknown): Readonly<Record<string, T>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, T>) : {};

/** What becomes of each field: a group, a calculation, nothing. */
export function GroupByForm({ options, onChange }: SpecialFormProps): ReactNode {
  const m = useMessages(transformationWords);
  const { names } = useColumns();
  const fields = recordOf<GroupedField>(options['fields']);
  const put = (name: string, field: GroupedField): void =>
    onChange({ ...options, fields: { ...fields, [name]: field } });
  const all = [...new Set([...names, ...Object.keys(fields)])];
  if (all.length === 0) return <p className={css.help}>{m.noFields}</p>;
  return (
    <div className={css.rows}>
      {all.map((name) => {
        const { operation = null, aggregations = [] } = fields[name] ?? {};
        return (
          <div key={name} className={css.fieldRow}>
            <span className={css.fieldName}>{name}</span>
            <Select
              label={m.whatOf(name)}
              value={operation ?? 'ignore'}
              options={(['ignore', 'groupby', 'aggregate'] as const).map((value) => ({
                value: value as string,
                label: m.operations[value],
              }))}
              onChange={(next) =>
                put(name, {
                  operation: next === 'ignore' ? null : (next as 'groupby' | 'aggregate'),
                  aggregations:
                    next === 'aggregate' && aggregations.length === 0
                      ? ['lastNotNull']
                      : aggregations,
                })
              }
            />
            {operation === 'aggregate' && (
              <OptionField
                spec={{
                  path: name,
                  kind: 'reducers',
                  label: { en: `Calculations of ${name}`, ko: `${name} 계산` },
                  group: 'list',
                }}
                value={aggregations}
                onChange={(next) =>
                  put(name, { operation, aggregations: next as readonly string[] })
                }
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Fields by their names, by a pattern, or by the values of a variable. */
export function NamedFieldsForm({ options, onChange }: SpecialFormProps): ReactNode {
  const m = useMessages(transformationWords);
  const { names } = useColumns();
  const include = recordOf<unknown>(options['include']);
  const set = (key: string, value: unknown): void =>
    onChange(withValueAt({ ...options, include }, `include.${key}`, value));
  const isByVariable = options['byVariable'] === true;
  const chosen = Array.isArray(include['names']) ? include['names'].map(String) : [];
  return (
    <>
      <Segmented
        label={m.fieldsBy}
        value={isByVariable ? 'variable' : 'names'}
        options={[
          { value: 'names', label: m.byNames },
          { value: 'variable', label: m.byVariable },
        ]}
        onChange={(next) => onChange({ ...options, byVariable: next === 'variable' })}
      />
      {isByVariable ? (
        <div className={css.field}>
          <Field label={m.byVariable}>
            {(control) => (
              <LazyText
                {...control}
                mono
                placeholder="$fields"
                value={String(include['variable'] ?? '')}
                onCommit={(text) => set('variable', text === '' ? undefined : text)}
              />
            )}
          </Field>
        </div>
      ) : (
        <>
          <div className={css.field}>
            <Field label={m.keptFields}>
              {() => (
                <NamesPicker
                  label={m.keptFields}
                  names={names}
                  value={chosen}
                  onChange={(next) => set('names', next.length === 0 ? undefined : next)}
                />
              )}
            </Field>
          </div>
          <div className={css.field}>
            <Field label={m.orPattern}>
              {(control) => (
                <LazyText
                  {...control}
                  mono
                  placeholder="/^CPU/"
                  value={String(include['pattern'] ?? '')}
                  onCommit={(text) => set('pattern', text === '' ? undefined : text)}
                />
              )}
            </Field>
          </div>
        </>
      )}
    </>
  );
}

/** The value that stands beside the small charts, for each query. */
export function TrendStatsForm({ options, onChange }: SpecialFormProps): ReactNode {
  const { refIds } = useColumns();
  return refIds.map((refId) => (
    <div key={refId} className={css.field}>
      <OptionField
        spec={{
          path: `${refId}.stat`,
          kind: 'reducer',
          label: { en: `Value of ${refId}`, ko: `${refId}의 값` },
          group: 'list',
          default: 'lastNotNull',
        }}
        value={valueAt(options, `${refId}.stat`)}
        onChange={(stat) => onChange(withValueAt(options, `${refId}.stat`, stat))}
      />
    </div>
  ));
}
