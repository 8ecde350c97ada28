import type { Json } from '../contract.ts';
import { invalid } from '../errors.ts';

/** Settings of a contact point with their secrets, read by name. */
export class Settings {
  readonly #values: Json;

  constructor(values: Json) {
    this.#values = values;
  }

  /** Numbers and booleans count as their text: forms and files differ in that. */
  text(name: string): string {
    const value = this.#values[name];
    if (value === undefined || value === null) return '';
    if (typeof value === 'object') throw invalid(`setting ${name} must be a text`);
    return String(value);
  }

  /** @throws {AppError} NOTIFICATION_INVALID */
  required(name: string): string {
    const value = this.text(name);
    if (value.trim() === '') throw invalid(`required field '${name}' is not specified`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#values[name];
    return value === true || value === 'true';
  }

  /** Absent: undefined. */
  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === '') return undefined;
    const number = Number(value);
    if (Number.isFinite(number)) return number;
    throw invalid(`setting ${name} must be a number, not ${JSON.stringify(value)}`);
  }

  section(name: string): Settings {
    const value = this.#values[name];
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value);
    return new Settings(isSection ? (value as Json) : {});
  }

  /** Names and texts. */
  record(name: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.section(name).#values).map(([key, value]) => [key, String(value)]),
    );
  }

  raw(name: string): unknown {
    return this.#values[name];
  }
}

/** Without keys that say nothing, so that defaults count. */
export const filledIn = (document: Readonly<Record<string, unknown>>): Json =>
  Object.fromEntries(
    Object.entries(document).filter(([, value]) => value !== '' && value !== undefined),
  );

export const defaultTitle = '{{ template "default.title" . }}';
export const defaultMessage = '{{ template "default.message" . }}';

export const titleOf = (settings: Settings, name = 'title'): string =>
  settings.text(name) || defaultTitle;
export const messageOf = (settings: Settings, name = 'message'): string =>
  settings.text(name) || defaultMessage;
