import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError, type Clock, describeError } from '#base';
import { type SigningCredentials, signHeaders } from '#sigv4';
import { ImdsClient } from './imds.ts';

export interface CredentialOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly region: string;
  readonly profile?: string | undefined;
  /** A role to take on with the credentials found. */
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  /** `sts.REGION.amazonaws.com` unless given. */
  readonly stsEndpoint?: string | undefined;
}

interface Found {
  readonly credentials: SigningCredentials;
  /** Absent: they do not expire. */
  readonly expiresMs?: number;
}

const refreshBeforeMs = 300_000;
const requestTimeoutMs = 5000;

/**
 * Finds AWS credentials where the SDKs do, in their order: environment, web identity, profile files,
 * container (EKS Pod Identity, ECS), instance metadata; then takes on `roleArn`. Found ones are kept
 * until shortly before they expire.
 */
export class CredentialChain {
  readonly #options: CredentialOptions;
  #found: Found | undefined;
  #finding: Promise<Found> | undefined;

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  /** @throws {AppError} AWS_CREDENTIALS_MISSING */
  async get(): Promise<SigningCredentials> {
    const nowMs = this.#options.clock.nowMs();
    if (
      this.#found !== undefined &&
      nowMs < (this.#found.expiresMs ?? Number.POSITIVE_INFINITY) - refreshBeforeMs
    ) {
      return this.#found.credentials;
    }
    this.#finding ??= this.#find().finally(() => {
      this.#finding = undefined;
    });
    try {
      this.#found = await this.#finding;
    } catch (error) {
      // Still good for a few minutes: better than stopping.
      if (this.#found !== undefined && nowMs < (this.#found.expiresMs ?? 0))
        return this.#found.credentials;
      throw error;
    }
    return this.#found.credentials;
  }

  /** Forgets what was found: the service said that it is no longer good. */
  invalidate(): void {
    this.#found = undefined;
  }

  async #find(): Promise<Found> {
    const { env, profile } = this.#options;
    const sources: [name: string, find: () => Promise<Found | undefined>][] = [
      ['environment', async () => (profile === undefined ? fromEnv(env) : undefined)],
      ['web identity', () => this.#fromWebIdentity()],
      ['profile', () => fromProfile(env, profile)],
      ['container', () => fromContainer(env)],
      ['instance metadata', () => fromInstance(env)],
    ];
    const reasons: string[] = [];
    for (const [name, find] of sources) {
      try {
        const found = await find();
        if (found !== undefined) return await this.#takeRole(found);
        reasons.push(`${name}: not set up`);
      } catch (error) {
        reasons.push(`${name}: ${describeError(error)}`);
      }
    }
    throw new AppError(
      'AWS_CREDENTIALS_MISSING',
      `No AWS credentials found (${reasons.join('; ')})`,
      {
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the service account or node a role',
      },
    );
  }

  async #fromWebIdentity(): Promise<Found | undefined> {
    const { env } = this.#options;
    const roleArn = env['AWS_ROLE_ARN'];
    const tokenFile = env['AWS_WEB_IDENTITY_TOKEN_FILE'];
    if (!roleArn || !tokenFile) return undefined;
    const token = (await readFile(tokenFile, 'utf8')).trim();
    return await this.#sts({
      Action: 'AssumeRoleWithWebIdentity',
      RoleArn: roleArn,
      RoleSessionName: env['AWS_ROLE_SESSION_NAME'] || 'nunchi-agent',
      WebIdentityToken: token,
    });
  }

  async #takeRole(found: Found): Promise<Found> {
    const { roleArn, externalId } = this.#options;
    if (roleArn === undefined) return found;
    return await this.#sts(
      {
        Action: 'AssumeRole',
        RoleArn: roleArn,
        RoleSessionName: 'nunchi-agent',
        ...(externalId !== undefined && { ExternalId: externalId }),
      },
      found.credentials,
    );
  }

  async #sts(parameters: Record<string, string>, credentials?: SigningCredentials): Promise<Found> {
    const { region, stsEndpoint, clock } = this.#options;
    const host = stsEndpoint ?? `sts.${region}.${awsDomain(region)}`;
    const url = new URL(/^https?:\/\//.test(host) ? host : `https://${host}`);
    const body = new URLSearchParams({ ...parameters, Version: '2011-06-15' }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const signed =
      credentials === undefined
        ? headers
        : signHeaders({
            method: 'POST',
            url,
            headers,
            body,
            credentials,
            region,
            service: 'sts',
            nowMs: clock.nowMs(),
          });
    const { host: _, ...sent } = signed as Record<string, string>;
    const response = await fetch(url, {
      method: 'POST',
      headers: sent,
      body,
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const text = await response.text();
    const field = (name: string): string | undefined =>
      new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    if (!response.ok) {
      throw new AppError(
        'AWS_STS_FAILED',
        `${parameters['Action']} failed: ${field('Code') ?? response.status} ${field('Message') ?? ''}`,
      );
    }
    const accessKeyId = field('AccessKeyId');
    const secretAccessKey = field('SecretAccessKey');
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new AppError('AWS_STS_FAILED', `${parameters['Action']} gave no credentials`);
    }
    return foundOf(accessKeyId, secretAccessKey, field('SessionToken'), field('Expiration'));
  }
}

/** Where a region's endpoints are: `amazonaws.com`, in China `amazonaws.com.cn`. */
export function awsDomain(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

function foundOf(
  accessKeyId: string,
  secretAccessKey: string,
  sessionToken: string | undefined,
  expiration: string | undefined,
): Found {
  const expiresMs = expiration === undefined ? Number.NaN : Date.parse(expiration);
  return {
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    ...(!Number.isNaN(expiresMs) && { expiresMs }),
  };
}

function fromEnv(env: CredentialOptions['env']): Found | undefined {
  const id = env['AWS_ACCESS_KEY_ID'];
  const secret = env['AWS_SECRET_ACCESS_KEY'];
  return id && secret ? foundOf(id, secret, env['AWS_SESSION_TOKEN'], undefined) : undefined;
}

async function fromProfile(
  env: CredentialOptions['env'],
  wanted: string | undefined,
): Promise<Found | undefined> {
  const profile = wanted ?? (env['AWS_PROFILE'] || 'default');
  const folder = join(env['HOME'] || homedir(), '.aws');
  const files = [
    env['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials'),
    env['AWS_CONFIG_FILE'] || join(folder, 'config'),
  ];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const values = text === undefined ? undefined : iniSection(text, profile);
    const id = values?.get('aws_access_key_id');
    const secret = values?.get('aws_secret_access_key');
    if (id && secret) return foundOf(id, secret, values?.get('aws_session_token'), undefined);
  }
  return undefined;
}

function iniSection(text: string, name: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let isInside = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(?:profile\s+)?(.+?)\s*\]/.exec(line);
    if (header !== null) isInside = header[1] === name;
    else if (isInside) {
      const pair = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line);
      if (pair !== null) values.set(pair[1]!.toLowerCase(), pair[2]!);
    }
  }
  return values;
}

async function fromContainer(env: CredentialOptions['env']): Promise<Found | undefined> {
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = relative
    ? `http://169.254.170.2${relative}`
    : env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (!url) return undefined;
  const tokenFile = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token = tokenFile
    ? (await readFile(tokenFile, 'utf8')).trim()
    : env['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  const response = await fetch(url, {
    headers: token ? { authorization: token } : {},
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!response.ok)
    throw new AppError('AWS_CREDENTIALS_MISSING', `${url} answered ${response.status}`);
  return fromDocument(await response.text());
}

async function fromInstance(env: CredentialOptions['env']): Promise<Found | undefined> {
  const imds = new ImdsClient({ env });
  const path = 'meta-data/iam/security-credentials/';
  const role = (await imds.get(path))?.split('\n')[0]?.trim();
  if (!role) return undefined;
  const document = await imds.get(`${path}${role}`);
  return document === undefined ? undefined : fromDocument(document);
}

function fromDocument(text: string): Found | undefined {
  const document = JSON.parse(text) as Partial<Record<string, string>>;
  const {
    AccessKeyId: id,
    SecretAccessKey: secret,
    Token: token,
    Expiration: expiration,
  } = document;
  return id && secret ? foundOf(id, secret, token, expiration) : undefined;
}
