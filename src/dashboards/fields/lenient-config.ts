import type { FieldConfig, FieldConfigSource } from '#dashboards/model';

type Json = Readonly<Record<string, unknown>>;

/**
 * The config with what real dashboards write wrongly put right: a colour that is a bare string,
 * thresholds without a mode or with null as the lowest step, mappings of old versions, bounds that are no
 * numbers.
 */
export function lenientConfig(config: FieldConfigSource, defaults: FieldConfig): FieldConfigSource {
  return {
    defaults: lenientProperties({ ...defaults, ...withoutNulls(config.defaults) }) as FieldConfig,
    overrides: (config.overrides ?? []).map((override) => ({
      ...override,
      properties: (override.properties ?? []).map(({ id, value }) => ({
        id,
        value: lenientProperty(id, value),
      })),
    })),
  };
}

function withoutNulls(config: FieldConfig): Json {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value != null));
}

function lenientProperties(config: Json): Json {
  return Object.fromEntries(
    Object.entries(config).map(([id, value]) => [id, lenientProperty(id, value)]),
  );
}

function lenientProperty(id: string, value: unknown): unknown {
  if (id === 'color') return typeof value === 'string' ? fixedColor(value) : value;
  if (id === 'thresholds') return isObject(value) ? lenientThresholds(value) : undefined;
  if (id === 'min' || id === 'max') return numberOf(value) ?? undefined;
  if (id === 'decimals') return decimalsOf(value);
  if (id === 'mappings') return Array.isArray(value) ? lenientMappings(value) : undefined;
  return value;
}

/** A double has no more digits; formats make nonsense of a larger number. */
const maxDecimals = 17;

function decimalsOf(value: unknown): number | undefined {
  const decimals = numberOf(value);
  return decimals === null ? undefined : Math.min(maxDecimals, Math.max(0, Math.round(decimals)));
}

function fixedColor(color: string): object {
  return { mode: 'fixed', fixedColor: color };
}

function lenientThresholds(thresholds: Json): object {
  const given = Array.isArray(thresholds['steps']) ? thresholds['steps'].filter(isObject) : [];
  const steps = given.map((step, at) => {
    const value = step['value'];
    const isLowest = value === null || value === undefined || value === '';
    return { ...step, value: isLowest ? (at === 0 ? -Infinity : 0) : Number(value) };
  });
  const [first] = steps;
  // Below the first step there is always a colour.
  if (first !== undefined) first.value = -Infinity;
  steps.sort((a, b) => a.value - b.value);
  return {
    ...thresholds,
    mode: thresholds['mode'] === 'percentage' ? 'percentage' : 'absolute',
    steps,
  };
}

function lenientMappings(mappings: readonly unknown[]): readonly unknown[] {
  return mappings.filter(isObject).map((mapping) => {
    const { type, value, from, to, text } = mapping;
    // Versions before 8 numbered the kinds.
    if (String(type) === '1') {
      return value === null || value === 'null'
        ? { type: 'special', options: { match: 'null', result: { text } } }
        : { type: 'value', options: { [String(value)]: { text } } };
    }
    if (String(type) === '2') {
      return {
        type: 'range',
        options: { from: numberOf(from), to: numberOf(to), result: { text } },
      };
    }
    return mapping;
  });
}

function numberOf(value: unknown): number | null {
  const number = Number.parseFloat(String(value));
  return Number.isNaN(number) ? null : number;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
