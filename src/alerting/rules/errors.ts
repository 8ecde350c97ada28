import { AppError } from '#base';

/** What is wrong with requests for rules; edges translate the codes. */
export type RuleErrorCode =
  | 'RULE_INVALID'
  | 'RULE_NOT_FOUND'
  | 'RULE_GROUP_NOT_FOUND'
  | 'RULE_EXISTS'
  | 'RULE_CHANGED'
  | 'RULE_PROVISIONED'
  | 'RULE_FOLDER_NOT_FOUND'
  | 'RULE_QUOTA_REACHED';

export const ruleError = (
  code: RuleErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AppError => new AppError(code, message, { details });

export const invalidRule = (why: string): AppError =>
  ruleError('RULE_INVALID', `invalid alert rule: ${why}`);
