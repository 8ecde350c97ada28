import type { ScopedVars } from '#dashboards/variables';

export type { ScopedVars } from '#dashboards/variables';

/**
 * Puts variables into a text, in all of their spellings (`$name`, `${name:format}`, `[[name]]`).
 * `format` is for references that name none; unknown names stay as they are.
 */
export type Interpolate = (text: string, scopedVars?: ScopedVars, format?: string) => string;
