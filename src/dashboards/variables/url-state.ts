import { isInLink, linkValues } from './built-ins.ts';
import type { VariableState, VariableStates } from './contract.ts';
import type { WantedValues } from './resolve.ts';
import { parseIntervalMs } from './step.ts';

/** Parameters of a link; a list repeats its key. */
export type LinkParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

const prefix = 'var-';

/** The values that a link names: `var-pod=a&var-pod=b`. An empty one chooses nothing. */
export function readVariables(parameters: LinkParameters): WantedValues {
  const wanted = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(parameters)) {
    if (!key.startsWith(prefix) || key === prefix) continue;
    const values = listOf(value);
    wanted.set(key.slice(prefix.length), values.length === 1 && values[0] === '' ? [] : values);
  }
  return wanted;
}

/** The parameters of one variable; undefined: links do not tell it. */
export function variableParameter(
  state: VariableState,
): { readonly key: string; readonly values: readonly string[] } | undefined {
  if (!isInLink(state)) return undefined;
  return { key: `${prefix}${state.variable.name}`, values: linkValues(state) };
}

/** Parameters for all variables that links tell. */
export function writeVariables(states: VariableStates): Record<string, readonly string[]> {
  const parameters: Record<string, readonly string[]> = {};
  for (const state of states.values()) {
    const parameter = variableParameter(state);
    if (parameter !== undefined) parameters[parameter.key] = parameter.values;
  }
  return parameters;
}

/**
 * `time` and `time.window` (ms or a duration) as a range around an instant; undefined when the link
 * has no such pair.
 */
export function readTimeWindow(
  parameters: LinkParameters,
): { readonly fromMs: number; readonly toMs: number } | undefined {
  const time = listOf(parameters['time'])[0] ?? '';
  const windowText = listOf(parameters['time.window'])[0] ?? '';
  const middleMs = /^\d{10,14}$/.test(time) ? Number(time) : Date.parse(time);
  const windowMs = /^\d+$/.test(windowText) ? Number(windowText) : parseIntervalMs(windowText);
  if (Number.isNaN(middleMs) || windowMs === undefined || windowMs <= 0) return undefined;
  return { fromMs: middleMs - windowMs / 2, toMs: middleMs + windowMs / 2 };
}

/** `panel-12` and `12` to 12. */
export function readPanelId(text: string): number | undefined {
  const match = /^(?:panel-)?(\d{1,9})$/.exec(text);
  return match === null ? undefined : Number(match[1]);
}
