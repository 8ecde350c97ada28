import { type DataFrame, getFieldDisplayName } from '@grafana/data';
import { ownFrame } from '../../../../../src/dashboards/fields/panel-fields.ts';
import { transformed } from '../../../../../src/dashboards/fields/transform/transform.ts';
import type { Transformation } from '../../../../../src/dashboards/model/contract.ts';
import type { Interpolate } from '../../../panels/contract.ts';

/** What goes into a step and what comes out of it. */
export interface StepResult {
  readonly before: readonly DataFrame[];
  readonly after: readonly DataFrame[];
  /** Why it could not be carried out. */
  readonly problem: string | undefined;
}

/** Every step by itself, in order; what cannot be carried out passes everything on. */
export function stepResults(
  steps: readonly Transformation[],
  frames: readonly DataFrame[],
  interpolate: Interpolate,
): readonly StepResult[] {
  let before: readonly DataFrame[] = frames;
  return steps.map((step) => {
    // Names are kept in fields as state: each step reads them anew.
    const input = before.map(ownFrame);
    const { frames: after, problems } = transformed([step], input, interpolate);
    const result = { before, after, problem: problems[0] };
    before = after;
    return result;
  });
}

/** What forms offer for choosing. */
export interface Columns {
  /** Names as people read them; each once. */
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly refIds: readonly string[];
}

export const noColumns: Columns = { names: [], labels: [], refIds: [] };

export function columnsOf(frames: readonly DataFrame[]): Columns {
  const all = frames.map(ownFrame);
  const fields = all.flatMap((frame) => frame.fields.map((field) => ({ frame, field })));
  const names = fields.map(({ frame, field }) => getFieldDisplayName(field, frame, all));
  const labels = fields.flatMap(({ field }) => Object.keys(field.labels ?? {}));
  return {
    names: [...new Set(names)],
    labels: [...new Set(labels)].sort(),
    refIds: [...new Set(all.flatMap(({ refId }) => refId ?? []))],
  };
}
