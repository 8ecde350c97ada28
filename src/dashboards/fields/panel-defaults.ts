import { type FieldConfig, panelKind } from '#dashboards/model';

const thresholds: NonNullable<FieldConfig['thresholds']> = {
  mode: 'absolute',
  steps: [
    { value: null, color: 'green' },
    { value: 80, color: 'red' },
  ],
};

/** Of the fields of a panel of this type, where its config leaves them open. */
export function panelDefaults(type: string): FieldConfig {
  return { thresholds, ...panelKind(type)?.fieldDefaults };
}
