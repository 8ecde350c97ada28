import type { SourcePlace } from './problems.ts';

/** One `key value` line; the key in lower case, variables expanded. */
export interface Property extends SourcePlace {
  readonly key: string;
  readonly value: string;
}

/** One `[SECTION]`, or its counterpart in YAML. */
export interface Section extends SourcePlace {
  /** In lower case, singular: `input`, `multiline_parser`. */
  readonly kind: string;
  readonly properties: readonly Property[];
  /** Of an input in YAML: the processors of its logs, in order. */
  readonly processors?: readonly Section[];
}

/** The value of a key that may stand once; the last where it stands more often. */
export function propertyOf(section: Section, key: string): Property | undefined {
  return section.properties.findLast((property) => property.key === key);
}
