import {
  allText,
  allValue,
  type Interpolated,
  type Lookup,
  type VariableState,
  type VariableStates,
} from './contract.ts';
import { autoInterval, autoIntervalMs } from './interval.ts';
import { intervalText } from './step.ts';

/** Variables by their present values; `rangeMs` is for intervals that follow the range. */
export function variablesLookup(states: VariableStates, rangeMs: number): Lookup {
  return ({ name, path }) => {
    const state = states.get(name);
    if (state === undefined) return undefined;
    return path.length === 0 ? currentValue(state, rangeMs) : { value: propertiesOf(state) };
  };
}

/** The first that knows a name decides. */
export function firstOf(...lookups: readonly Lookup[]): Lookup {
  return (reference) => {
    for (const lookup of lookups) {
      const found = lookup(reference);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** The value that a variable stands for. */
export function currentValue(state: VariableState, rangeMs: number): Interpolated {
  const { variable, value, text, isAll, options } = state;
  const isMany = variable.multi === true || variable.includeAll === true;
  if (isAll) {
    const custom = variable.allValue;
    if (typeof custom === 'string' && custom !== '') {
      return { value: custom, text: allText, isVerbatim: true, isMany, link: [allText] };
    }
    return {
      value: options.map((option) => option.value),
      text: allText,
      isMany,
      link: [allValue],
    };
  }
  if (variable.type === 'interval' && value === autoInterval) {
    const ms = autoIntervalMs(variable, rangeMs);
    return { value: intervalText(ms), text: text as string, link: [autoInterval] };
  }
  return { value, text, isMany };
}

function propertiesOf({ value, text, options }: VariableState): Readonly<Record<string, unknown>> {
  const chosen = options.find((option) => option.value === value);
  return { value, text, ...chosen?.properties };
}
