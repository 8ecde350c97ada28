import type { Command } from './ast.ts';
import type { PlanChecker } from './check.ts';
import {
  type Column,
  columnOf,
  type DiffColumns,
  type OutputColumn,
  type PatternColumns,
} from './plan.ts';

/** `pattern`, and `diff` and `anomaly`, which work on its result. */
export function checkPattern(
  checker: PlanChecker,
  command: Extract<Command, { kind: 'pattern' | 'diff' | 'anomaly' }>,
  before: readonly Command[],
  after: readonly Command[],
): void {
  switch (command.kind) {
    case 'pattern':
      planPattern(checker, command, after);
      return;
    case 'diff': {
      if (before.at(-1)?.kind === 'pattern') return; // planned together with it
      checker.diagnostics.error(command, 'DIFF_WITHOUT_PATTERN');
      return;
    }
    case 'anomaly': {
      if (!before.some((one) => one.kind === 'pattern')) {
        checker.diagnostics.error(command, 'ANOMALY_WITHOUT_PATTERN');
        return;
      }
      const score = checker.scope.newColumn('@anomalyScore', 'number');
      checker.stages.push({ kind: 'anomaly', score });
      checker.show(score.name, score, true);
      return;
    }
    default:
      command satisfies never;
  }
}

function planPattern(
  checker: PlanChecker,
  command: Extract<Command, { kind: 'pattern' }>,
  after: readonly Command[],
): void {
  const { scope } = checker;
  const source = checker.check(command.source);
  if (source.type === 'json') {
    checker.diagnostics.error(command.source, 'NOT_SCALAR');
  }
  const columns: PatternColumns = {
    pattern: scope.newColumn('@pattern', 'string'),
    ratio: scope.newColumn('@ratio', 'number'),
    sampleCount: scope.newColumn('@sampleCount', 'number'),
    severityLabel: scope.newColumn('@severityLabel', 'string'),
    slices: scope.newColumn('@slices', 'json'),
  };
  const next = after[0];
  const diff = next?.kind === 'diff' ? diffColumns(checker, next) : undefined;
  checker.stages.push({ kind: 'pattern', source, columns, diff });
  const shown = (column: Column, isAggregate: boolean): OutputColumn => ({
    name: column.name,
    expression: columnOf(column),
    isTimeBin: false,
    isAggregate,
  });
  const output = [
    shown(columns.pattern, false),
    shown(columns.sampleCount, true),
    shown(columns.ratio, true),
    shown(columns.severityLabel, false),
  ];
  if (diff !== undefined) {
    output.push(
      shown(diff.previousCount, true),
      shown(diff.difference, true),
      shown(diff.differencePercent, true),
    );
  }
  checker.closeEvents(output);
  // Not shown, yet there for a `display` that names it.
  checker.scope.close([...output, shown(columns.slices, true)]);
}

function diffColumns(
  checker: PlanChecker,
  command: Extract<Command, { kind: 'diff' }>,
): DiffColumns | undefined {
  const shift = command.modifier?.toLowerCase() ?? 'range';
  if (
    shift !== 'range' &&
    shift !== 'previousday' &&
    shift !== 'previousweek' &&
    shift !== 'previousmonth'
  ) {
    checker.diagnostics.error(command, 'DIFF_MODIFIER', { symbol: command.modifier ?? '' });
    return undefined;
  }
  return {
    shift,
    previousCount: checker.scope.newColumn('@previousSampleCount', 'number'),
    difference: checker.scope.newColumn('@difference', 'number'),
    differencePercent: checker.scope.newColumn('@differencePercent', 'number'),
  };
}
