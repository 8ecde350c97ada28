import type { Logger } from '#base';
import { commandTemplateOf } from '../actions.ts';
import type { EventKind, KubernetesSource } from '../config/contract.ts';
import type { ChatMessage } from '../contract.ts';

/** Something that happened to an object, as sources tell it. Keys are those of Botkube's templates. */
export interface ChatEvent {
  readonly apiVersion: string;
  readonly kind: string;
  /** `v1/pods`. */
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
  readonly type: Exclude<EventKind, 'all'>;
  readonly reason: string;
  readonly action: string;
  readonly messages: readonly string[];
  readonly recommendations: readonly string[];
  readonly timeMs: number;
  readonly count: number;
}

const emoji: Readonly<Record<ChatEvent['type'], string>> = {
  create: '🟢',
  update: '💡',
  normal: '💡',
  info: '💡',
  error: '❗',
  warning: '❗',
  delete: '❗',
};
const word: Readonly<Record<ChatEvent['type'], string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  normal: 'info',
  info: 'info',
  error: 'error',
  warning: 'error',
};
const kindsWithLogs = new Set(['pod', 'deployment', 'statefulset', 'daemonset', 'job']);
const kindsWithUsage = new Set(['pod', 'node']);
/** Of all that may be offered, those that are about one object, in this order. */
const verbsOfObjects = ['describe', 'get', 'logs', 'top'] as const;

/** How one source shows its events. */
export interface EventLayout {
  readonly clusterName: string;
  /** Commands that are offered, for these plurals; empty: for all. */
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  readonly buttons: readonly {
    readonly types: readonly string[];
    readonly displayName: string;
    /** Undefined: it makes no command of this event. */
    readonly command: (event: ChatEvent) => string | undefined;
  }[];
}

export function layoutOf(
  source: string,
  { commands, extraButtons }: KubernetesSource,
  { clusterName, log }: { readonly clusterName: string; readonly log: Logger },
): EventLayout {
  const buttons = extraButtons.flatMap(({ types, displayName, commandTemplate }) => {
    const made = commandTemplateOf(`${source}: ${displayName}`, commandTemplate, log);
    if (made === undefined) return [];
    const command = (event: ChatEvent): string | undefined => {
      const data = eventData(event, clusterName);
      return made({ ...data, Event: data });
    };
    return [{ types, displayName, command }];
  });
  return { clusterName, ...commands, buttons };
}

/** A notification as readers of Botkube know it. */
export function eventMessage(event: ChatEvent, layout: EventLayout): ChatMessage {
  const { kind, name, namespace, reason, action, type, resource, messages, recommendations } =
    event;
  const fields = (
    [
      ['Kind', kind],
      ['Name', name],
      ['Namespace', namespace],
      ['Reason', reason],
      ['Action', action],
      ['Cluster', layout.clusterName],
    ] as const
  ).filter(([, value]) => value !== '');
  const buttons = layout.buttons
    .filter(({ types }) => types.includes(type) || types.includes('all'))
    .flatMap(({ displayName, command }) => {
      const text = command(event);
      return text === undefined ? [] : [{ text: displayName, command: text }];
    });
  return {
    title: `${emoji[type]} ${resource} ${word[type]}`,
    fields,
    lists: [
      ...(messages.length === 0 ? [] : [{ title: 'Messages', items: messages }]),
      ...(recommendations.length === 0
        ? []
        : [{ title: 'Recommendations', items: recommendations }]),
    ],
    commands: type === 'delete' ? [] : commandsOf(event, layout),
    ...(buttons.length === 0 ? {} : { buttons }),
    timeMs: event.timeMs,
  };
}

function commandsOf(
  { kind, name, namespace, resource }: ChatEvent,
  { verbs, resources }: EventLayout,
): { text: string; command: string }[] {
  const plural = resource.split('/').at(-1) ?? kind.toLowerCase();
  if (resources.length > 0 && !resources.includes(plural)) return [];
  const inNamespace = namespace === '' ? '' : ` --namespace ${namespace}`;
  const isPossible = (verb: string): boolean => {
    if (verb === 'logs') return kindsWithLogs.has(kind.toLowerCase());
    return verb !== 'top' || kindsWithUsage.has(kind.toLowerCase());
  };
  return verbsOfObjects
    .filter((verb) => verbs.includes(verb) && isPossible(verb))
    .map((verb) => ({
      text: verb,
      command:
        verb === 'logs'
          ? `kubectl logs ${plural}/${name}${inNamespace}`
          : `kubectl ${verb} ${plural} ${name}${inNamespace}`,
    }));
}

/** What templates of actions see as `.Event`, with the names that Go gives them; sinks are sent the same. */
export function eventData(event: ChatEvent, clusterName: string): Record<string, unknown> {
  const level = event.type === 'error' || event.type === 'warning' ? 'error' : 'info';
  const time = new Date(event.timeMs).toISOString();
  return {
    APIVersion: event.apiVersion,
    Kind: event.kind,
    // The chart's first version spelled it like this.
    TypeMeta: { Kind: event.kind, APIVersion: event.apiVersion },
    ObjectMeta: { Name: event.name, Namespace: event.namespace },
    Code: '',
    Title: `${event.resource} ${word[event.type]}`,
    Name: event.name,
    Namespace: event.namespace,
    Messages: [...event.messages],
    Type: event.type,
    Reason: event.reason,
    Error: level === 'error' ? (event.messages[0] ?? '') : '',
    Level: level,
    Cluster: clusterName,
    TimeStamp: time,
    Count: event.count,
    Action: event.action,
    Resource: event.resource,
    Recommendations: [...event.recommendations],
    Warnings: [],
  };
}
