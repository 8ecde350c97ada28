import type { Option } from './contract.ts';

/** As much of a data frame as options are made of. */
export interface OptionFrame {
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: string }[] };
  readonly data: { readonly values: readonly (readonly unknown[])[] };
}

/** The first column of texts of whatever a query answers; a second one beside it is what is shown. */
export function frameOptions(frame: OptionFrame | undefined): readonly Option[] {
  if (frame === undefined) return [];
  const { fields } = frame.schema;
  const { values: columns } = frame.data;
  const column = (name: string): readonly unknown[] | undefined =>
    columns[fields.findIndex((field) => field.name === name)];
  const firstText = fields.findIndex((field) => field.type === 'string');
  const values = column('__value') ?? column('value') ?? columns[Math.max(0, firstText)] ?? [];
  const texts = column('__text') ?? column('text') ?? values;
  return values.map((value, index) => ({
    value: String(value),
    text: String(texts[index] ?? value),
  }));
}
