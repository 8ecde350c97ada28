import { RE2JS } from 're2js';
import type { Choice, EventRules, KubernetesSource, ResourceRules } from '../config/contract.ts';
import { changeAt } from './changes.ts';
import type { ChatEvent } from './layout.ts';

/** Labels and annotations of the object that an event is about. */
export interface EventObject {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Before and after, of an update. */
  readonly change?: readonly [before: unknown, after: unknown];
}

/** What a source tells of an event; undefined: nothing. */
export type SourceTest = (event: ChatEvent, object: EventObject) => ChatEvent | undefined;

type Test = (text: string) => boolean;

const disableAnnotation = 'botkube.io/disable';
const nodeReasons = new Set(['NodeNotReady', 'NodeReady']);

/** @param emptyMeans what an empty include list says */
function choiceTest({ include, exclude }: Choice, emptyMeans: boolean): Test {
  const compile = (list: readonly string[]) =>
    list.map((pattern) => ({ pattern, compiled: RE2JS.compile(pattern) }));
  const [yes, no] = [compile(include), compile(exclude)];
  const fits = (list: typeof yes, text: string): boolean =>
    list.some(({ pattern, compiled }) => pattern === text || compiled.matcher(text).find());
  return (text) => !fits(no, text) && (yes.length === 0 ? emptyMeans : fits(yes, text));
}

function eventTest({ types, reason, message }: EventRules): (event: ChatEvent) => boolean {
  const [isReason, isMessage] = [choiceTest(reason, true), choiceTest(message, true)];
  return (event) => {
    const isType =
      types.includes('all') ||
      types.includes(event.type) ||
      // Events of type Warning are errors, ordinary ones are information.
      (event.type === 'error' && types.includes('warning')) ||
      (event.type === 'info' && types.includes('normal'));
    if (!isType || !isReason(event.reason)) return false;
    return event.messages.length === 0 ? isMessage('') : event.messages.some(isMessage);
  };
}

const hasAll = (
  wanted: Readonly<Record<string, string>>,
  held: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([key, value]) => held[key] === value);

/** What a source tells of an event: nothing, or the event with what has changed. */
export function sourceTest(source: KubernetesSource): SourceTest {
  const isNamespace = choiceTest(source.namespaces, false);
  const isEvent = eventTest(source.event);
  const resources = new Map<string, readonly SourceTest[]>();
  for (const rules of source.resources) {
    const test = resourceTest(rules, { isNamespace, isEvent, source });
    resources.set(rules.type, [...(resources.get(rules.type) ?? []), test]);
  }
  const hasRecommendations = Object.values(source.recommendations).some(Boolean);
  return (event, object) => {
    if (source.usesAnnotationChecker && object.annotations[disableAnnotation] === 'true')
      return undefined;
    if (source.usesNodeEventsChecker && event.kind === 'Node' && !nodeReasons.has(event.reason)) {
      if (event.type === 'error' || event.type === 'info') return undefined;
    }
    if (resources.size === 0) {
      // A source of recommendations tells of nothing else.
      if (hasRecommendations && event.recommendations.length === 0) return undefined;
      const isHere = event.namespace === '' || isNamespace(event.namespace);
      const fits =
        isHere &&
        isEvent(event) &&
        hasAll(source.labels, object.labels) &&
        hasAll(source.annotations, object.annotations);
      return fits ? event : undefined;
    }
    for (const test of resources.get(event.resource) ?? []) {
      const told = test(event, object);
      if (told !== undefined) return told;
    }
    return undefined;
  };
}

function resourceTest(
  rules: ResourceRules,
  base: {
    readonly isNamespace: Test;
    readonly isEvent: (event: ChatEvent) => boolean;
    readonly source: KubernetesSource;
  },
): SourceTest {
  const isName = choiceTest(rules.name, true);
  const isNamespace =
    rules.namespaces === undefined ? base.isNamespace : choiceTest(rules.namespaces, false);
  const isEvent = rules.event === undefined ? base.isEvent : eventTest(rules.event);
  const labels = rules.labels ?? base.source.labels;
  const annotations = rules.annotations ?? base.source.annotations;
  return (event, object) => {
    const fits =
      isName(event.name) &&
      (event.namespace === '' || isNamespace(event.namespace)) &&
      isEvent(event) &&
      hasAll(labels, object.labels) &&
      hasAll(annotations, object.annotations);
    if (!fits) return undefined;
    const { change } = object;
    if (change === undefined || rules.updateFields.length === 0) return event;
    const changes = rules.updateFields.flatMap((path) => changeAt(path, ...change) ?? []);
    if (changes.length === 0) return undefined;
    return rules.includeDiff ? { ...event, messages: [...event.messages, ...changes] } : event;
  };
}
