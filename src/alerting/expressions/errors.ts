import { AppError } from '#base';

/** Something is wrong with the text or the fields of an expression. */
export const invalidExpression = (refId: string, why: string): AppError =>
  new AppError('EXPRESSION_INVALID', `failed to parse expression '${refId}': ${why}`, {
    details: { refId },
  });

/** The expression is sound, and cannot be carried out on this data. */
export const failedExpression = (refId: string, why: string): AppError =>
  new AppError('EXPRESSION_FAILED', `failed to execute expression [${refId}]: ${why}`, {
    details: { refId },
  });
