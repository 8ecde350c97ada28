import { AppError } from '#base';

/** A template that cannot be read. `line` counts from 1. */
export function templateInvalid(name: string, line: number, message: string): AppError {
  return new AppError('TEMPLATE_INVALID', `template: ${name}:${line}: ${message}`, {
    details: { line },
  });
}

/** A template that failed while it was carried out. */
export function templateFailed(name: string, line: number, message: string): AppError {
  return new AppError('TEMPLATE_FAILED', `template: ${name}:${line}: ${message}`, {
    details: { line },
  });
}
