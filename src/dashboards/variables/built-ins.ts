import { adhocText } from './adhoc.ts';
import type { Interpolated, Lookup, VariableState, VariableStates } from './contract.ts';
import { currentValue } from './lookup.ts';
import { goDurationText, intervalText } from './step.ts';

export interface RangeValues {
  readonly fromMs: number;
  readonly toMs: number;
  /** As the link has them. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly zone: string;
}

/** `__range`, `__from`, `__to`, `__timezone`, `__url_time_range`. */
export function rangeLookup(range: RangeValues): Lookup {
  const { fromMs, toMs, from, to, zone } = range;
  const rangeMs = toMs - fromMs;
  const rangeSeconds = Math.round(rangeMs / 1000);
  return lookupOf({
    __range: { value: `${rangeSeconds}s` },
    __range_s: { value: String(rangeSeconds) },
    __range_ms: { value: String(rangeMs) },
    __from: { value: String(fromMs), zone },
    __to: { value: String(toMs), zone },
    __timezone: { value: zone },
    __url_time_range: {
      value: `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
      isVerbatim: true,
    },
  });
}

/** `__interval` and `__rate_interval` of one query. */
export function intervalLookup(stepMs: number, rateMs: number): Lookup {
  return lookupOf({
    __interval: { value: intervalText(stepMs) },
    __interval_ms: { value: String(stepMs) },
    __rate_interval: { value: goDurationText(rateMs) },
    __rate_interval_ms: { value: String(rateMs) },
  });
}

export interface PlaceValues {
  readonly user: { readonly login: string; readonly email: string; readonly id: string };
  readonly organization: { readonly name: string; readonly id: string };
  readonly dashboard: { readonly title: string; readonly uid: string };
  /** Of the link that is open. */
  readonly url: { readonly path: string; readonly search: string };
}

/** `__user`, `__org`, `__dashboard`, `__url`. */
export function placeLookup(place: PlaceValues): Lookup {
  return ({ name, path, format }) => {
    switch (name) {
      case '__user':
        return named(path, place.user, place.user.login);
      case '__org':
        return named(path, place.organization, place.organization.name);
      case '__dashboard':
        return named(path, place.dashboard, place.dashboard.title);
      case '__url':
        return path[0] === 'params'
          ? verbatimWithin('params', chosenParameters(place.url.search, format ?? ''))
          : { value: { path: place.url.path } };
      default:
        return undefined;
    }
  };
}

/** A thing whose name stands for it where a reference has no path. */
const named = (path: readonly string[], whole: object, name: string): Interpolated => ({
  value: path.length === 0 ? name : whole,
});

const verbatimWithin = (key: string, text: string): Interpolated => ({
  value: { [key]: text },
  isVerbatim: true,
});

/** `exclude:a,b` and `include:a,b` choose of the parameters of a link. */
function chosenParameters(search: string, format: string): string {
  const [mode, names = ''] = format.split(':');
  const chosen = new Set(names.split(','));
  const parameters = [...new URLSearchParams(search)].filter(([key]) =>
    mode === 'include' ? chosen.has(key) : mode !== 'exclude' || !chosen.has(key),
  );
  const text = new URLSearchParams(parameters).toString();
  return text === '' ? '' : `?${text}`;
}

/** What a link says for a variable. */
export function linkValues(state: VariableState): readonly string[] {
  if (state.filters !== undefined) return state.filters.map(adhocText);
  const { value, link } = currentValue(state, 0);
  return link ?? (Array.isArray(value) ? value.map(String) : [String(value)]);
}

/** Whether links tell the value: constants and those that say so have none. */
export const isInLink = ({ variable }: VariableState): boolean =>
  variable.skipUrlSync !== true && variable.type !== 'constant' && variable.type !== 'system';

/** `var-name=value` of every variable that links tell, without a `?`. */
export function allVariablesText(states: VariableStates): string {
  const parameters = new URLSearchParams();
  for (const state of states.values()) {
    if (!isInLink(state)) continue;
    for (const value of linkValues(state)) parameters.append(`var-${state.variable.name}`, value);
  }
  return parameters.toString().replaceAll('+', '%20');
}

/** `__all_variables`. */
export function allVariablesLookup(states: VariableStates): Lookup {
  return ({ name }) =>
    name === '__all_variables' ? { value: allVariablesText(states), isVerbatim: true } : undefined;
}

function lookupOf(values: Readonly<Record<string, Interpolated>>): Lookup {
  return ({ name }) => (Object.hasOwn(values, name) ? values[name] : undefined);
}
