/** Short ways to write the tables of forms. */
import type { ChoiceValue, Words } from '../../../../../src/dashboards/model/panel-kinds/index.ts';
import type { StepField, StepFieldKind, StepForm, StepList } from './contract.ts';

export type Label = readonly [en: string, ko: string];
export type ChoiceRow = readonly [value: ChoiceValue, en: string, ko: string];

export const words = ([en, ko]: Label): Words => ({ en, ko });

type Rest = Partial<Omit<StepField, 'path' | 'kind' | 'label' | 'help'>> & {
  readonly help?: Label;
};

export function field(
  kind: StepFieldKind,
  path: string,
  label: Label,
  { help, ...rest }: Rest = {},
): StepField {
  return {
    ...{ path, kind, label: words(label), ...rest },
    ...(help === undefined ? {} : { help: words(help) }),
  };
}

export const choice = (
  path: string,
  label: Label,
  preset: ChoiceValue | undefined,
  rows: readonly ChoiceRow[],
  rest: Rest = {},
): StepField =>
  field('choice', path, label, {
    ...(preset === undefined ? {} : { default: preset }),
    ...rest,
    choices: rows.map(([value, en, ko]) => ({ value, label: { en, ko } })),
  });

export const list = (
  path: string,
  label: Label,
  add: Label,
  preset: StepList['preset'],
  fields: readonly StepField[],
): StepList => ({ kind: 'list', path, label: words(label), add: words(add), preset, fields });

export const form = (
  id: string,
  about: Label,
  fields: StepForm['fields'] = [],
  rest: Partial<Omit<StepForm, 'id' | 'about' | 'fields'>> = {},
): StepForm => ({ id, about: words(about), preset: {}, fields, ...rest });
