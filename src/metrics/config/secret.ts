/** A value that is never printed: shown as `<secret>` in JSON, YAML, logs and texts. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** For the one who sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '<secret>';
  }

  toJSON(): string {
    return '<secret>';
  }
}

/**
 * A string that is equal for equal configurations, secrets included: to tell what a reload changed.
 * It holds the secrets: for comparisons in memory only.
 */
export function configKey(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, shown: unknown) {
    const held = this[key];
    if (held instanceof Secret) return `secret ${held.reveal()}`;
    return typeof held === 'bigint' ? held.toString() : shown;
  });
}
