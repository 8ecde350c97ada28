import { randomUUID } from 'node:crypto';
import { type AlertmanagerYaml, type Integration, readReceiver } from '#alerting';
import { isAppError } from '#base';
import {
  type ContactPoint,
  type ContactPointInput,
  type Json,
  type Provenance,
  redacted,
  type Sealing,
} from './contract.ts';
import { invalid } from './errors.ts';
import { integrationType, secretPaths } from './types/registry.ts';
import { Settings } from './types/settings.ts';

const uidPattern = /^[a-zA-Z0-9_-]{1,40}$/;
const maxNameChars = 190;
const maxSettingsChars = 100_000;

/** What receivers take over, and the templates that their texts call. */
export type ReceiverDefaults = Pick<AlertmanagerYaml, 'global' | 'templates'>;

/**
 * What somebody wants becomes what is kept: secrets are sealed; those that are not given anew are those
 * of `old`.
 * @throws {AppError} NOTIFICATION_INVALID
 */
export function contactPointOf(
  input: ContactPointInput,
  old: ContactPoint | undefined,
  {
    sealing,
    defaults,
    provenance,
  }: {
    readonly sealing: Sealing;
    readonly defaults: ReceiverDefaults;
    readonly provenance: Provenance;
  },
): ContactPoint {
  const uid = input.uid || old?.uid || newUid();
  if (!uidPattern.test(uid)) {
    throw invalid(`invalid uid ${JSON.stringify(uid)}: it must match ^[a-zA-Z0-9_-]{1,40}$`);
  }
  if (input.name.trim() === '') throw invalid('name must not be empty');
  if (input.name.length > maxNameChars) throw invalid('name is too long. Max length is 190');
  if (JSON.stringify(input.settings).length > maxSettingsChars) {
    throw invalid('the settings are too large');
  }
  const type = integrationType(input.type);
  const sealed: Record<string, string> = {};
  let settings = input.settings;
  for (const path of secretPaths(type)) {
    const given = valueAt(settings, path);
    const isKept = given === redacted || input.secureFields?.includes(path) === true;
    const kept = old?.type === type.type ? old.sealed[path] : undefined;
    if (typeof given === 'string' && given !== '' && given !== redacted) {
      sealed[path] = sealing.seal(given, contextOf(uid));
    } else if (isKept && kept !== undefined) sealed[path] = kept;
    settings = withoutPath(settings, path);
  }
  const point: ContactPoint = {
    uid,
    name: input.name,
    type: type.type,
    settings,
    sealed,
    disableResolveMessage: input.disableResolveMessage === true,
    provenance,
  };
  mustBeSound(point, sealing, defaults);
  return point;
}

/** Mail without a server is no mistake of the contact point: it tells nobody until there is one. */
function mustBeSound(point: ContactPoint, sealing: Sealing, defaults: ReceiverDefaults): void {
  try {
    integrationsOf(point, sealing, defaults);
  } catch (error) {
    const hasServer = defaults.global.smtpSmarthost !== '';
    if (point.type !== 'email' || hasServer || !isAppError(error)) throw error;
    new Settings(point.settings).required('addresses');
  }
}

const newUid = (): string => randomUUID().replaceAll('-', '').slice(0, 14);

const contextOf = (uid: string): string => `contact-point/${uid}`;

/** Settings with their secrets in clear. */
export function revealedSettings(point: ContactPoint, sealing: Sealing): Json {
  let settings = point.settings;
  for (const [path, sealed] of Object.entries(point.sealed)) {
    const secret = sealing.unseal(sealed, contextOf(point.uid));
    if (secret !== undefined) settings = withPath(settings, path, secret);
  }
  return settings;
}

/** Settings with `[REDACTED]` in place of each secret that is set. */
export const redactedSettings = (point: ContactPoint): Json =>
  Object.keys(point.sealed).reduce(
    (settings, path) => withPath(settings, path, redacted),
    point.settings,
  );

/**
 * What tells a contact point.
 * @throws {AppError} NOTIFICATION_INVALID with what is wrong with its settings
 */
export function integrationsOf(
  point: ContactPoint,
  sealing: Sealing,
  defaults: ReceiverDefaults,
): readonly Integration[] {
  return integrationsWith(point, revealedSettings(point, sealing), defaults);
}

/** As `integrationsOf`, for settings that are not saved. @throws {AppError} NOTIFICATION_INVALID */
export function integrationsWith(
  point: Pick<ContactPoint, 'name' | 'type' | 'disableResolveMessage'>,
  settings: Json,
  defaults: ReceiverDefaults,
): readonly Integration[] {
  const { name, type, disableResolveMessage } = point;
  const parts = integrationType(type).receiver(new Settings(settings));
  const document: Record<string, unknown> = { name };
  for (const [key, config] of parts) {
    const list = (document[key] as Json[] | undefined) ?? [];
    document[key] = [...list, { send_resolved: !disableResolveMessage, ...config }];
  }
  try {
    return readReceiver(document, defaults);
  } catch (error) {
    if (!isAppError(error, 'ALERTING_INVALID')) throw error;
    throw invalid(error.message);
  }
}

function valueAt(settings: Json, path: string): unknown {
  let value: unknown = settings;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Json)[key];
  }
  return value;
}

function withPath(settings: Json, path: string, value: string): Json {
  const [key = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...settings, [key]: value };
  const inner = settings[key];
  const section = typeof inner === 'object' && inner !== null ? (inner as Json) : {};
  return { ...settings, [key]: withPath(section, rest.join('.'), value) };
}

function withoutPath(settings: Json, path: string): Json {
  const [key = '', ...rest] = path.split('.');
  const inner = settings[key];
  if (inner === undefined) return settings;
  const { [key]: _gone, ...others } = settings;
  if (rest.length === 0) return others;
  if (typeof inner !== 'object' || inner === null) return settings;
  return { ...others, [key]: withoutPath(inner as Json, rest.join('.')) };
}
