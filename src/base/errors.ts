/** What an {@link AppError} carries besides its message. */
export interface AppErrorOptions {
  /** One sentence for the person who must act: what to change, where. */
  readonly hint?: string;
  /** Machine-readable facts (file, line, key, value), shown in logs and API errors. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * An expected failure ("weather"): bad input, a full disk, a peer that is away. `code` is stable and
 * in SCREAMING_SNAKE_CASE; protocol edges translate it to their own error bodies.
 */
export class AppError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** A broken invariant: a bug of ours. Caught nowhere but in main(). */
export class BugError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BugError';
  }
}

/** @throws {BugError} when `condition` does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

/** True for an {@link AppError} with this code (any AppError when `code` is absent). */
export function isAppError(error: unknown, code?: string): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** True for the error that an aborted signal causes, of whatever class. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** The message of whatever was thrown, with its causes: `a: b: c`. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  // A cause chain is short; the bound guards against one that points back at itself.
  for (let depth = 0; current !== undefined && current !== null && depth < 8; depth++) {
    const message = current instanceof Error ? current.message || current.name : String(current);
    // Many an error says at its end what its cause says.
    const last = parts.at(-1);
    if (last !== message && last?.endsWith(`: ${message}`) !== true) parts.push(message);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(': ');
}
