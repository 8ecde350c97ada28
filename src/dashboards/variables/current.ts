import type { Variable } from '#dashboards/model';
import { allText, allValue, type Option, type VariableState } from './contract.ts';

/** A value with what people see of it. */
export type Chosen = Pick<VariableState, 'value' | 'text' | 'isAll'>;

export interface CurrentRequest {
  readonly variable: Variable;
  readonly options: readonly Option[];
  /** Values that are wanted: of the link, else those that the dashboard was saved with. */
  readonly wanted: readonly string[] | undefined;
  /** They were just chosen, so that they stay even where they are not among the options. */
  readonly isKept: boolean;
}

/** The values that a dashboard was saved with; undefined: none. */
export function savedValues({ current }: Variable): readonly string[] | undefined {
  const value = current?.value ?? current?.text;
  if (value === undefined || value === null) return undefined;
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** Whether the values of a link or a dashboard mean "All". */
export function meansAll(values: readonly string[], { allValue: custom }: Variable): boolean {
  return values.some(
    (value) =>
      value === allValue ||
      value === allText ||
      (typeof custom === 'string' && custom !== '' && value === custom),
  );
}

/** What is chosen of a variable with options. */
export function chooseCurrent(request: CurrentRequest): Chosen {
  const { variable, options, wanted, isKept } = request;
  const isMulti = variable.multi === true;
  if (variable.includeAll === true && wanted !== undefined && meansAll(wanted, variable)) {
    return chosenAll(isMulti);
  }
  const wantedHere = (wanted ?? []).filter((value) => value !== allValue && value !== '');
  if (isKept && wantedHere.length > 0) {
    const kept = wantedHere.map((value) => optionFor(options, value) ?? { text: value, value });
    return chosen(kept, isMulti);
  }
  if (options.length === 0) {
    if (variable.includeAll === true) return chosenAll(isMulti);
    return chosen([], isMulti);
  }
  const first = options[0] as Option;
  const found = wantedHere.flatMap((value) => optionFor(options, value) ?? []);
  // Nothing chosen of several is a choice as well, where somebody made it.
  if (isMulti && isKept && wanted?.length === 0) return chosen([], true);
  return chosen(found.length === 0 ? [first] : isMulti ? found : found.slice(0, 1), isMulti);
}

export function chosenAll(isMulti: boolean): Chosen {
  return isMulti
    ? { value: [allValue], text: [allText], isAll: true }
    : { value: allValue, text: allText, isAll: true };
}

/** By its value, else by what people see of it: old files hold names. */
function optionFor(options: readonly Option[], value: string): Option | undefined {
  return (
    options.find((option) => option.value === value) ??
    options.find((option) => option.text === value)
  );
}

function chosen(options: readonly Option[], isMulti: boolean): Chosen {
  const values = options.map(({ value }) => value);
  const texts = options.map(({ text }) => text);
  return isMulti
    ? { value: values, text: texts, isAll: false }
    : { value: values[0] ?? '', text: texts[0] ?? '', isAll: false };
}
