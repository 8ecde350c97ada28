import { AppError } from '#base';

const defaultEndpoint = 'http://169.254.169.254';
const tokenSeconds = 21_600;
const maxAnswerBytes = 65_536;

export interface ImdsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `v1` asks without a session token. */
  readonly version?: 'v1' | 'v2';
  /** Each request; a pod behind a hop limit of 1 gets no answer at all. */
  readonly timeoutMs?: number;
}

/** A thin client of the EC2 instance metadata service. */
export class ImdsClient {
  readonly #base: string;
  readonly #options: ImdsOptions;
  #token: { value: string; expiresMs: number } | undefined;

  constructor(options: ImdsOptions) {
    this.#options = options;
    this.#base = (options.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || defaultEndpoint).replace(
      /\/$/,
      '',
    );
  }

  /**
   * `path` below /latest/, such as `meta-data/instance-id`; undefined for 404.
   * @throws {AppError} IMDS_UNAVAILABLE
   */
  async get(path: string, signal?: AbortSignal): Promise<string | undefined> {
    if (/^true$/i.test(this.#options.env['AWS_EC2_METADATA_DISABLED'] ?? '')) {
      throw new AppError(
        'IMDS_UNAVAILABLE',
        'Instance metadata is switched off by AWS_EC2_METADATA_DISABLED',
      );
    }
    const headers: Record<string, string> = {};
    if (this.#options.version !== 'v1')
      headers['x-aws-ec2-metadata-token'] = await this.#sessionToken(signal);
    const { status, text } = await this.#request('GET', `/latest/${path}`, headers, signal);
    if (status === 404) return undefined;
    if (status === 401) this.#token = undefined;
    if (status !== 200)
      throw new AppError('IMDS_UNAVAILABLE', `Instance metadata answered ${status} to ${path}`);
    return text;
  }

  async #sessionToken(signal: AbortSignal | undefined): Promise<string> {
    const nowMs = performance.now();
    if (this.#token !== undefined && nowMs < this.#token.expiresMs) return this.#token.value;
    const { status, text } = await this.#request(
      'PUT',
      '/latest/api/token',
      { 'x-aws-ec2-metadata-token-ttl-seconds': String(tokenSeconds) },
      signal,
    );
    if (status !== 200)
      throw new AppError('IMDS_UNAVAILABLE', `Instance metadata gave no token: ${status}`);
    this.#token = { value: text, expiresMs: nowMs + (tokenSeconds - 60) * 1000 };
    return text;
  }

  async #request(
    method: string,
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<{ status: number; text: string }> {
    const limit = AbortSignal.timeout(this.#options.timeoutMs ?? 1000);
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        headers,
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      return { status: response.status, text: (await response.text()).slice(0, maxAnswerBytes) };
    } catch (cause) {
      throw new AppError('IMDS_UNAVAILABLE', 'Instance metadata cannot be reached', { cause });
    }
  }
}
