import {
  type Field,
  FieldColorModeId,
  fieldColorModeRegistry,
  type GrafanaTheme2,
} from '@grafana/data';

export interface ColorStop {
  readonly value: number;
  readonly color: string;
  /** The colour changes here at once: thresholds. */
  readonly isStep: boolean;
}

/** Undefined: the field's colour does not depend on its values. */
export function colorStops(field: Field, theme: GrafanaTheme2): readonly ColorStop[] | undefined {
  const mode = field.config.color?.mode;
  const { thresholds } = field.config;
  const range = field.state?.range ?? { min: 0, max: 100 };
  const min = range.min ?? 0;
  const max = range.max ?? 100;
  if (mode === FieldColorModeId.Thresholds && thresholds !== undefined) {
    const isShare = thresholds.mode === 'percentage';
    return thresholds.steps.map((step) => ({
      value:
        isShare && step.value !== -Infinity ? min + ((max - min) * step.value) / 100 : step.value,
      color: theme.visualization.getColorByName(step.color),
      isStep: true,
    }));
  }
  const scheme = mode === undefined ? undefined : fieldColorModeRegistry.getIfExists(mode);
  if (scheme?.isContinuous !== true || scheme.getColors === undefined) return undefined;
  const colors = scheme.getColors(theme);
  return colors.map((color, at) => ({
    value: min + ((max - min) * at) / (colors.length - 1),
    color: theme.visualization.getColorByName(color),
    isStep: false,
  }));
}
