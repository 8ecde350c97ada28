import type { DataSourceInput } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';

const maxNameLength = 190;
const maxUidLength = 40;
const maxUrlLength = 2048;
const maxSecretLength = 64 * 1024;
const maxSecrets = 100;

type Given = Readonly<Record<string, unknown>>;

/**
 * What somebody sent as a data source. Keys that are not ours (`id`, `orgId`, `access`, `readOnly`, …)
 * are left out. `place` stands before the keys in errors.
 * @throws {AppError} DATA_SOURCE_INVALID
 */
export function readInput(given: unknown, place = ''): DataSourceInput {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw dataError('DATA_SOURCE_INVALID', `${place || 'The data source'} must be an object`);
  }
  const values = given as Given;
  const at = (key: string): string => (place === '' ? key : `${place}.${key}`);
  const fail = (key: string, problem: string, allowed: string): never => {
    throw invalidKey('DATA_SOURCE_INVALID', at(key), problem, allowed);
  };
  const text = (key: string, max: number): string | undefined => {
    const value = values[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') return fail(key, `is ${JSON.stringify(value)}`, 'a text');
    if (value.length > max) {
      return fail(key, `has ${value.length} characters`, `at most ${max} characters`);
    }
    return value;
  };
  const flag = (key: string): boolean | undefined => {
    const value = values[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    return fail(key, `is ${JSON.stringify(value)}`, 'true, false');
  };
  const name = text('name', maxNameLength)?.trim() ?? '';
  if (name === '') fail('name', 'is missing', 'a name');
  const type = text('type', maxNameLength) ?? '';
  if (type === '') fail('type', 'is missing', 'a type such as prometheus');
  const uid = text('uid', maxUidLength);
  if (uid !== undefined && !/^[\w-]*$/.test(uid)) {
    fail('uid', `is "${uid}"`, 'letters, digits, - and _');
  }
  const version = values['version'];
  return {
    name,
    type,
    ...present('uid', uid === '' ? undefined : uid),
    ...present('url', text('url', maxUrlLength)),
    ...present('user', text('user', maxNameLength)),
    ...present('database', text('database', maxNameLength)),
    ...present('basicAuth', flag('basicAuth')),
    ...present('basicAuthUser', text('basicAuthUser', maxNameLength)),
    ...present('withCredentials', flag('withCredentials')),
    ...present('isDefault', flag('isDefault')),
    ...present('jsonData', objectOf(values, 'jsonData', fail)),
    ...present('secureJsonData', secretsOf(objectOf(values, 'secureJsonData', fail), fail)),
    ...(typeof version === 'number' && Number.isInteger(version) ? { version } : {}),
  };
}

type Fail = (key: string, problem: string, allowed: string) => never;

function objectOf(values: Given, key: string, fail: Fail): Given | undefined {
  const value = values[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as Given;
  return fail(key, 'is no object', 'an object');
}

/** Values are never shown, not even in an error. */
function secretsOf(
  given: Given | undefined,
  fail: Fail,
): Readonly<Record<string, string>> | undefined {
  if (given === undefined) return undefined;
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  if (entries.length > maxSecrets) {
    fail('secureJsonData', `has ${entries.length} keys`, `at most ${maxSecrets}`);
  }
  for (const [key, value] of entries) {
    if (typeof value !== 'string' || value.length > maxSecretLength) {
      fail(
        `secureJsonData.${key}`,
        'is no text',
        `a text of at most ${maxSecretLength} characters`,
      );
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
