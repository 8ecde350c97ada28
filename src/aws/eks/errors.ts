import { isAppError } from '#base';
import { AwsError } from '../errors.ts';

/** Codes of EKS that are no 400. */
const statuses: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  InvalidSignatureException: 403,
  UnrecognizedClientException: 403,
  MissingAuthenticationTokenException: 403,
  IncompleteSignatureException: 403,
  ResourceNotFoundException: 404,
  ResourceInUseException: 409,
};

const codes: Readonly<Record<string, string>> = {
  CLUSTER_NOT_FOUND: 'ResourceNotFoundException',
  LOGGING_UPDATE_NOT_FOUND: 'ResourceNotFoundException',
  LOGGING_UPDATE_RUNNING: 'ResourceInUseException',
  LOGGING_UNCHANGED: 'InvalidParameterException',
  TAGS_INVALID: 'BadRequestException',
  ADD_ON_EXISTS: 'ResourceInUseException',
  ADD_ON_NOT_FOUND: 'ResourceNotFoundException',
  ADD_ON_OFF: 'InvalidRequestException',
};

/** Errors of the control plane in EKS's terms; undefined for others. */
export function eksErrorOf(error: unknown): AwsError | undefined {
  if (!isAppError(error)) return undefined;
  const code = codes[error.code];
  if (code === undefined) return undefined;
  return new AwsError(code, error.message, { cause: error });
}

/** The status that EKS has for an error's code. */
export const eksStatusOf = (error: AwsError): number => statuses[error.code] ?? error.status;
