import { type DataFrame, type DataTransformerInfo, getFrameMatchers } from '@grafana/data';
import { of } from 'rxjs';
import type { Transformation } from '#dashboards/model';
import type { Interpolate } from '../contract.ts';
import { transformers } from './transformers.ts';

export interface Transformed {
  readonly frames: readonly DataFrame[];
  /** In the words of whoever wrote the dashboard: which step and why. */
  readonly problems: readonly string[];
}

/**
 * Runs the steps in order. A step that is not known or fails is left out and told; the others go on
 * with what was before it.
 */
export function transformed(
  steps: readonly Transformation[],
  frames: readonly DataFrame[],
  interpolate: Interpolate,
): Transformed {
  const problems: string[] = [];
  let current = frames;
  for (const step of steps) {
    if (step.disabled === true || step.topic === 'annotations') continue;
    const transformer = transformers.get(step.id);
    if (transformer === undefined) {
      problems.push(`Unknown transformation: ${step.id}`);
      continue;
    }
    try {
      current = runStep(transformer, step, current, interpolate);
    } catch (error) {
      problems.push(`${step.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { frames: current, problems };
}

function runStep(
  transformer: DataTransformerInfo,
  step: Transformation,
  before: readonly DataFrame[],
  interpolate: Interpolate,
): readonly DataFrame[] {
  const matches = step.filter?.options ? getFrameMatchers(step.filter as never) : undefined;
  const input = before.filter((frame) => matches === undefined || matches(frame));
  const options = deepMap({ ...transformer.defaultOptions, ...step.options }, interpolate);
  const context = { interpolate: (text: string) => interpolate(text) };
  let output: readonly DataFrame[] = input;
  let failure: unknown;
  // All of them answer at once: rxjs is only how @grafana/data writes them.
  of(input)
    .pipe(transformer.operator(options, context))
    .subscribe({
      next: (after) => {
        output = after;
      },
      error: (error: unknown) => {
        failure = error;
      },
    });
  if (failure !== undefined) throw failure;
  if (matches === undefined) return output;
  // The others come where the first of them stood, as Grafana counts it: not at the start.
  let place = 0;
  const others = before.filter((frame, at) => {
    const isOther = !matches(frame);
    if (isOther && place === 0) place = at;
    return isOther;
  });
  return output.toSpliced(place, 0, ...others);
}

/** The same shape with every text changed. */
function deepMap(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => deepMap(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, deepMap(item, change)]),
  );
}
