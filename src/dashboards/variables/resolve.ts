import type { DataSourceRef, Variable } from '#dashboards/model';
import { readAdhocText, savedFilters } from './adhoc.ts';
import type { Lookup, Option, VariableState, VariableStates } from './contract.ts';
import { chooseCurrent, savedValues } from './current.ts';
import { cyclesIn, dependenciesOf } from './dependencies.ts';
import { interpolate } from './interpolate.ts';
import { intervalOptions, readInterval } from './interval.ts';
import { firstOf, variablesLookup } from './lookup.ts';
import {
  customOptions,
  dataSourceOptions,
  type KnownDataSource,
  matchOptions,
  sortOptions,
} from './options.ts';
import { promqlFormat } from './prometheus-format.ts';
import { savedSwitch, switchOptions } from './switch.ts';

export interface VariableQuery {
  readonly variable: Variable;
  /** A text, or what the data source has for a query; variables are put in. */
  readonly query: unknown;
  /** Variables are put in; undefined: the default one. */
  readonly dataSource: DataSourceRef | undefined;
  readonly signal: AbortSignal;
}

/** Where options come from. */
export interface VariableSources {
  readonly dataSources: readonly KnownDataSource[];
  /** @throws whatever a person should read as the variable's error */
  readonly query: (request: VariableQuery) => Promise<readonly Option[]>;
}

/** Values that the link names, by variable; a name without values chooses nothing. */
export type WantedValues = ReadonlyMap<string, readonly string[]>;

export interface ResolveRequest {
  readonly variables: readonly Variable[];
  readonly wanted: WantedValues;
  /** What was resolved before, and for what link: options are asked for again only where they change. */
  readonly previous?:
    | { readonly states: VariableStates; readonly wanted: WantedValues }
    | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  /** `__from`, `__range` and the like. */
  readonly builtIns: Lookup;
  readonly sources: VariableSources;
  readonly signal: AbortSignal;
  /** What somebody types into a variable's list, for queries that hold `$__searchFilter`. */
  readonly search?: { readonly name: string; readonly text: string } | undefined;
}

/** Variables beyond these are not a dashboard that somebody uses. */
const maxVariables = 500;

/**
 * Finds options and values of all variables. A variable waits for those that its query names; the
 * others go at the same time. One that fails keeps its error and the rest goes on; those that wait for
 * each other in a circle say so.
 *
 * @throws the signal's reason
 */
export async function resolveVariables(request: ResolveRequest): Promise<VariableStates> {
  const variables = request.variables.slice(0, maxVariables).map(withManyKeys);
  const dependencies = new Map(
    variables.map((variable) => [variable.name, dependenciesOf(variable)]),
  );
  const cycles = cyclesIn(dependencies);
  const states = new Map<string, VariableState>();
  const running = new Map<string, Promise<void>>();
  const byName = new Map(variables.map((variable) => [variable.name, variable]));

  const start = (variable: Variable): Promise<void> => {
    const known = running.get(variable.name);
    if (known !== undefined) return known;
    const work = run(variable);
    running.set(variable.name, work);
    return work;
  };
  const run = async (variable: Variable): Promise<void> => {
    if (cycles.has(variable.name)) {
      states.set(variable.name, failed(variable, request, cycleMessage(cycles)));
      return;
    }
    const waitsFor = [...(dependencies.get(variable.name) ?? [])]
      .map((name) => byName.get(name))
      .filter((other) => other !== undefined);
    await Promise.all(waitsFor.map(start));
    states.set(variable.name, await resolveOne(variable, states, request));
  };
  await Promise.all(variables.map(start));
  request.signal.throwIfAborted();
  return new Map(variables.map(({ name }) => [name, states.get(name)] as [string, VariableState]));
}

/** Of labels to group by there are always several to choose. */
const withManyKeys = (variable: Variable): Variable =>
  variable.type === 'groupby' ? { ...variable, multi: true, includeAll: false } : variable;

const cycleMessage = (names: ReadonlySet<string>): string =>
  `These variables wait for each other: ${[...names].join(', ')}`;

async function resolveOne(
  variable: Variable,
  states: VariableStates,
  request: ResolveRequest,
): Promise<VariableState> {
  const lookup = firstOf(
    searchLookup(variable, request.search),
    variablesLookup(states, request.toMs - request.fromMs),
    request.builtIns,
  );
  const previous = request.previous?.states.get(variable.name);
  let key = '';
  try {
    const asked = question(variable, lookup, request);
    key = asked.key;
    const isSame = previous !== undefined && previous.key === key && previous.error === undefined;
    const options = isSame ? previous.options : await asked.options();
    return { ...current(variable, options, request, isSame), key };
  } catch (error) {
    request.signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    return { ...failed(variable, request, message), key };
  }
}

/** `__searchFilter`: what is typed into the list of the variable, and anything after it. */
function searchLookup(variable: Variable, search: ResolveRequest['search']): Lookup {
  const text = search?.name === variable.name ? search.text : '';
  return ({ name }) => (name === '__searchFilter' ? { value: `${text}.*` } : undefined);
}

/** What may be grouped by: the labels of a data source. */
const labelNames = 'label_names()';

interface Question {
  readonly key: string;
  readonly options: () => Promise<readonly Option[]> | readonly Option[];
}

/** How the options of a variable are found, with all that they depend on as its key. */
function question(variable: Variable, lookup: Lookup, request: ResolveRequest): Question {
  const { query, sort = 0, regexApplyTo } = variable;
  const pattern = interpolate(variable.regex ?? '', lookup, 'regex');
  const known = request.sources.dataSources;
  const refine = (options: readonly Option[]): readonly Option[] =>
    sortOptions(matchOptions(options, pattern, regexApplyTo), sort);
  switch (variable.type) {
    case 'query': {
      const dataSource = referred(variable.datasource ?? undefined, lookup);
      const asked = putIn(query, lookup, isPrometheus(dataSource, known));
      const key = JSON.stringify([
        asked,
        dataSource,
        pattern,
        sort,
        regexApplyTo,
        ...age(variable, request),
      ]);
      const stored = storedOptions(variable);
      if (variable.refresh === 0 && stored.length > 0) return { key, options: () => stored };
      const ask = { variable, query: asked, dataSource, signal: request.signal };
      return { key, options: async () => refine(await request.sources.query(ask)) };
    }
    case 'datasource': {
      const type = String(query ?? '');
      const key = JSON.stringify([type, pattern, known.map(({ uid, name }) => [uid, name])]);
      return { key, options: () => dataSourceOptions(known, type, pattern) };
    }
    case 'custom': {
      const text = interpolate(String(query ?? ''), lookup);
      const format = variable['valuesFormat'];
      return { key: text, options: () => matchOptions(customOptions(text, format), '') };
    }
    case 'interval':
      return {
        key: JSON.stringify([query, variable['auto']]),
        options: () => intervalOptions(variable),
      };
    case 'switch': {
      const options = switchOptions(variable);
      return { key: JSON.stringify(options), options: () => options };
    }
    case 'groupby': {
      const dataSource = referred(variable.datasource ?? undefined, lookup);
      const ask = { variable, query: labelNames, dataSource, signal: request.signal };
      return {
        key: JSON.stringify([dataSource, ...age(variable, request)]),
        options: () => request.sources.query(ask),
      };
    }
    default:
      return { key: JSON.stringify(query ?? null), options: () => storedOptions(variable) };
  }
}

/** What refreshes with the range has it in its key. */
const age = (variable: Variable, { fromMs, toMs, search }: ResolveRequest): readonly unknown[] => [
  ...(variable.refresh === 2 ? [fromMs, toMs] : []),
  ...(search?.name === variable.name ? [search.text] : []),
];

function storedOptions(variable: Variable): readonly Option[] {
  return (variable.options ?? [])
    .map(({ text, value }) => ({ text: String(text), value: String(value) }))
    .filter(({ value }) => value !== '$__all');
}

function referred(reference: DataSourceRef | undefined, lookup: Lookup): DataSourceRef | undefined {
  if (reference?.uid === undefined) return reference;
  return { ...reference, uid: interpolate(reference.uid, lookup) };
}

function isPrometheus(
  reference: DataSourceRef | undefined,
  known: readonly KnownDataSource[],
): boolean {
  const source = known.find(({ uid, name }) => uid === reference?.uid || name === reference?.uid);
  const type = source?.type ?? reference?.type ?? known.find(({ isDefault }) => isDefault)?.type;
  return type === undefined || type === 'prometheus';
}

/** Puts variables into every text of a query, whatever its shape. */
function putIn(value: unknown, lookup: Lookup, isPromql: boolean): unknown {
  if (typeof value === 'string') {
    return interpolate(value, lookup, isPromql ? promqlFormat : undefined);
  }
  if (Array.isArray(value)) return value.map((item) => putIn(item, lookup, isPromql));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, putIn(item, lookup, isPromql)]),
  );
}

type StateWithoutKey = Omit<VariableState, 'key'>;

function current(
  variable: Variable,
  options: readonly Option[],
  request: ResolveRequest,
  isSame: boolean,
): StateWithoutKey {
  const fromLink = request.wanted.get(variable.name);
  const before = request.previous?.wanted.get(variable.name);
  const isChosen = fromLink !== undefined && fromLink.join('\n') !== before?.join('\n');
  switch (variable.type) {
    case 'constant':
      return only(variable, String(variable.query ?? ''));
    case 'textbox':
      return only(
        variable,
        fromLink?.[0] ?? savedValues(variable)?.[0] ?? String(variable.query ?? ''),
      );
    case 'adhoc':
      return {
        ...only(variable, ''),
        filters:
          fromLink?.map(readAdhocText).filter((filter) => filter !== undefined) ??
          savedFilters(variable),
      };
    case 'interval': {
      const wanted = (fromLink ?? savedValues(variable))?.map(readInterval);
      return {
        variable,
        options,
        ...chooseCurrent({ variable, options, wanted, isKept: isChosen || isSame }),
      };
    }
    case 'switch': {
      const [wanted] = fromLink ?? [];
      const value = options.find((option) => option.value === wanted)?.value;
      return { ...only(variable, value ?? savedSwitch(variable)), options };
    }
    case 'groupby': {
      const wanted = (fromLink ?? savedValues(variable) ?? []).filter((key) => key !== '');
      return { variable, options, ...chooseCurrent({ variable, options, wanted, isKept: true }) };
    }
    case 'datasource':
      return currentDataSource(variable, options, request, fromLink);
    case 'query':
    case 'custom': {
      const previous = request.previous?.states.get(variable.name);
      const wanted = fromLink ?? valuesOf(previous) ?? savedValues(variable);
      // A choice of just now stays, and so does any while there is nothing new to choose from.
      const isKept = isChosen || (isSame && fromLink !== undefined);
      return { variable, options, ...chooseCurrent({ variable, options, wanted, isKept }) };
    }
    default: {
      const wanted = fromLink ?? savedValues(variable) ?? [];
      return { variable, options, ...chooseCurrent({ variable, options, wanted, isKept: true }) };
    }
  }
}

const valuesOf = (state: VariableState | undefined): readonly string[] | undefined =>
  state === undefined ? undefined : typeof state.value === 'string' ? [state.value] : state.value;

const only = (variable: Variable, value: string): StateWithoutKey => ({
  variable,
  options: [],
  value,
  text: value,
  isAll: false,
});

/** Without a choice the default data source, where it is one of the options. */
function currentDataSource(
  variable: Variable,
  options: readonly Option[],
  request: ResolveRequest,
  fromLink: readonly string[] | undefined,
): StateWithoutKey {
  const wanted = (fromLink ?? savedValues(variable) ?? []).filter(
    (value) => value !== 'default' && value !== '',
  );
  const standard = request.sources.dataSources.find(({ isDefault }) => isDefault)?.uid;
  const isThere = (value: string): boolean =>
    options.some((option) => option.value === value || option.text === value);
  const isUsable = wanted.some(isThere) || variable.includeAll === true;
  const values = isUsable || standard === undefined ? wanted : [standard];
  return {
    variable,
    options,
    ...chooseCurrent({ variable, options, wanted: values, isKept: false }),
  };
}

/** Options and values of before stay, so that panels that do not need the variable go on. */
function failed(variable: Variable, request: ResolveRequest, message: string): VariableState {
  const previous = request.previous?.states.get(variable.name);
  const options = previous?.options ?? [];
  const state = current(variable, options, request, true);
  return { ...state, error: message, key: '' };
}
