import { common } from '../i18n/common.ts';
import { messagesNow } from '../i18n/messages.ts';

/** What the server says when it refuses, in our own API's form. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** What to do about it, for people. */
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    hint?: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

export type QueryValue = string | number | boolean | undefined | readonly string[];

/** Absolute address of a path of ours, wherever the console is mounted. */
export function apiUrl(path: string, query: Readonly<Record<string, QueryValue>> = {}): URL {
  const url = new URL(path, document.baseURI);
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    if (typeof value === 'object') for (const item of value) url.searchParams.append(key, item);
    else url.searchParams.set(key, String(value));
  }
  return url;
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON, or as the form that it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Called when the server wants a login: the frame shows the login page. */
let onLoginNeeded: () => void = () => {};

export function setOnLoginNeeded(listener: () => void): void {
  onLoginNeeded = listener;
}

/** @throws {ApiError} whatever went wrong, except for the caller's own abort */
export async function callApi<T>(path: string, options: CallOptions = {}): Promise<T> {
  const response = await fetchApi(path, options);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export async function fetchApi(path: string, options: CallOptions = {}): Promise<Response> {
  const { method = 'GET', query, body, headers, signal } = options;
  const isForm = body instanceof URLSearchParams;
  let response: Response;
  try {
    response = await fetch(apiUrl(path, query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        // The browser names the type of a form itself.
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const m = messagesNow(common);
    throw new ApiError(0, 'UNREACHABLE', m.unreachable, m.unreachableHint);
  }
  if (!response.ok) {
    const error = await errorOf(response);
    if (response.status === 401) onLoginNeeded();
    throw error;
  }
  return response;
}

interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

async function errorOf(response: Response): Promise<ApiError> {
  const m = messagesNow(common);
  let body: ErrorBody & {
    readonly error?: ErrorBody | string;
    readonly errorType?: string;
    /** Of Grafana's API: `version-mismatch`. */
    readonly status?: unknown;
  } = {};
  try {
    const answer = (await response.json()) as typeof body | string;
    // Alertmanager's API says nothing but its words.
    body = typeof answer === 'string' ? { message: answer } : answer;
  } catch {
    // A proxy's HTML page: the status has to do.
  }
  const { error, errorType } = body;
  const inner: ErrorBody =
    typeof error === 'object'
      ? error
      : errorType !== undefined && error !== undefined
        ? // The envelope of the Prometheus API.
          { code: errorType, message: error }
        : { ...(typeof body.status === 'string' ? { code: body.status } : {}), ...body };
  return new ApiError(
    response.status,
    inner.code ?? `HTTP_${response.status}`,
    inner.message ?? m.badAnswer(String(response.status)),
    inner.hint ?? (response.status === 403 ? m.notAllowed : undefined),
    inner.details,
  );
}
