import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import css from './label-chips.module.css';

export interface LabelChip {
  readonly name: string;
  /** What stands between name and value: `=` unless it is a matcher's. */
  readonly operator?: string;
  readonly value: string;
}

/** Labels or matchers as chips. */
export function Chips({
  chips,
  isOneLine = false,
}: {
  readonly chips: readonly LabelChip[];
  /** In a row of a table: what does not fit is cut off. */
  readonly isOneLine?: boolean;
}): ReactNode {
  return (
    <span className={classNames(css.labels, isOneLine && css.oneLine)}>
      {chips.map(({ name, operator = '=', value }) => (
        <code key={`${name}${operator}${value}`} className={css.label}>
          <span>
            {name}
            {operator}
          </span>
          {value}
        </code>
      ))}
    </span>
  );
}

export function LabelChips({
  labels,
  except = [],
  isWithInternal = false,
  isOneLine = false,
}: {
  readonly labels: Readonly<Record<string, string>>;
  readonly except?: readonly string[];
  /** Also what begins with two underscores, which is for machines. */
  readonly isWithInternal?: boolean;
  readonly isOneLine?: boolean;
}): ReactNode {
  const chips = Object.entries(labels)
    .filter(([name]) => !except.includes(name) && (isWithInternal || !name.startsWith('__')))
    .map(([name, value]) => ({ name, value }));
  return <Chips chips={chips} isOneLine={isOneLine} />;
}
