import type { ReactNode } from 'react';
import { Chips } from '../../ui/label-chips.tsx';
import type { Matcher } from './matcher.ts';

export function MatcherChips({
  matchers,
  isOneLine = false,
}: {
  readonly matchers: readonly Matcher[];
  readonly isOneLine?: boolean;
}): ReactNode {
  const chips = matchers.map(({ name, operator, value }) => ({
    name,
    operator,
    value: value === '' ? '""' : value,
  }));
  return <Chips chips={chips} isOneLine={isOneLine} />;
}
