import { parse } from 'yaml';
import { AppError, describeError } from '#base';
import { asMap, isMap, type Json, textOf } from './values.ts';

const maxChars = 1_048_576;
const secretKey = /token|password|secret|integrationKey|webhook|apiKey|^url$/i;

/** Addresses of webhooks are secrets too. */
export const withoutSecrets = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, key));
  if (!isMap(value)) return secretKey.test(key) && textOf(value) !== '' ? '••••' : value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, name)]),
  );
};

/** @throws {AppError} CHAT_CONFIG_INVALID for what is no YAML mapping */
export function parseText(file: string, text: string): Json {
  if (text.length > maxChars) {
    throw new AppError(
      'CHAT_CONFIG_INVALID',
      `${file} has ${text.length} characters; ${maxChars} are allowed`,
    );
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new AppError('CHAT_CONFIG_INVALID', `${file}: ${describeError(error).split('\n')[0]}`);
  }
  if (value === null || value === undefined) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Json;
  throw new AppError('CHAT_CONFIG_INVALID', `${file}: expected a mapping of keys`);
}

/** Mappings are merged key by key; lists and texts take the place of what was there. */
export function mergeDeep(base: Json, over: Json): Json {
  const merged: Json = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (key === '__proto__') continue;
    const before = merged[key];
    merged[key] = isMap(before) && isMap(value) ? mergeDeep(before, value) : value;
  }
  return merged;
}

/**
 * `_` goes down one level, `__` is a hump: `BOTKUBE_SETTINGS_CLUSTER__NAME` is settings.clusterName. Names that
 * people gave (`Ops-Team`) are found however they are written.
 */
export function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  written: Json,
): Json {
  const found: Json = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('BOTKUBE_') || value === undefined || name === 'BOTKUBE_CONFIG_PATHS')
      continue;
    const path = name
      .slice('BOTKUBE_'.length)
      .replaceAll('__', '~')
      .split('_')
      .map((part) =>
        part.toLowerCase().replace(/~(.)/g, (_whole, letter: string) => letter.toUpperCase()),
      );
    // What Kubernetes tells a pod of a Service that is called botkube is none of ours.
    const [root = ''] = path;
    if (path.includes('') || !Object.hasOwn(topKeys, root)) continue;
    let at = found;
    let known = written;
    for (const [index, part] of path.entries()) {
      const key =
        Object.keys(known).find((one) => one.toLowerCase() === part.toLowerCase()) ?? part;
      if (index === path.length - 1) {
        at[key] = value;
        continue;
      }
      const next = Object.hasOwn(at, key) ? asMap(at[key]) : {};
      at[key] = next;
      at = next;
      known = Object.hasOwn(known, key) ? asMap(known[key]) : {};
    }
  }
  return found;
}

/** First keys of the configuration. */
const topKeys: Readonly<Record<string, true>> = {
  settings: true,
  communications: true,
  sources: true,
  executors: true,
  aliases: true,
  actions: true,
  plugins: true,
  analytics: true,
  rbac: true,
  existingCommunicationsSecretName: true,
};
