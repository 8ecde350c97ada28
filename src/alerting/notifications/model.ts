import { readTimeIntervals, TemplateSet } from '#alerting';
import { describeError, isAppError } from '#base';
import type {
  ContactPoint,
  MuteTiming,
  NotificationModel,
  NotificationTemplate,
  Policy,
} from './contract.ts';
import { invalid, notificationError } from './errors.ts';
import { checkReferences, policiesOf } from './policies.ts';

/** Where nobody has said anything: one contact point, to an address that is none. */
export const defaultContactPoint: ContactPoint = {
  uid: 'grafana-default-email',
  name: 'grafana-default-email',
  type: 'email',
  settings: { addresses: '<example@email.com>' },
  sealed: {},
  disableResolveMessage: false,
  provenance: '',
};

/** The address that stands there until somebody chooses one: it tells nobody, and is not meant to. */
export const isPlaceholder = ({ type, settings }: ContactPoint): boolean =>
  type === 'email' && String(settings['addresses']) === defaultContactPoint.settings['addresses'];

export const defaultPolicy: Policy = {
  receiver: defaultContactPoint.name,
  group_by: ['grafana_folder', 'alertname'],
};

export const defaultModel: NotificationModel = {
  contactPoints: [defaultContactPoint],
  policies: { root: defaultPolicy, provenance: '' },
  muteTimings: [],
  templates: [],
};

const maxContactPoints = 5000;
const maxMuteTimings = 1000;
const maxTemplates = 1000;
const maxTemplateChars = 500_000;

/**
 * What must hold of the whole.
 * @param others names that come from an alertmanager.yml
 * @throws {AppError} NOTIFICATION_INVALID
 */
export function checkModel(
  model: NotificationModel,
  others: { readonly receivers: Iterable<string>; readonly timings: Iterable<string> },
): void {
  const bounds = [
    ['contact points', model.contactPoints.length, maxContactPoints],
    ['mute timings', model.muteTimings.length, maxMuteTimings],
    ['templates', model.templates.length, maxTemplates],
  ] as const;
  for (const [what, count, limit] of bounds) {
    if (count > limit) throw invalid(`there are ${count} ${what}; ${limit} are allowed`);
  }
  checkReferences(model.policies.root, {
    receivers: new Set([...model.contactPoints.map(({ name }) => name), ...others.receivers]),
    timings: new Set([...model.muteTimings.map(({ name }) => name), ...others.timings]),
  });
}

/** @throws {AppError} NOTIFICATION_INVALID */
export function checkMuteTiming({ name, time_intervals }: MuteTiming): void {
  if (name.trim() === '') throw invalid('missing name in time interval');
  try {
    readTimeIntervals({ name, time_intervals });
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw invalid(`Invalid format of the submitted mute timing: ${error.message}`);
  }
}

/** @throws {AppError} NOTIFICATION_INVALID */
export function checkTemplate({ name, template }: NotificationTemplate): void {
  if (name.trim() === '') throw invalid('template must have a name');
  if (template.trim() === '') throw invalid('template must have content');
  if (template.length > maxTemplateChars) throw invalid('the template is too large');
  try {
    new TemplateSet().add(name, withDefine({ name, template }));
  } catch (error) {
    throw invalid(`invalid template: ${describeError(error)}`);
  }
}

/** A text without a definition defines what has its name. */
export const withDefine = ({
  name,
  template,
}: Pick<NotificationTemplate, 'name' | 'template'>): string =>
  /\{\{-?\s*define\b/.test(template)
    ? template
    : `{{ define ${JSON.stringify(name)} }}\n${template}\n{{ end }}`;

/** Replaces the one of the same key, or puts it at the end. */
export const put = <T>(list: readonly T[], item: T, isIt: (one: T) => boolean): readonly T[] => {
  const at = list.findIndex(isIt);
  return at < 0 ? [...list, item] : list.with(at, item);
};

/** Whether a policy names the receiver. */
export const usesReceiver = (root: Policy, name: string): boolean =>
  [...policiesOf(root)].some(({ receiver }) => receiver === name);

export const usesTiming = (root: Policy, name: string): boolean =>
  [...policiesOf(root)].some(
    ({ mute_time_intervals = [], active_time_intervals = [] }) =>
      mute_time_intervals.includes(name) || active_time_intervals.includes(name),
  );

/** The tree with another name for a receiver. */
export const renamedReceiver = (root: Policy, from: string, to: string): Policy => ({
  ...root,
  ...(root.receiver === from ? { receiver: to } : {}),
  ...(root.routes === undefined
    ? {}
    : { routes: root.routes.map((child) => renamedReceiver(child, from, to)) }),
});

/** What a program or a file provides is changed by no other. @throws {AppError} NOTIFICATION_PROVISIONED */
export function mustBeAllowed(
  what: string,
  stored: { readonly provenance: NotificationModel['policies']['provenance'] } | undefined,
  { via, provenance }: Author,
): void {
  const held = stored?.provenance ?? '';
  const isAllowed =
    held === '' ||
    via === 'file' ||
    (via === 'provisioning' && (held === provenance || held === 'api'));
  if (isAllowed) return;
  throw notificationError(
    'NOTIFICATION_PROVISIONED',
    `cannot change provenance from '${held}' to '${provenance}': ${what} is provisioned`,
    { provenance: held },
  );
}

/** Who changes, and what the change leaves behind. */
export interface Author {
  /** The UI changes nothing that is provisioned; the API of provisioning may make its own free again. */
  readonly via: 'ui' | 'provisioning' | 'file';
  readonly provenance: NotificationModel['policies']['provenance'];
}
