import { stringify } from 'yaml';
import type { RelabelRule } from '#metrics/relabel';
import { yamlKey } from './fields.ts';
import { Secret } from './secret.ts';
import { formatBase2Bytes, formatPrometheusDuration } from './units.ts';

/**
 * A configuration, or a part of one, as YAML with the keys that it is written with. Secrets are
 * `<secret>`, passwords in URLs `xxxxx`; what is off, empty or zero is left out.
 */
export function printConfig(config: object): string {
  return stringify(plainSection(config), { lineWidth: 0 });
}

function plainSection(value: object): Record<string, unknown> {
  if (isRule(value)) return plainRule(value);
  const shown: Record<string, unknown> = {};
  for (const [name, held] of Object.entries(value)) {
    const printed = plainValue(name, held);
    if (printed !== undefined) shown[yamlKey(name)] = printed;
  }
  return shown;
}

/** Keys of these sections are names that people chose, and stay as they are. */
const freeNames: ReadonlySet<string> = new Set([
  'externalLabels',
  'labels',
  'params',
  'headers',
  'httpHeaders',
  'proxyConnectHeader',
  'endpointParams',
  'requiredMatchers',
  'tracing',
  'azuread',
  'googleIam',
]);

/** Flags that are on where nothing is said: off is what must be shown. */
const onByDefault: ReadonlySet<string> = new Set([
  'honorTimestamps',
  'enableCompression',
  'followRedirects',
  'enableHttp2',
  'filterExternalLabels',
  'send',
]);

function plainValue(name: string, held: unknown): unknown {
  if (held === undefined || held === '' || held === 0) return undefined;
  if (held instanceof Secret) return held.toString();
  if (typeof held === 'boolean') return held || onByDefault.has(name) ? held : undefined;
  if (typeof held === 'number') {
    if (name.endsWith('Ms')) return formatPrometheusDuration(held);
    return name.endsWith('Bytes') ? formatBase2Bytes(held) : held;
  }
  if (typeof held === 'string') return withoutPassword(held);
  if (Array.isArray(held)) {
    if (held.length === 0) return undefined;
    return held.map((item) => (isObject(item) ? plainSection(item) : plainValue(name, item)));
  }
  if (!isObject(held)) return undefined;
  if (freeNames.has(name)) {
    const entries = Object.entries(held).map(([key, value]) => [
      key,
      isObject(value) && !Array.isArray(value) && !(value instanceof Secret)
        ? plainSection(value)
        : plainValue(key, value),
    ]);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  const inner = plainSection(held);
  return Object.keys(inner).length === 0 ? undefined : inner;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Secret);

const isRule = (value: object): value is RelabelRule => 'action' in value && 'pattern' in value;

/** A rule with what it is made of, as the reference prints it. */
export function plainRule(rule: RelabelRule): Record<string, unknown> {
  return {
    ...(rule.sourceLabels.length === 0 ? {} : { source_labels: rule.sourceLabels }),
    separator: rule.separator,
    regex: rule.pattern.source,
    ...(rule.modulus === 0n ? {} : { modulus: Number(rule.modulus) }),
    ...(rule.targetLabel === '' ? {} : { target_label: rule.targetLabel }),
    replacement: rule.replacement,
    action: rule.action,
  };
}

function withoutPassword(text: string): string {
  return text.replace(/^(\w+:\/\/[^/@\s:]*):[^/@\s]*@/, '$1:xxxxx@');
}
