import { isAppError } from '#base';
import {
  compileLabelPattern,
  type LabelPattern,
  type Labels,
  labelValue,
  withLabel,
} from '#metrics/model';
import { isLabelName } from '../../engine/labels-text.ts';
import { executionError } from '../../errors.ts';

/** How the labels of a series are rewritten. */
export interface LabelChange {
  /** The name of the metric is set: it is no longer one that is to be dropped. */
  readonly setsName: boolean;
  apply(labels: Labels): Labels;
  /** Whether a series is changed at all. */
  matches(labels: Labels): boolean;
}

/** @throws {AppError} PROMQL_EXECUTION */
export function labelReplace(
  target: string,
  replacement: string,
  source: string,
  pattern: string,
): LabelChange {
  const compiled = compile(pattern);
  if (!isLabelName(target)) {
    throw executionError(`invalid destination label name in label_replace(): ${target}`);
  }
  const expand = expander(replacement, compiled);
  return {
    setsName: target === '__name__',
    matches: (labels) => compiled.groups(labelValue(labels, source)) !== undefined,
    apply(labels) {
      const groups = compiled.groups(labelValue(labels, source));
      return groups === undefined ? labels : withLabel(labels, target, expand(groups));
    },
  };
}

function compile(pattern: string): LabelPattern {
  try {
    return compileLabelPattern(pattern);
  } catch (error) {
    if (!isAppError(error, 'METRICS_PATTERN_INVALID')) throw error;
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

/** `$1`, `${1}`, `$name`, `${name}`, `$$`; unknown groups are empty. */
function expander(
  replacement: string,
  pattern: LabelPattern,
): (groups: readonly string[]) => string {
  type Part = string | number;
  const parts: Part[] = [];
  let names: readonly (string | undefined)[] | undefined;
  let from = 0;
  for (const match of replacement.matchAll(/\$(?:\$|(\w+)|\{(\w+)\})/g)) {
    parts.push(replacement.slice(from, match.index));
    from = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name === undefined) {
      parts.push('$');
    } else if (/^\d+$/.test(name)) {
      parts.push(Number(name));
    } else {
      names ??= pattern.groupNames;
      parts.push(names.indexOf(name));
    }
  }
  parts.push(replacement.slice(from));
  return (groups) =>
    parts.map((part) => (typeof part === 'string' ? part : (groups[part] ?? ''))).join('');
}

/** @throws {AppError} PROMQL_EXECUTION */
export function labelJoin(
  target: string,
  separator: string,
  sources: readonly string[],
): LabelChange {
  for (const source of sources) {
    if (!isLabelName(source)) {
      throw executionError(`invalid source label name in label_join(): ${source}`);
    }
  }
  if (!isLabelName(target)) {
    throw executionError(`invalid destination label name in label_join(): ${target}`);
  }
  return {
    setsName: target === '__name__',
    matches: () => true,
    apply(labels) {
      const values = sources.map((source) => labelValue(labels, source));
      return withLabel(labels, target, values.join(separator));
    },
  };
}

/**
 * Order of texts with numbers in them: `node2` before `node10`. Runs of digits compare as numbers,
 * everything else by code unit; equal numbers by their length.
 */
export function compareNaturally(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  for (let at = 0; at < Math.min(partsA.length, partsB.length); at++) {
    const order = comparePart(partsA[at]!, partsB[at]!);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length || (a < b ? -1 : a > b ? 1 : 0);
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  if (/^\d/.test(a) && /^\d/.test(b)) {
    const digitsA = a.replace(/^0+/, '');
    const digitsB = b.replace(/^0+/, '');
    if (digitsA.length !== digitsB.length) return digitsA.length - digitsB.length;
    if (digitsA !== digitsB) return digitsA < digitsB ? -1 : 1;
    return a.length - b.length;
  }
  return a < b ? -1 : 1;
}
