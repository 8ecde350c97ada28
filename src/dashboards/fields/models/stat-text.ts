import type { FieldDisplay } from '@grafana/data';
import { displayText } from '../single-values.ts';
import type { StatOptions } from './stat-options.ts';

/** What a value says: its name and its number, each empty where the options leave it out. */
export interface StatText {
  readonly name: string;
  readonly text: string;
}

/** @param isOne no other value stands beside it */
export function statText(
  value: FieldDisplay,
  isOne: boolean,
  { textMode }: Pick<StatOptions, 'textMode'>,
): StatText {
  const name = value.display.title ?? '';
  const text = displayText(value);
  switch (textMode) {
    case 'name':
      return { name: '', text: name };
    case 'value':
      return { name: '', text };
    case 'none':
      return { name: '', text: '' };
    case 'value_and_name':
      return { name, text };
    default:
      return { name: isOne ? '' : name, text };
  }
}
