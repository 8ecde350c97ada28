import { AppError, describeError } from '#base';

/** A line of a configuration file. */
export interface SourcePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface ConfigProblem extends SourcePlace {
  readonly message: string;
}

/** Gathers every problem of a configuration, so that one run names them all. */
export class ProblemList {
  readonly problems: ConfigProblem[] = [];
  /** Things that work, but not as someone may expect. */
  readonly warnings: ConfigProblem[] = [];

  add(place: SourcePlace, message: string): void {
    this.problems.push({ file: place.file, line: place.line, message });
  }

  warn(place: SourcePlace, message: string): void {
    this.warnings.push({ file: place.file, line: place.line, message });
  }

  /** Runs `work`; what it throws as bad input becomes a problem at `place`. */
  attempt<T>(
    place: SourcePlace & { readonly properties?: readonly (SourcePlace & { value: string })[] },
    work: () => T,
  ): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // A pattern knows nothing of files; the line that holds it does.
      const { pattern } = error.details;
      const line =
        typeof pattern === 'string' && pattern !== ''
          ? place.properties?.find(({ value }) => value.includes(pattern))
          : undefined;
      this.add(placeOf(error) ?? line ?? place, withHint(error));
      return undefined;
    }
  }

  /** @throws {AppError} FLUENTBIT_CONFIG_INVALID with all problems in its details */
  throwIfAny(): void {
    const [first] = this.problems;
    if (first === undefined) return;
    const rest = this.problems.length - 1;
    const more = rest === 0 ? '' : ` (and ${rest} more)`;
    throw new AppError('FLUENTBIT_CONFIG_INVALID', `${formatProblem(first)}${more}`, {
      hint: 'Run with --dry-run to see every problem of the configuration',
      details: { file: first.file, line: first.line, problems: this.problems.map(formatProblem) },
    });
  }
}

/** `error in FILE:LINE: …`, the form that Fluent Bit prints. */
export function formatProblem({ file, line, message }: ConfigProblem): string {
  return `error in ${file}:${line}: ${message}`;
}

function placeOf(error: AppError): SourcePlace | undefined {
  const { file, line } = error.details;
  return typeof file === 'string' && typeof line === 'number' ? { file, line } : undefined;
}

function withHint(error: AppError): string {
  const message = describeError(error);
  return error.hint === undefined ? message : `${message}. ${error.hint}`;
}
