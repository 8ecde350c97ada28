import {
  displayNameOverrideProcessor,
  FieldConfigOptionsRegistry,
  type FieldConfigPropertyItem,
  identityOverrideProcessor,
  numberOverrideProcessor,
  thresholdsOverrideProcessor,
} from '@grafana/data';
import type { FieldConfigSource } from '#dashboards/model';

type Process = FieldConfigPropertyItem['process'];

const interpolated = { expandTemplateVars: true };

/** What a field's config can hold for every type of panel, beside its `custom` part. */
const standard: Readonly<
  Record<string, { readonly process: Process; readonly settings?: object }>
> = {
  displayName: { process: displayNameOverrideProcessor, settings: interpolated },
  unit: { process: identityOverrideProcessor },
  min: { process: numberOverrideProcessor },
  max: { process: numberOverrideProcessor },
  fieldMinMax: { process: identityOverrideProcessor },
  decimals: { process: numberOverrideProcessor },
  thresholds: { process: thresholdsOverrideProcessor },
  noValue: { process: displayNameOverrideProcessor, settings: interpolated },
  color: { process: identityOverrideProcessor },
  mappings: { process: identityOverrideProcessor },
  links: { process: identityOverrideProcessor },
  description: { process: identityOverrideProcessor },
  filterable: { process: identityOverrideProcessor },
  nullValueMode: { process: identityOverrideProcessor },
};

/**
 * Which properties `applyFieldOverrides` of @grafana/data may set. It has none of its own; custom ones
 * are those that the panel names.
 */
export function configRegistry(config: FieldConfigSource): FieldConfigOptionsRegistry {
  const custom = new Set(Object.keys(config.defaults.custom ?? {}));
  for (const { properties } of config.overrides) {
    for (const { id } of properties) {
      if (id.startsWith('custom.')) custom.add(id.slice('custom.'.length));
    }
  }
  const items = Object.entries(standard).map(([id, { process, settings }]) =>
    item(id, id, process, settings),
  );
  for (const path of custom) {
    items.push({ ...item(`custom.${path}`, path, identityOverrideProcessor), isCustom: true });
  }
  return new FieldConfigOptionsRegistry(() => items);
}

function item(
  id: string,
  path: string,
  process: Process,
  settings?: object,
): FieldConfigPropertyItem {
  const nothing = (): null => null;
  return {
    id,
    path,
    name: id,
    process,
    settings,
    editor: nothing,
    override: nothing,
    shouldApply: () => true,
  };
}
