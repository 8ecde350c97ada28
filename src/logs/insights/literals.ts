import type { PlanExpression } from './plan.ts';

/** Longer digits do not fit a double: such text is compared as text, or ids would get mixed up. */
const maxExactDigits = 15;

/** The number that a text spells, if it spells one that a double holds. */
export function numericText(text: string | null): number | undefined {
  if (text === null || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined;
  if (text.replace(/[eE].*/, '').replace(/\D/g, '').length > maxExactDigits) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A date in quotes beside a time means that moment, UTC. */
export function timeLiteral(literal: PlanExpression, other: PlanExpression): number | undefined {
  if (literal.kind !== 'literal' || typeof literal.value !== 'string') return undefined;
  if (other.type !== 'timestamp') return undefined;
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?(Z|[+-]\d{2}:?\d{2})?$/.exec(
      literal.value,
    );
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  return Number.isNaN(ms) ? undefined : ms;
}
