import type { Interpolated } from './contract.ts';

/** Of a label's value in single or double quotes. */
export const escapePromqlString = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

/** Of a literal text within a regular expression within a PromQL string. */
export const escapePromqlRegex = (text: string): string =>
  text.replaceAll('\\', '\\\\\\\\').replace(/[$^*{}[\]+?.()|]/g, '\\\\$&');

/**
 * How variables go into PromQL where a reference names no format: those of one value as a text, those
 * that may have several as a regular expression.
 */
export function promqlFormat({ value, isMany = false }: Interpolated): string {
  if (Array.isArray(value)) {
    const escaped = value.map((item) => escapePromqlRegex(String(item)));
    return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join('|')})`;
  }
  if (typeof value !== 'string') return String(value ?? '');
  return isMany ? escapePromqlRegex(value) : escapePromqlString(value);
}
