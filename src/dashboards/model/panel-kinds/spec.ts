/** Short ways to write the tables of panel kinds. */
import type {
  Choice,
  ChoiceValue,
  OptionGroup,
  OptionKind,
  OptionSpec,
  Words,
} from './contract.ts';

type Label = readonly [en: string, ko: string];
type Rest = Partial<Omit<OptionSpec, 'path' | 'kind' | 'label' | 'group' | 'default' | 'choices'>>;
/** An option before its group is known. */
export type Ungrouped = Omit<OptionSpec, 'group'>;

export const words = ([en, ko]: Label): Words => ({ en, ko });

const make = (
  kind: OptionKind,
  path: string,
  label: Label,
  preset: unknown,
  rest: Rest & { readonly choices?: readonly Choice[] } = {},
): Ungrouped => ({
  path,
  kind,
  label: words(label),
  ...(preset === undefined ? {} : { default: preset }),
  ...rest,
});

export const flag = (path: string, label: Label, preset: boolean, rest: Rest = {}): Ungrouped =>
  make('boolean', path, label, preset, rest);

export const number = (
  path: string,
  label: Label,
  preset: number | undefined,
  rest: Rest = {},
): Ungrouped => make('number', path, label, preset, rest);

export const text = (path: string, label: Label, preset?: string, rest: Rest = {}): Ungrouped =>
  make('text', path, label, preset, rest);

/** An option of any kind that needs no choices. */
export const option = (
  kind: Exclude<OptionKind, 'choice' | 'choices'>,
  path: string,
  label: Label,
  preset?: unknown,
  rest: Rest = {},
): Ungrouped => make(kind, path, label, preset, rest);

type ChoiceRow = readonly [value: ChoiceValue, en: string, ko: string];
const choicesOf = (rows: readonly ChoiceRow[]): Choice[] =>
  rows.map(([value, en, ko]) => ({ value, label: { en, ko } }));

export const choice = (
  path: string,
  label: Label,
  preset: ChoiceValue | undefined,
  rows: readonly ChoiceRow[],
  rest: Rest = {},
): Ungrouped => make('choice', path, label, preset, { ...rest, choices: choicesOf(rows) });

export const choices = (
  path: string,
  label: Label,
  preset: readonly ChoiceValue[],
  rows: readonly ChoiceRow[],
  rest: Rest = {},
): Ungrouped => make('choices', path, label, preset, { ...rest, choices: choicesOf(rows) });

export const inGroup = (group: OptionGroup, options: readonly Ungrouped[]): readonly OptionSpec[] =>
  options.map((spec) => ({ ...spec, group }));

/** The same options with other defaults: `withDefaults(legend, { 'legend.placement': 'right' })`. */
export const withDefaults = (
  options: readonly OptionSpec[],
  presets: Readonly<Record<string, unknown>>,
): readonly OptionSpec[] =>
  options.map((spec) => (spec.path in presets ? { ...spec, default: presets[spec.path] } : spec));

export const without = (
  options: readonly OptionSpec[],
  paths: readonly string[],
): readonly OptionSpec[] => options.filter((spec) => !paths.includes(spec.path));

/** The same options, some of which this kind keeps but does not draw. */
export const notDrawn = (
  options: readonly OptionSpec[],
  notes: Readonly<Record<string, Label>>,
): readonly OptionSpec[] =>
  options.map((spec) => {
    const note = notes[spec.path];
    return note === undefined ? spec : { ...spec, notDrawn: words(note) };
  });
