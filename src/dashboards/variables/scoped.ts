import type { Lookup } from './contract.ts';

/** Variables that hold for one panel, point or row; they win over those of the dashboard. */
export type ScopedVars = Readonly<
  Record<string, { readonly text?: unknown; readonly value: unknown }>
>;

/** Variables of one panel as a lookup; they win over those of the dashboard. */
export function scopedLookup(scopedVars: ScopedVars): Lookup {
  return ({ name }) => {
    if (!Object.hasOwn(scopedVars, name)) return undefined;
    const { value, text } = scopedVars[name]!;
    return { value, isMany: true, ...(typeof text === 'string' ? { text } : {}) };
  };
}
