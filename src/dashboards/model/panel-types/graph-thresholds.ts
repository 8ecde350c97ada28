/** Thresholds of graphs: each a bound with a side, an area and a line of its own. */
import { type JsonObject, numberOf, objectsOf, stringOf } from '../json.ts';

const modeColors: Readonly<Record<string, string>> = {
  critical: 'red',
  warning: 'orange',
  ok: 'green',
};

const noColor = 'transparent';

function colorOf(threshold: JsonObject): string {
  const mode = stringOf(threshold['colorMode']) ?? 'critical';
  if (Object.hasOwn(modeColors, mode)) return modeColors[mode]!;
  const custom = threshold['fill'] === true ? threshold['fillColor'] : threshold['lineColor'];
  return stringOf(custom) ?? stringOf(threshold['fillColor']) ?? 'red';
}

/** Steps of the present form and how they are drawn; undefined where there is no threshold. */
export function thresholdsOf(
  old: unknown,
): { readonly thresholds: JsonObject; readonly style: string } | undefined {
  const bounds = objectsOf(old)
    .map((threshold) => ({ threshold, value: numberOf(threshold['value']) }))
    .filter((bound): bound is { threshold: JsonObject; value: number } => bound.value !== undefined)
    .sort((a, b) => a.value - b.value);
  if (bounds.length === 0) return undefined;
  const steps: { value: number | null; color: string }[] = [{ value: null, color: noColor }];
  for (const { threshold, value } of bounds) {
    const color = colorOf(threshold);
    const last = steps.at(-1)!;
    const isBelow = threshold['op'] === 'lt';
    // What lies below a bound has the color of the step that ends there.
    if (isBelow && last.color === noColor) last.color = color;
    const step = { value, color: isBelow ? noColor : color };
    if (last.value === value) steps[steps.length - 1] = step;
    else steps.push(step);
  }
  const hasFill = bounds.some(({ threshold }) => threshold['fill'] !== false);
  const hasLine = bounds.some(({ threshold }) => threshold['line'] !== false);
  const style = hasFill && hasLine ? 'line+area' : hasFill ? 'area' : hasLine ? 'line' : 'off';
  return { thresholds: { mode: 'absolute', steps }, style };
}
