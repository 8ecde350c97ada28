import type { Variable } from '#dashboards/model';
import type { Option } from './contract.ts';

export interface SwitchValues {
  readonly enabled: string;
  readonly disabled: string;
}

/** What a switch stands for when it is on and when it is off; documents name them, or list them in this order. */
export function switchValues(variable: Variable): SwitchValues {
  const [on, off] = variable.options ?? [];
  const pick = (named: unknown, listed: unknown, preset: string): string => {
    const value = named ?? (Array.isArray(listed) ? listed[0] : listed);
    return value === undefined || value === null ? preset : String(value);
  };
  return {
    enabled: pick(variable['enabledValue'], on?.value, 'true'),
    disabled: pick(variable['disabledValue'], off?.value, 'false'),
  };
}

export function switchOptions(variable: Variable): readonly Option[] {
  const { enabled, disabled } = switchValues(variable);
  return [enabled, disabled].map((value) => ({ value, text: value }));
}

/** As the document was saved: `current` is a variable's usual pair, or the value itself. */
export function savedSwitch(variable: Variable): string {
  const { enabled, disabled } = switchValues(variable);
  const current: unknown = variable.current;
  const saved = typeof current === 'object' ? variable.current?.value : current;
  const value = Array.isArray(saved) ? saved[0] : saved;
  return String(value ?? '') === enabled ? enabled : disabled;
}
