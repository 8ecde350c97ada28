/** A CloudWatch filter pattern, ready to run on messages. */
export interface FilterPattern {
  readonly kind: 'all' | 'unstructured' | 'json' | 'delimited';
  readonly text: string;
  /** Linear in the message; needs no `this`. */
  readonly matches: (message: string) => boolean;
  /**
   * The values that the pattern names, keyed `$.path` (JSON) or `$name` (space-delimited); undefined
   * when the message does not match.
   */
  readonly extract: (message: string) => Readonly<Record<string, string>> | undefined;
  /**
   * The value of one reference, `$.path` or `$name`, in a message, whether or not the pattern names
   * it: metric values and dimensions. Undefined where it is missing or no scalar.
   */
  readonly valueOf: (message: string, reference: string) => string | undefined;
  /** Case-sensitive texts that every matching message holds. */
  readonly requiredSubstrings: readonly string[];
  /** What the pattern does, in words. */
  explain(): string;
  /** What of the pattern has no effect. */
  readonly warnings: readonly string[];
}
