import { contactPointOf } from './contact-points.ts';
import type {
  ContactPoint,
  Json,
  MuteTiming,
  NotificationModel,
  NotificationTemplate,
} from './contract.ts';
import { invalid, notificationError } from './errors.ts';
import { type Author, checkMuteTiming, checkTemplate, isPlaceholder } from './model.ts';
import { readPolicies } from './policies.ts';
import type { Notifications } from './store.ts';

/**
 * The whole as the page of contact points reads and writes it:
 * `{template_files, alertmanager_config: {route, receivers, mute_time_intervals, templates}}`.
 */
export function wholeConfig(notifications: Notifications): Json {
  const { model, policies } = notifications;
  const receivers = Map.groupBy(model.contactPoints, ({ name }) => name);
  const { provenance } = policies;
  return {
    template_files: Object.fromEntries(
      model.templates.map(({ name, template }) => [name, template]),
    ),
    template_file_provenances: provenances(model.templates),
    alertmanager_config: {
      route: { ...policies.root, ...(provenance === '' ? {} : { provenance }) },
      templates: model.templates.map(({ name }) => name),
      mute_time_intervals: model.muteTimings.map(({ name, time_intervals }) => ({
        name,
        time_intervals,
      })),
      muteTimeProvenances: provenances(model.muteTimings),
      receivers: [...receivers].map(([name, points]) => ({
        name,
        grafana_managed_receiver_configs: points.map(receiverJson),
      })),
    },
  };
}

const provenances = (
  items: readonly (MuteTiming | NotificationTemplate)[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    items.flatMap(({ name, provenance }) => (provenance === '' ? [] : [[name, provenance]])),
  );

/** Secrets are not in the settings: `secureFields` says which are set. */
const receiverJson = (point: ContactPoint): Json => ({
  uid: point.uid,
  name: point.name,
  type: point.type,
  disableResolveMessage: point.disableResolveMessage,
  settings: point.settings,
  secureFields: Object.fromEntries(Object.keys(point.sealed).map((path) => [path, true])),
  ...(point.provenance === '' ? {} : { provenance: point.provenance }),
});

/**
 * Makes the whole what the body says, all or nothing. What is provisioned must stay as it is.
 * @throws {AppError} NOTIFICATION_INVALID, NOTIFICATION_PROVISIONED
 */
export function replaceWhole(
  notifications: Notifications,
  body: unknown,
  author: Author,
): Promise<void> {
  const config = objectAt(body, 'alertmanager_config');
  return notifications.change((model) => {
    const contactPoints = listAt(config, 'receivers').flatMap((receiver) =>
      readReceiverJson(receiver, model, notifications, author),
    );
    mustKeepProvisioned(model.contactPoints, contactPoints, ({ uid }) => uid);
    const muteTimings = listAt(config, 'mute_time_intervals').map((one): MuteTiming => {
      const name = String(one['name'] ?? '');
      const old = model.muteTimings.find((known) => known.name === name);
      const timing: MuteTiming = {
        name,
        time_intervals: listAt(one, 'time_intervals'),
        provenance: old?.provenance ?? author.provenance,
      };
      checkMuteTiming(timing);
      return timing;
    });
    mustKeepProvisioned(model.muteTimings, muteTimings, ({ name }) => name);
    const templates = Object.entries(objectAt(body, 'template_files')).map(
      ([name, template]): NotificationTemplate => {
        const old = model.templates.find((known) => known.name === name);
        const next = {
          name,
          template: String(template),
          provenance: old?.provenance ?? author.provenance,
        };
        checkTemplate(next);
        return next;
      },
    );
    mustKeepProvisioned(model.templates, templates, ({ name }) => name);
    const isTreeKept = notifications.isOwnedByFile || model.policies.provenance !== '';
    const policies = isTreeKept
      ? model.policies
      : { root: readPolicies(config['route']), provenance: author.provenance };
    return { contactPoints, policies, muteTimings, templates };
  });
}

function readReceiverJson(
  receiver: Json,
  model: NotificationModel,
  { sealing, defaults }: Notifications,
  { provenance }: Author,
): readonly ContactPoint[] {
  const receiverName = String(receiver['name'] ?? '');
  return listAt(receiver, 'grafana_managed_receiver_configs').map((one) => {
    const uid = typeof one['uid'] === 'string' ? one['uid'] : '';
    const old = model.contactPoints.find((known) => known.uid === uid && uid !== '');
    const secrets = objectAt(one, 'secureSettings');
    const input = {
      uid,
      name: receiverName,
      type: String(one['type'] ?? ''),
      settings: { ...objectAt(one, 'settings'), ...withoutBlank(secrets) },
      secureFields: Object.entries(objectAt(one, 'secureFields')).flatMap(([path, isSet]) =>
        isSet === true ? [path] : [],
      ),
      disableResolveMessage: one['disableResolveMessage'] === true,
    };
    if (old !== undefined && isPlaceholder(old) && input.type === old.type) {
      const next = { ...old, ...input, settings: input.settings };
      if (isPlaceholder(next)) return { ...old, name: receiverName };
    }
    return contactPointOf(input, old, {
      sealing,
      defaults,
      provenance: old?.provenance ?? provenance,
    });
  });
}

/** @throws {AppError} NOTIFICATION_PROVISIONED */
function mustKeepProvisioned<T extends { readonly provenance: string; readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
): void {
  const next = new Map(after.map((item) => [keyOf(item), item]));
  for (const item of before) {
    if (item.provenance === '') continue;
    if (JSON.stringify(comparable(item)) === JSON.stringify(comparable(next.get(keyOf(item))))) {
      continue;
    }
    throw notificationError(
      'NOTIFICATION_PROVISIONED',
      `${JSON.stringify(item.name)} is provisioned and cannot be changed or deleted here`,
      { name: item.name, provenance: item.provenance },
    );
  }
}

/** Secrets are sealed anew each time: whether they are set is what can be compared. */
function comparable<T extends { readonly name: string }>(item: T | undefined): unknown {
  if (item === undefined || !('sealed' in item)) return item;
  return { ...item, sealed: Object.keys(item.sealed as object).sort() };
}

const withoutBlank = (secrets: Json): Json =>
  Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '' && value !== null));

function objectAt(value: unknown, key: string): Json {
  const inner: unknown =
    typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
  if (inner === undefined || inner === null) return {};
  if (typeof inner !== 'object' || Array.isArray(inner)) throw invalid(`${key} must be an object`);
  return inner as Json;
}

function listAt(value: Json, key: string): readonly Json[] {
  const inner = value[key];
  if (inner === undefined || inner === null) return [];
  const isList =
    Array.isArray(inner) && inner.every((one) => typeof one === 'object' && one !== null);
  if (!isList) throw invalid(`${key} must be a list of objects`);
  return inner as readonly Json[];
}
