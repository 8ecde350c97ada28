import { AppError, type Clock } from '#base';
import { signHeaders } from '#sigv4';
import type { CredentialChain } from './credentials.ts';

/** How requests are sent: who calls knows about proxies, authorities and memory. */
export interface AwsSender {
  send(request: {
    readonly method: string;
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  }): Promise<{ readonly status: number; readonly text: string }>;
}

export interface LogsClientOptions {
  readonly url: URL;
  readonly region: string;
  readonly userAgent: string;
  /** `json/emf`, where the messages are in the embedded metric format. */
  readonly logFormat: string | undefined;
}

/** An error answer of the service. `code` is its type, such as `ThrottlingException`. */
export class LogsServiceError extends AppError {
  readonly status: number;
  constructor(code: string, message: string, status: number) {
    super(code, message);
    this.status = status;
  }
}

const staleCredentials: ReadonlySet<string> = new Set([
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'UnrecognizedClientException',
]);

/** Calls operations of CloudWatch Logs over the JSON 1.1 protocol. */
export class LogsClient {
  readonly #options: LogsClientOptions;
  readonly #http: AwsSender;
  readonly #credentials: CredentialChain;
  readonly #clock: Clock;

  constructor(
    options: LogsClientOptions,
    http: AwsSender,
    credentials: CredentialChain,
    clock: Clock,
  ) {
    this.#options = options;
    this.#http = http;
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** The parsed answer. @throws {LogsServiceError}, or what the network throws */
  async call(
    operation: string,
    body: string,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const { url, region, userAgent, logFormat } = this.#options;
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${operation}`,
      'user-agent': userAgent,
      ...(logFormat !== undefined &&
        operation === 'PutLogEvents' && { 'x-amzn-logs-format': logFormat }),
    };
    const signed = signHeaders({
      method: 'POST',
      url,
      headers,
      body,
      credentials: await this.#credentials.get(),
      region,
      service: 'logs',
      nowMs: this.#clock.nowMs(),
    });
    const answer = await this.#http.send({ method: 'POST', url, headers: signed, body, signal });
    if (answer.status !== 200) {
      const error = errorOf(answer);
      if (staleCredentials.has(error.code)) this.#credentials.invalidate();
      throw error;
    }
    return answer.text === '' ? {} : parsed(answer.text);
  }
}

function errorOf({
  status,
  text,
}: {
  readonly status: number;
  readonly text: string;
}): LogsServiceError {
  const body = parsed(text);
  const type = String(body['__type'] ?? body['code'] ?? `HttpStatus${status}`);
  const message = String(body['message'] ?? body['Message'] ?? text.slice(0, 200));
  return new LogsServiceError(type.slice(type.lastIndexOf('#') + 1), message, status);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
