import {
  Braces,
  Bug,
  ChevronDown,
  ChevronRight,
  CopyPlus,
  Eye,
  EyeOff,
  Trash2,
  TriangleAlert,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Transformation } from '../../../../../../src/dashboards/model/contract.ts';
import { transformationKind } from '../../../../../../src/dashboards/model/transformations.ts';
import { stepForm } from '../../../../dashboards/editing/transformations/forms.ts';
import type { StepResult } from '../../../../dashboards/editing/transformations/step-results.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { IconButton } from '../../../../ui/button.tsx';
import { classNames } from '../../../../ui/class-names.ts';
import { Field } from '../../../../ui/field.tsx';
import { NamesPicker } from '../panel/column-picker.tsx';
import { useColumns } from '../panel/columns.ts';
import { JsonField } from '../panel/json-field.tsx';
import { editWords } from '../words.ts';
import { OrganizeForm, organizeParts } from './organize-form.tsx';
import { GroupByForm, NamedFieldsForm, TrendStatsForm } from './special-forms.tsx';
import { StepFields } from './step-field.tsx';
import { StepOutput } from './step-output.tsx';
import css from './transformations.module.css';
import { transformationWords } from './words.ts';

export interface StepSectionProps {
  readonly step: Transformation;
  readonly name: string;
  readonly number: number;
  readonly grip: ReactNode;
  readonly result: StepResult;
  readonly zone: string;
  readonly onChange: (step: Transformation) => void;
  readonly onDuplicate: () => void;
  readonly onRemove: () => void;
}

/** One step: its form or its JSON, and what goes in and comes out. */
export function StepSection(props: StepSectionProps): ReactNode {
  const { step, name, number, grip, result, zone, onChange } = props;
  const m = useMessages(transformationWords);
  const e = useMessages(editWords);
  const { language } = usePreferences();
  const form = stepForm(step.id);
  const [isOpen, setIsOpen] = useState(true);
  const [isJson, setIsJson] = useState(false);
  const [isDebug, setIsDebug] = useState(false);
  const isOff = step.disabled === true;
  const isSupported = transformationKind(step.id)?.isSupported === true;
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <section className={classNames(css.step, isOff && css.isOff)} aria-label={name}>
      <header className={css.head}>
        {grip}
        <button
          type="button"
          className={css.toggle}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          <Icon size={16} strokeWidth={1.5} aria-hidden />
          <span className={css.number}>{number}</span>
          <span className={css.name}>{name}</span>
        </button>
        {!isSupported && <span className={css.help}>{m.notSupported}</span>}
        {isOff && <span className={css.help}>{m.isOff}</span>}
        <span className={css.space} />
        <IconButton
          icon={Bug}
          label={`${m.debug}: ${name}`}
          pressed={isDebug}
          onClick={() => setIsDebug(!isDebug)}
        />
        <IconButton
          icon={Braces}
          label={`${m.asJson}: ${name}`}
          pressed={isJson}
          onClick={() => setIsJson(!isJson)}
        />
        <IconButton
          icon={isOff ? EyeOff : Eye}
          label={`${isOff ? m.enable : m.disable}: ${name}`}
          pressed={isOff}
          onClick={() => onChange({ ...step, disabled: !isOff })}
        />
        <IconButton icon={CopyPlus} label={`${e.duplicate}: ${name}`} onClick={props.onDuplicate} />
        <IconButton icon={Trash2} label={`${e.remove}: ${name}`} onClick={props.onRemove} />
      </header>
      {isOpen && (
        <div className={css.body}>
          {form !== undefined && <p className={css.help}>{form.about[language]}</p>}
          {result.problem !== undefined && isSupported && (
            <p className={css.problem} role="alert">
              <TriangleAlert size={14} strokeWidth={1.5} aria-hidden /> {result.problem}
            </p>
          )}
          {isJson || form === undefined ? (
            <JsonField
              label={m.optionsOf(name)}
              value={step.options}
              onChange={(options) =>
                onChange({ ...step, options: (options ?? {}) as Transformation['options'] })
              }
            />
          ) : (
            <div className={css.fields}>
              <StepForm step={step} onChange={onChange} />
              <FilterField step={step} onChange={onChange} />
            </div>
          )}
          {isDebug && <StepOutput result={result} zone={zone} />}
        </div>
      )}
    </section>
  );
}

function StepForm({ step, onChange }: Pick<StepSectionProps, 'step' | 'onChange'>): ReactNode {
  const form = stepForm(step.id);
  const options = step.options ?? {};
  const put = (next: Transformation['options']): void => onChange({ ...step, options: next });
  const special = { options, onChange: put };
  return (
    <>
      {form?.special === 'organize' && <OrganizeForm parts={organizeParts(step.id)} {...special} />}
      {form?.special === 'groupBy' && <GroupByForm {...special} />}
      {form?.special === 'namedFields' && <NamedFieldsForm {...special} />}
      {form?.special === 'trendStats' && <TrendStatsForm {...special} />}
      <StepFields fields={form?.fields ?? []} options={options} onChange={put} />
    </>
  );
}

/** `/^(?:A|B)$/`, as Grafana writes a step that holds for some queries; a single one is its letter. */
function refIdsOf(options: unknown): readonly string[] {
  if (typeof options !== 'string' || options === '') return [];
  const list = /^\/\^\(\?:(.*)\)\$\/$/.exec(options)?.[1] ?? options;
  return list.split('|');
}

/** Whether the step is for all answers or only for those of some queries. */
function FilterField({ step, onChange }: Pick<StepSectionProps, 'step' | 'onChange'>): ReactNode {
  const m = useMessages(transformationWords);
  const { refIds } = useColumns();
  const chosen = step.filter?.id === 'byRefId' ? refIdsOf(step.filter.options) : [];
  if (refIds.length < 2 && chosen.length === 0) return null;
  return (
    <div className={css.field}>
      <Field label={m.appliesTo}>
        {() => (
          <NamesPicker
            label={m.appliesTo}
            names={refIds}
            placeholder={m.allAnswers}
            value={chosen}
            onChange={(next) => {
              const { filter: _, ...rest } = step;
              const options = next.length === 1 ? next[0] : `/^(?:${next.join('|')})$/`;
              onChange(next.length === 0 ? rest : { ...rest, filter: { id: 'byRefId', options } });
            }}
          />
        )}
      </Field>
    </div>
  );
}
