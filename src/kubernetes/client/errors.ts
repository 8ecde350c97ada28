import type { Status } from 'kubernetes-types/meta/v1.d.ts';
import { AppError } from '#base';

/** What was tried, for messages: `list pods in shop`. */
export interface Attempt {
  readonly method: string;
  readonly url: string;
}

/**
 * The API server refused, or could not be reached. `status` and `reason` are its own
 * (`Forbidden`, `NotFound`, `Conflict`, `Expired`, `AlreadyExists`, `TooManyRequests`…);
 * `code` is `KUBERNETES_` and the reason in capitals, `KUBERNETES_UNREACHABLE` without an answer.
 */
export class KubernetesError extends AppError {
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly reason: string;
  /** What the API server's own words are. */
  readonly serverMessage: string;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;
  /** Reasons of single fields, as `ResourceVersionTooLarge`. */
  readonly causes: readonly string[];

  constructor(given: {
    readonly status: number;
    readonly reason: string;
    readonly message: string;
    readonly serverMessage?: string;
    readonly hint?: string | undefined;
    readonly retryAfterMs?: number | undefined;
    readonly causes?: readonly string[];
    readonly details?: Readonly<Record<string, unknown>>;
    readonly cause?: unknown;
  }) {
    super(codeOf(given.reason), given.message, {
      ...(given.hint === undefined ? {} : { hint: given.hint }),
      details: { status: given.status, reason: given.reason, ...given.details },
      ...(given.cause === undefined ? {} : { cause: given.cause }),
    });
    this.name = 'KubernetesError';
    this.status = given.status;
    this.reason = given.reason;
    this.serverMessage = given.serverMessage ?? given.message;
    this.retryAfterMs = given.retryAfterMs;
    this.causes = given.causes ?? [];
  }

  get isForbidden(): boolean {
    return this.status === 403;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }

  get isConflict(): boolean {
    return this.status === 409;
  }

  /** The resource version is too old: list anew. */
  get isExpired(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.reason === 'Gone';
  }

  /** The API server could not be asked at all. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

export function isKubernetesError(error: unknown): error is KubernetesError {
  return error instanceof KubernetesError;
}

const codeOf = (reason: string): string =>
  `KUBERNETES_${reason.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}`;

/** Where the server gives no reason of its own. */
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const hints: Readonly<Record<number, string>> = {
  401: 'The credentials are unknown to the API server or have expired',
  403: 'Give the account a Role or ClusterRole that allows it',
};

/** An error of an answer's `Status` body; of its status alone where it has another body. */
export function errorOfAnswer(
  attempt: Attempt,
  status: number,
  body: string,
  retryAfter?: string | undefined,
): KubernetesError {
  const parsed = parseStatus(body);
  return errorOfStatus(attempt, { ...parsed, code: parsed?.code ?? status }, status, {
    retryAfter,
    // Proxies and load balancers answer in HTML.
    text: parsed === undefined ? body.replace(/\s+/g, ' ').slice(0, 200).trim() : undefined,
  });
}

/** An error of a `Status` object, as a watch sends it. */
export function errorOfStatus(
  attempt: Attempt,
  status: Status,
  httpStatus = 500,
  more: { readonly retryAfter?: string | undefined; readonly text?: string | undefined } = {},
): KubernetesError {
  const code = status.code ?? httpStatus;
  const reason = status.reason || reasons[code] || (code >= 500 ? 'InternalError' : 'BadRequest');
  const words = status.message || more.text || reason;
  const seconds = Number(more.retryAfter ?? status.details?.retryAfterSeconds ?? Number.NaN);
  return new KubernetesError({
    status: code,
    reason,
    message: `Kubernetes refused ${attempt.method} ${attempt.url}: ${words}`,
    serverMessage: words,
    hint: hints[code],
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
    causes: (status.details?.causes ?? []).flatMap(({ reason: why }) => why ?? []),
  });
}

/** No answer, or one that broke off. */
export function unreachable(attempt: Attempt, cause: unknown): KubernetesError {
  return new KubernetesError({
    status: 0,
    reason: 'Unreachable',
    message: `Kubernetes cannot be reached by ${attempt.method} ${attempt.url}`,
    cause,
  });
}

function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isStatus = typeof value === 'object' && value !== null && 'kind' in value;
    return isStatus && value.kind === 'Status' ? (value as Status) : undefined;
  } catch {
    return undefined;
  }
}
