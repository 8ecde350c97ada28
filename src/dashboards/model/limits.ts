import type { JsonLimits } from './json.ts';

/** The largest dashboard in wide use has 470 kB; ten times that is a mistake or an attack. */
export const maxDocumentChars = 5_000_000;

/** A page draws panels near the view only, yet each costs memory for its options. */
export const maxPanels = 2_000;

export const maxVariables = 500;

export const jsonLimits: JsonLimits = {
  // Real documents stay under 20; each level of a v2 layout takes four.
  maxDepth: 80,
  maxValues: 500_000,
  maxChars: maxDocumentChars,
};

/** The version that documents have after reading. */
export const currentSchemaVersion = 42;
