import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { removed, replaced } from '../../../../dashboards/editing/lists.ts';
import { valueAt, withValueAt } from '../../../../dashboards/editing/paths.ts';
import type {
  StepField,
  StepList,
} from '../../../../dashboards/editing/transformations/contract.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { Button, IconButton } from '../../../../ui/button.tsx';
import { Field } from '../../../../ui/field.tsx';
import { NamePicker, NamesPicker } from '../panel/column-picker.tsx';
import { useColumns } from '../panel/columns.ts';
import { LazyText } from '../panel/lazy-text.tsx';
import { type Matcher, MatcherField } from '../panel/matcher-field.tsx';
import { OptionField } from '../panel/option-field.tsx';
import { editWords } from '../words.ts';
import { OperandField } from './operand-field.tsx';
import css from './transformations.module.css';

type Options = Readonly<Record<string, unknown>>;

/** Fields of a step, or of one entry of its lists, as far as they are of use. */
export function StepFields({
  fields,
  options,
  onChange,
}: {
  readonly fields: readonly (StepField | StepList)[];
  readonly options: Options;
  readonly onChange: (options: Options) => void;
}): ReactNode {
  const isOfUse = ({ when }: StepField): boolean => {
    if (when === undefined) return true;
    const other = fields.find((one): one is StepField => one.path === when.path);
    return when.is.includes((valueAt(options, when.path) ?? other?.default ?? false) as never);
  };
  return fields.map((field) =>
    field.kind === 'list' ? (
      <ListField key={field.path} list={field} options={options} onChange={onChange} />
    ) : (
      isOfUse(field) && (
        <div key={`${field.path} ${field.kind}`} className={css.field}>
          <StepFieldControl
            field={field}
            value={valueAt(options, field.path)}
            onChange={(value) => onChange(withValueAt(options, field.path, value))}
          />
        </div>
      )
    ),
  );
}

function ListField({
  list,
  options,
  onChange,
}: {
  readonly list: StepList;
  readonly options: Options;
  readonly onChange: (options: Options) => void;
}): ReactNode {
  const m = useMessages(editWords);
  const { language } = usePreferences();
  const value = valueAt(options, list.path);
  const entries = Array.isArray(value) ? (value as readonly Options[]) : [];
  const put = (next: readonly Options[]): void => onChange(withValueAt(options, list.path, next));
  return (
    <fieldset className={css.list}>
      <legend className="visually-hidden">{list.label[language]}</legend>
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have nothing but their place.
        <div key={index} className={css.entry}>
          <StepFields
            fields={list.fields}
            options={entry}
            onChange={(next) => put(replaced(entries, index, next))}
          />
          <IconButton icon={X} label={m.remove} onClick={() => put(removed(entries, index))} />
        </div>
      ))}
      <div>
        <Button look="quiet" icon={Plus} onClick={() => put([...entries, list.preset])}>
          {list.add[language]}
        </Button>
      </div>
    </fieldset>
  );
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];
const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);
const orNothing = <T extends { readonly length: number }>(value: T): T | undefined =>
  value.length === 0 ? undefined : value;

function StepFieldControl({
  field,
  value,
  onChange,
}: {
  readonly field: StepField;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}): ReactNode {
  const { language } = usePreferences();
  const columns = useColumns();
  const label = field.label[language];
  const help = field.help?.[language];
  const shown = value ?? field.default;
  const control = ((): ((id: string) => ReactNode) | undefined => {
    switch (field.kind) {
      case 'field':
      case 'label':
      case 'query': {
        const names = { field: columns.names, label: columns.labels, query: columns.refIds };
        return () => (
          <NamePicker
            label={label}
            names={names[field.kind as keyof typeof names]}
            value={textOf(shown)}
            onChange={(name) => onChange(orNothing(name))}
          />
        );
      }
      case 'columns':
      case 'labels':
        return () => (
          <NamesPicker
            label={label}
            names={field.kind === 'labels' ? columns.labels : columns.names}
            value={textsOf(shown)}
            onChange={(names) => onChange(orNothing(names))}
          />
        );
      case 'queries':
        return () => (
          <NamesPicker
            label={label}
            names={columns.refIds}
            value={textOf(shown).split('|').filter(Boolean)}
            onChange={(names) => onChange(orNothing(names.join('|')))}
          />
        );
      case 'value':
        return (id) => (
          <LazyText
            id={id}
            mono
            value={textOf(shown)}
            onCommit={(text) => onChange(isNumber(text) ? Number(text) : text)}
          />
        );
      case 'operand':
        return () => <OperandField label={label} value={value} onChange={onChange} />;
      case 'matcher':
        return () => (
          <MatcherField
            label={label}
            value={(shown as Matcher | undefined) ?? { id: '' }}
            onChange={onChange}
          />
        );
      default:
        return undefined;
    }
  })();
  if (control === undefined) {
    const { kind, help: _, ...rest } = field;
    return (
      <>
        <OptionField
          spec={{ ...rest, kind: kind as never, group: 'list' }}
          value={value}
          onChange={onChange}
        />
        {help !== undefined && <span className={css.help}>{help}</span>}
      </>
    );
  }
  return (
    <Field label={label} {...(help === undefined ? {} : { help })}>
      {({ id }) => control(id)}
    </Field>
  );
}
