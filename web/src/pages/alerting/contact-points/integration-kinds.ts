import type { WireIntegrationOption, WireIntegrationType } from '../../../api/grafana-alerting.ts';

/** A setting of an integration, as its form shows it. */
export interface SettingField {
  /** Key in `settings`. */
  readonly key: string;
  /** In the words of the service: not translated. */
  readonly label: string;
  readonly help: string;
  readonly kind: 'text' | 'secret' | 'template' | 'boolean' | 'choice' | 'pairs';
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly isRequired: boolean;
  /** Folded away until somebody asks. */
  readonly isOptional: boolean;
  readonly placeholder: string;
}

export interface IntegrationKind {
  readonly type: string;
  readonly label: string;
  readonly fields: readonly SettingField[];
}

/** Where messages go, by whichever name a service has for it: never folded away. */
const addressKeys = ['url', 'recipient', 'addresses', 'chatid', 'topic_arn'];
/** Logins that few services want; the names that belong to them are folded away too. */
const loginKeys = /^(password|basicAuthPassword|authorization_credentials|sigv4\..+)$/;

export function integrationKind({ type, name, options }: WireIntegrationType): IntegrationKind {
  return {
    type,
    label: name,
    fields: options.map((option) => ({
      key: option.propertyName,
      label: option.label,
      help: option.description,
      kind: fieldKind(option),
      choices: option.selectOptions ?? [],
      isRequired: option.required,
      isOptional:
        !option.required &&
        (!option.secure || loginKeys.test(option.propertyName)) &&
        !addressKeys.includes(option.propertyName),
      placeholder: option.placeholder,
    })),
  };
}

function fieldKind({ element, secure, placeholder }: WireIntegrationOption): SettingField['kind'] {
  if (secure) return 'secret';
  if (element === 'textarea' || placeholder.includes('{{ template')) return 'template';
  if (element === 'select') return 'choice';
  if (element === 'checkbox') return 'boolean';
  return element === 'key_value_map' ? 'pairs' : 'text';
}

/** How a stored secret reads back; sent so it stays. */
export const keptSecret = '[REDACTED]';

/** The value at `a` or `a.b` of settings. */
export function settingAt(settings: Readonly<Record<string, unknown>>, key: string): unknown {
  return key.split('.').reduce<unknown>((value, part) => {
    const isObject = typeof value === 'object' && value !== null;
    return isObject ? (value as Readonly<Record<string, unknown>>)[part] : undefined;
  }, settings);
}

/** Settings with the value at `a` or `a.b`. */
export function withSetting(
  settings: Readonly<Record<string, unknown>>,
  key: string,
  value: unknown,
): Readonly<Record<string, unknown>> {
  const [first = '', ...rest] = key.split('.');
  if (rest.length === 0) return { ...settings, [first]: value };
  const inner = settings[first];
  const known = typeof inner === 'object' && inner !== null ? inner : {};
  return {
    ...settings,
    [first]: withSetting(known as Readonly<Record<string, unknown>>, rest.join('.'), value),
  };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== '';

/** Keys of settings that are missing. What depends on others only the server knows. */
export const missingSettings = (
  kind: IntegrationKind | undefined,
  settings: Readonly<Record<string, unknown>>,
): readonly string[] =>
  (kind?.fields ?? [])
    .filter(({ key, isRequired }) => isRequired && !isGiven(settingAt(settings, key)))
    .map(({ key }) => key);

/** Settings without those that are empty. */
export const givenSettings = (
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => isGiven(value)));
