import { AppError, type Clock } from '#base';
import type { HttpClientConfig, Oauth2Config } from '#metrics/config';
import type { FileCache } from './files.ts';

/** A new token is asked for so long before the old one ends. */
const expiryMarginMs = 10_000;
/** A token server that says nothing of the lifetime is asked again after this. */
const unknownLifetimeMs = 300_000;
/** A refused scrape must not become a storm at the token server. */
const failurePauseMs = 1000;

export interface TokenRequest {
  readonly url: string;
  /** Form fields. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends a form; the answer's status and text. */
export type SendForm = (request: TokenRequest) => Promise<{ status: number; text: string }>;

/** What a request says of who makes it. @throws {AppError} HTTP_FILE_UNREADABLE, HTTP_TOKEN_REFUSED */
export async function credentialHeaders(
  config: HttpClientConfig,
  files: FileCache,
  tokens: TokenSource | undefined,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, { values, secrets, files: paths }] of Object.entries(config.httpHeaders)) {
    const parts = [...values, ...secrets.flatMap((secret) => secret?.reveal() ?? [])];
    for (const path of paths) parts.push(await files.readText(path));
    headers[name.toLowerCase()] = parts.join(', ');
  }
  const authorization = await authorizationOf(config, files, tokens);
  if (authorization !== undefined) headers['authorization'] = authorization;
  return headers;
}

async function authorizationOf(
  config: HttpClientConfig,
  files: FileCache,
  tokens: TokenSource | undefined,
): Promise<string | undefined> {
  const { basicAuth, authorization } = config;
  if (basicAuth !== undefined) {
    const { usernameFile, passwordFile } = basicAuth;
    const user =
      usernameFile === undefined ? basicAuth.username : await files.readText(usernameFile);
    const password =
      passwordFile === undefined
        ? (basicAuth.password?.reveal() ?? '')
        : await files.readText(passwordFile);
    return basic(user, password);
  }
  if (authorization !== undefined) {
    const { type, credentials, credentialsFile } = authorization;
    const text =
      credentialsFile === undefined ? credentials?.reveal() : await files.readText(credentialsFile);
    return text === undefined ? undefined : `${type} ${text}`;
  }
  if (config.bearerToken !== undefined) return `Bearer ${config.bearerToken.reveal()}`;
  if (config.bearerTokenFile !== undefined) {
    return `Bearer ${await files.readText(config.bearerTokenFile)}`;
  }
  return tokens === undefined ? undefined : `Bearer ${await tokens.token()}`;
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Access tokens by the client credentials grant (RFC 6749, 4.4), kept until they end. */
export class TokenSource {
  readonly #config: Oauth2Config;
  readonly #files: FileCache;
  readonly #clock: Clock;
  readonly #send: SendForm;
  #held: { readonly token: string; readonly untilMs: number } | undefined;
  #asking: Promise<string> | undefined;
  #failure: { readonly error: unknown; readonly untilMs: number } | undefined;

  constructor(config: Oauth2Config, deps: { files: FileCache; clock: Clock; send: SendForm }) {
    this.#config = config;
    this.#files = deps.files;
    this.#clock = deps.clock;
    this.#send = deps.send;
  }

  async token(): Promise<string> {
    const nowMs = this.#clock.nowMs();
    if (this.#held !== undefined && nowMs < this.#held.untilMs) return this.#held.token;
    if (this.#failure !== undefined && nowMs < this.#failure.untilMs) throw this.#failure.error;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  /** For a 401: the token was revoked before its end. */
  forget(): void {
    this.#held = undefined;
  }

  async #ask(): Promise<string> {
    const { clientId, clientSecret, clientSecretFile, scopes, tokenUrl, endpointParams } =
      this.#config;
    try {
      const secret =
        clientSecretFile === undefined
          ? (clientSecret?.reveal() ?? '')
          : await this.#files.readText(clientSecretFile);
      const form = new URLSearchParams({ grant_type: 'client_credentials', ...endpointParams });
      if (scopes.length > 0) form.set('scope', scopes.join(' '));
      const { status, text } = await this.#send({
        url: tokenUrl,
        body: form.toString(),
        headers: {
          authorization: basic(encodeURIComponent(clientId), encodeURIComponent(secret)),
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
      });
      const answer = status === 200 ? tokenOf(text) : undefined;
      if (answer === undefined) {
        throw new AppError(
          'HTTP_TOKEN_REFUSED',
          `oauth2: cannot fetch token: ${tokenUrl} answered with status ${status}`,
          { hint: 'Check client_id, client_secret and token_url', details: { status } },
        );
      }
      const lifetimeMs = answer.lifetimeSeconds * 1000 || unknownLifetimeMs;
      const untilMs = this.#clock.nowMs() + Math.max(lifetimeMs - expiryMarginMs, 1000);
      this.#held = { token: answer.token, untilMs };
      this.#failure = undefined;
      return answer.token;
    } catch (error) {
      this.#failure = { error, untilMs: this.#clock.nowMs() + failurePauseMs };
      throw error;
    }
  }
}

function tokenOf(text: string): { token: string; lifetimeSeconds: number } | undefined {
  try {
    const answer = JSON.parse(text) as { access_token?: unknown; expires_in?: unknown };
    if (typeof answer.access_token !== 'string' || answer.access_token === '') return undefined;
    return { token: answer.access_token, lifetimeSeconds: Number(answer.expires_in ?? 0) || 0 };
  } catch {
    return undefined;
  }
}
