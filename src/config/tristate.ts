import type { Tristate } from './contract.ts';
import { choice, type Field } from './fields.ts';

/** `auto` is for what depends on where the program runs. */
export const tristate = (options: {
  readonly doc: string;
  readonly reloadable?: boolean;
}): Field<Tristate> => choice(['auto', 'on', 'off'], { default: 'auto', ...options });
