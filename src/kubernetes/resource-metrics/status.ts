export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** To the second, as the API writes times. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** A failure as the Kubernetes API tells it. */
export function failure(
  code: number,
  reason: string,
  message: string,
  details?: Readonly<Record<string, string>>,
): ApiAnswer {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
  return { status: code, body };
}
