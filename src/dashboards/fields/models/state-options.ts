import { choiceAt, flagAt, numberAt } from '../read.ts';

export interface StateOptions {
  readonly merges: boolean;
  readonly align: 'left' | 'center' | 'right';
  /** Of a row, 0 to 1. */
  readonly rowShare: number;
  /** Of the distance of two samples, 0 to 1: of single boxes. */
  readonly columnShare: number;
  readonly showValue: 'auto' | 'always' | 'never';
  readonly perPage: number;
}

export function stateOptions(options: Readonly<Record<string, unknown>>): StateOptions {
  return {
    merges: flagAt(options, 'mergeValues', true),
    align: choiceAt(options, 'alignValue', ['left', 'center', 'right'], 'left'),
    rowShare: share(numberAt(options, 'rowHeight', 0.9)),
    columnShare: share(numberAt(options, 'colWidth', 0.9)),
    showValue: choiceAt(options, 'showValue', ['auto', 'always', 'never'], 'auto'),
    perPage: Math.max(1, numberAt(options, 'perPage', 20)),
  };
}

function share(value: number): number {
  return Math.min(1, Math.max(0.05, value));
}
