import { type Matchers, matcherOf, parseMatcher, type Route, type WrittenRoute } from '#alerting';
import { isAppError } from '#base';
import { formatPrometheusDuration, parsePrometheusDurationMs } from '#metrics/config';
import type { Json, ObjectMatcher, Policy } from './contract.ts';
import { invalid } from './errors.ts';

const maxPolicies = 10_000;
const maxDepth = 50;
const operators = ['=', '!=', '=~', '!~'] as const;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a tree of policies as APIs and files give it; older ways of writing matchers become
 * `object_matchers`.
 * @throws {AppError} NOTIFICATION_INVALID
 */
export function readPolicies(value: unknown): Policy {
  let count = 0;
  const read = (node: unknown, depth: number): Policy => {
    if (!isObject(node)) throw invalid('a notification policy must be an object');
    if (depth > maxDepth) throw invalid(`policies are nested deeper than ${maxDepth}`);
    if (++count > maxPolicies) throw invalid(`there are more than ${maxPolicies} policies`);
    const matchers = objectMatchersOf(node);
    const routes = node['routes'];
    if (routes !== undefined && routes !== null && !Array.isArray(routes)) {
      throw invalid('routes must be a list');
    }
    const policy: Policy = {
      ...text(node, 'receiver'),
      ...texts(node, 'group_by'),
      ...(matchers.length === 0 ? {} : { object_matchers: matchers }),
      ...texts(node, 'mute_time_intervals'),
      ...texts(node, 'active_time_intervals'),
      ...(node['continue'] === true ? { continue: true } : {}),
      ...duration(node, 'group_wait', true),
      ...duration(node, 'group_interval', false),
      ...duration(node, 'repeat_interval', false),
      ...(Array.isArray(routes) && routes.length > 0
        ? { routes: routes.map((child: unknown) => read(child, depth + 1)) }
        : {}),
    };
    checkGroupBy(policy.group_by ?? []);
    return policy;
  };
  const root = read(value, 0);
  checkRoot(root);
  return root;
}

function checkRoot(root: Policy): void {
  if ((root.receiver ?? '') === '') throw invalid('root route must specify a default receiver');
  if (root.object_matchers !== undefined) throw invalid('root route must not have any matchers');
  if ((root.mute_time_intervals ?? []).length > 0) {
    throw invalid('root route must not have any mute time intervals');
  }
  if ((root.active_time_intervals ?? []).length > 0) {
    throw invalid('root route must not have any active time intervals');
  }
  if (root.continue === true) throw invalid('cannot have continue in root route');
}

function checkGroupBy(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalid(`duplicated label ${JSON.stringify(twice)} in group_by`);
  if (names.includes('...') && names.length > 1) {
    throw invalid('cannot have wildcard group_by (`...`) and other labels at the same time');
  }
}

/** Every name that the tree uses must be there. @throws {AppError} NOTIFICATION_INVALID */
export function checkReferences(
  root: Policy,
  names: { readonly receivers: ReadonlySet<string>; readonly timings: ReadonlySet<string> },
): void {
  for (const policy of policiesOf(root)) {
    const { receiver = '', mute_time_intervals = [], active_time_intervals = [] } = policy;
    if (receiver !== '' && !names.receivers.has(receiver)) {
      throw invalid(`receiver '${receiver}' does not exist`);
    }
    const timing = [...mute_time_intervals, ...active_time_intervals].find(
      (name) => !names.timings.has(name),
    );
    if (timing !== undefined) throw invalid(`mute time interval '${timing}' does not exist`);
  }
}

export function* policiesOf(root: Policy): Iterable<Policy> {
  yield root;
  for (const child of root.routes ?? []) yield* policiesOf(child);
}

/** The tree for the engine. */
export function writtenRoute(policy: Policy): WrittenRoute {
  const ms = (value: string | undefined): number | undefined =>
    value === undefined ? undefined : parsePrometheusDurationMs(value);
  return {
    receiver: policy.receiver === '' ? undefined : policy.receiver,
    matchers: matchersOf(policy),
    groupBy: policy.group_by?.length === 0 ? undefined : policy.group_by,
    groupWaitMs: ms(policy.group_wait),
    groupIntervalMs: ms(policy.group_interval),
    repeatIntervalMs: ms(policy.repeat_interval),
    continue: policy.continue ?? false,
    muteTimeIntervals: policy.mute_time_intervals ?? [],
    activeTimeIntervals: policy.active_time_intervals ?? [],
    routes: (policy.routes ?? []).map(writtenRoute),
  };
}

const matchersOf = ({ object_matchers = [] }: Policy): Matchers =>
  object_matchers.map(([name, operator, value]) =>
    matcherOf(name, operator as (typeof operators)[number], value),
  );

/** A route of the engine as a policy, for a tree that comes from elsewhere. */
export function policyOfRoute(route: Route, parent?: Route): Policy {
  const own = <K extends 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'>(key: K) =>
    route[key] === parent?.[key] ? undefined : formatPrometheusDuration(route[key]);
  const wait = own('groupWaitMs');
  const interval = own('groupIntervalMs');
  const repeat = own('repeatIntervalMs');
  const isSameGrouping = JSON.stringify(route.groupBy) === JSON.stringify(parent?.groupBy);
  return {
    receiver: route.receiver,
    ...(isSameGrouping ? {} : { group_by: route.groupBy === 'all' ? ['...'] : route.groupBy }),
    ...(route.matchers.length === 0
      ? {}
      : {
          object_matchers: route.matchers.map(
            ({ name, operator, value }): ObjectMatcher => [name, operator, value],
          ),
        }),
    ...(route.muteTimeIntervals.length === 0
      ? {}
      : { mute_time_intervals: route.muteTimeIntervals }),
    ...(route.activeTimeIntervals.length === 0
      ? {}
      : { active_time_intervals: route.activeTimeIntervals }),
    ...(route.continue ? { continue: true } : {}),
    ...(wait === undefined ? {} : { group_wait: wait }),
    ...(interval === undefined ? {} : { group_interval: interval }),
    ...(repeat === undefined ? {} : { repeat_interval: repeat }),
    ...(route.routes.length === 0
      ? {}
      : { routes: route.routes.map((child) => policyOfRoute(child, route)) }),
  };
}

function text<K extends string>(node: Json, key: K): { readonly [P in K]?: string } {
  const value = node[key];
  if (value === undefined || value === null || value === '') return {};
  if (typeof value !== 'string') throw invalid(`${key} must be a text`);
  return { [key]: value } as { readonly [P in K]?: string };
}

function texts<K extends string>(node: Json, key: K): { readonly [P in K]?: readonly string[] } {
  const value = node[key];
  if (value === undefined || value === null) return {};
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string')) {
    throw invalid(`${key} must be a list of texts`);
  }
  if (value.length === 0) return {};
  return { [key]: value as readonly string[] } as { readonly [P in K]?: readonly string[] };
}

function duration<K extends string>(
  node: Json,
  key: K,
  mayBeZero: boolean,
): { readonly [P in K]?: string } {
  const found = text(node, key);
  const written: string | undefined = found[key];
  if (written === undefined) return {};
  let ms: number;
  try {
    ms = parsePrometheusDurationMs(written);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalid(`${key}: not a valid duration string: ${JSON.stringify(written)}`);
  }
  if (ms === 0 && !mayBeZero) throw invalid(`${key} cannot be zero`);
  return found;
}

function objectMatchersOf(node: Json): readonly ObjectMatcher[] {
  const list = (key: string): readonly unknown[] => {
    const value = node[key];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw invalid(`${key} must be a list`);
    return value;
  };
  const map = (key: string): readonly (readonly [string, string])[] =>
    isObject(node[key])
      ? Object.entries(node[key]).map(([name, value]) => [name, String(value)] as const)
      : [];
  return [
    ...list('object_matchers').map(objectMatcher),
    ...list('matchers').map(textMatcher),
    ...map('match').map(([name, value]) => checked([name, '=', value])),
    ...map('match_re').map(([name, value]) => checked([name, '=~', value])),
  ];
}

function objectMatcher(value: unknown): ObjectMatcher {
  const isTriple =
    Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'string');
  if (!isTriple) {
    throw invalid(`a matcher must be [label, operator, value], not ${JSON.stringify(value)}`);
  }
  const [name = '', operator = '', matched = ''] = value as readonly string[];
  return checked([name, operator, matched]);
}

function textMatcher(value: unknown): ObjectMatcher {
  if (Array.isArray(value)) return objectMatcher(value);
  try {
    const { name, operator, value: matched } = parseMatcher(String(value));
    return [name, operator, matched];
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw invalid(error.message);
  }
}

function checked(matcher: ObjectMatcher): ObjectMatcher {
  const [name, operator, value] = matcher;
  const known = operators.find((one) => one === operator);
  if (known === undefined) {
    throw invalid(
      `invalid matcher operator ${JSON.stringify(operator)}; it must be one of ${operators.join(', ')}`,
    );
  }
  try {
    matcherOf(name, known, value);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw invalid(error.message);
  }
  return matcher;
}
