import type { JSONWebKeySet, JWK } from 'jose';
import type { Clock } from '#base';
import type { TeamsPlatform } from '../config/contract.ts';
import { messageRefused, platformFailed } from './failures.ts';
import { callRest } from './rest.ts';

/** Microsoft changes its keys seldom, and asks to look once a day. */
const keysAgeMs = 24 * 3_600_000;
/** A key that is not known is looked for; not more often than so. */
const keysPauseMs = 60_000;
/** Clocks of two machines may differ so much. */
const toleratedSeconds = 300;
/** A token is renewed so long before its end. */
const tokenMarginMs = 300_000;
const scope = 'https://api.botframework.com/.default';

type AuthConfig = Pick<
  TeamsPlatform,
  'appId' | 'appPassword' | 'openIdMetadataUrl' | 'issuer' | 'tokenUrl'
>;

export interface AuthDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Keys {
  readonly set: JSONWebKeySet;
  readonly algorithms: readonly string[];
  readonly atMs: number;
}

/** Whether an activity is Microsoft's, and that ours are us. */
export class TeamsAuth {
  readonly #config: AuthConfig;
  readonly #deps: AuthDeps;
  #keys: Keys | undefined;
  #token: { readonly value: Promise<string>; untilMs: number } | undefined;

  constructor(config: AuthConfig, deps: AuthDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  /**
   * Signed by Microsoft, for this bot, by the service and for the channel that the activity names.
   * @param header `Authorization` of the request
   * @throws {Error} saying what is wrong
   */
  async check(
    header: string | undefined,
    activity: { readonly serviceUrl: string; readonly channelId: string },
  ): Promise<void> {
    const [, token] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
    if (token === undefined) throw new Error('there is no bearer token');
    const { createLocalJWKSet, decodeProtectedHeader, jwtVerify } = await import('jose');
    const { kid } = decodeProtectedHeader(token);
    const { set, algorithms } = await this.#keysWith(kid);
    const { payload } = await jwtVerify(token, createLocalJWKSet(set), {
      issuer: this.#config.issuer,
      audience: this.#config.appId,
      algorithms: [...algorithms],
      clockTolerance: toleratedSeconds,
      currentDate: new Date(this.#deps.clock.nowMs()),
      requiredClaims: ['exp'],
    });
    if (payload['serviceurl'] !== activity.serviceUrl)
      throw new Error('the token is for another service address');
    const { endorsements } = (set.keys.find((key) => key.kid === kid) ?? {}) as JWK & {
      readonly endorsements?: readonly string[];
    };
    if (endorsements !== undefined && !endorsements.includes(activity.channelId))
      throw new Error(`the key is not good for the channel ${activity.channelId}`);
  }

  /** A token that Microsoft's services know us by. @throws {AppError} CHAT_PLATFORM_FAILED */
  token(): Promise<string> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#token !== undefined && nowMs < this.#token.untilMs) return this.#token.value;
    const entry = { value: this.#fetchToken(), untilMs: Number.POSITIVE_INFINITY };
    this.#token = entry;
    entry.value.catch(() => this.forget());
    return entry.value;
  }

  /** It was not taken: the next is a new one. */
  forget(): void {
    this.#token = undefined;
  }

  async #fetchToken(): Promise<string> {
    const { appId, appPassword, tokenUrl } = this.#config;
    const startMs = this.#deps.clock.monotonicMs();
    const answer = (await callRest(
      {
        what: 'The token of the Teams bot',
        url: tokenUrl,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: appId,
          client_secret: appPassword,
          scope,
        }).toString(),
      },
      this.#deps,
    )) as { readonly access_token?: unknown; readonly expires_in?: unknown } | undefined;
    const token = answer?.access_token;
    if (typeof token !== 'string')
      throw messageRefused('The token of the Teams bot: the answer has no access_token');
    const lifeMs = Number(answer?.expires_in ?? 3600) * 1000;
    if (this.#token !== undefined)
      this.#token.untilMs = startMs + Math.max(lifeMs / 2, lifeMs - tokenMarginMs);
    return token;
  }

  async #keysWith(kid: string | undefined): Promise<Keys> {
    const ageMs =
      this.#keys === undefined
        ? Number.POSITIVE_INFINITY
        : this.#deps.clock.monotonicMs() - this.#keys.atMs;
    const isKnown = this.#keys?.set.keys.some((key) => key.kid === kid) === true;
    if (this.#keys !== undefined && (isKnown ? ageMs < keysAgeMs : ageMs < keysPauseMs))
      return this.#keys;
    try {
      this.#keys = await this.#fetchKeys();
    } catch (error) {
      // Keys that were good yesterday are good when the address is away today.
      if (this.#keys === undefined || !isKnown) throw error;
    }
    return this.#keys;
  }

  async #fetchKeys(): Promise<Keys> {
    const read = async (url: string): Promise<Record<string, unknown>> => {
      const answer = await callRest(
        { what: 'Keys of Microsoft Teams', url, method: 'GET' },
        this.#deps,
      );
      if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
      throw platformFailed(`Keys of Microsoft Teams: ${url} gives no JSON object`);
    };
    const metadata = await read(this.#config.openIdMetadataUrl);
    const set = await read(String(metadata['jwks_uri'] ?? ''));
    const named = metadata['id_token_signing_alg_values_supported'];
    // Never by a secret that both share: keys here are public.
    const algorithms = (Array.isArray(named) ? named.map(String) : ['RS256']).filter((name) =>
      /^(RS|PS|ES)\d+$/.test(name),
    );
    return {
      set: set as unknown as JSONWebKeySet,
      algorithms,
      atMs: this.#deps.clock.monotonicMs(),
    };
  }
}
