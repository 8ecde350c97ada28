import type { StepForm } from './contract.ts';
import { fieldForms } from './field-forms.ts';
import { rowForms } from './row-forms.ts';
import { shapeForms } from './shape-forms.ts';

export const stepForms: readonly StepForm[] = [...shapeForms, ...fieldForms, ...rowForms];

/** Names under which old dashboards know them. */
const aliases: Readonly<Record<string, string>> = { seriesToColumns: 'joinByField' };

const byId = new Map(stepForms.map((form) => [form.id, form]));

/** Undefined: only its JSON can be edited. */
export const stepForm = (id: string): StepForm | undefined => byId.get(aliases[id] ?? id);
