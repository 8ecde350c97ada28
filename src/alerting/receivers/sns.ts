import { awsDomain, CredentialChain } from '#aws-client';
import { describeError } from '#base';
import { type Field, flag, record, type Sigv4Config, section, sigv4, text } from '#metrics/config';
import { type SigningCredentials, signHeaders } from '#sigv4';
import { type CommonFields, common } from '../config/common-fields.ts';
import type { Notification } from '../contract.ts';
import { DeliveryError, type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { textsFor, truncated, truncatedBytes } from './texts.ts';

/** SNS takes less than 100 characters. */
const maxSubjectChars = 99;
const maxMessageBytes = 256 * 1024;
/** Of a text message to a phone. */
const maxSmsChars = 1600;

export interface SnsConfig extends CommonFields {
  /** Empty: the region's endpoint. */
  readonly apiUrl: string;
  readonly sigv4: Sigv4Config;
  readonly topicArn: string;
  readonly phoneNumber: string;
  readonly targetArn: string;
  readonly subject: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Accepted: there is one HTTP client here. */
  readonly useAwsHttpClient: boolean;
}

export const sns: Field<SnsConfig> = section<SnsConfig>(
  {
    ...common(true),
    apiUrl: text(),
    sigv4,
    topicArn: text(),
    phoneNumber: text(),
    targetArn: text(),
    subject: text('{{ template "sns.default.subject" . }}'),
    message: text('{{ template "sns.default.message" . }}'),
    attributes: record(text()),
    useAwsHttpClient: flag(false),
  },
  ({ topicArn, phoneNumber, targetArn }) =>
    [topicArn, phoneNumber, targetArn].filter((to) => to !== '').length === 1
      ? undefined
      : 'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config',
);

/** Publishes to a topic, an endpoint or a phone, signed for AWS. */
export function snsSender(config: SnsConfig, deps: SenderDeps): Sender {
  const chains = new Map<string, CredentialChain>();
  return sender(async (notification, signal) => {
    const texts = textsFor(deps.templates, notification);
    const parameters = publishParameters(config, notification, texts);
    const arn = parameters.get('TopicArn') ?? parameters.get('TargetArn') ?? '';
    const region = regionOf(config, arn, deps.env);
    const url = new URL(texts.text(config.apiUrl) || `https://sns.${region}.${awsDomain(region)}/`);
    const chain = chains.get(region) ?? chainOf(config, region, deps);
    chains.set(region, chain);
    const body = parameters.toString();
    const { host: _, ...headers } = signHeaders({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
      credentials: await credentialsOf(config, chain),
      region,
      service: 'sns',
      nowMs: deps.clock.nowMs(),
    });
    try {
      await deps.http.post({ url: url.href, body, headers, signal });
    } catch (error) {
      throw refusalOf(error, chain);
    }
    return undefined;
  });
}

function publishParameters(
  config: SnsConfig,
  notification: Notification,
  { text }: Texts,
): URLSearchParams {
  const parameters = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31' });
  const topic = text(config.topicArn);
  const phone = text(config.phoneNumber);
  const target = text(config.targetArn);
  if (topic !== '') parameters.set('TopicArn', topic);
  if (phone !== '') parameters.set('PhoneNumber', phone);
  if (target !== '') parameters.set('TargetArn', target);
  if (topic.endsWith('.fifo')) {
    parameters.set('MessageGroupId', groupHash(notification.groupKey));
    // Of the news, not of the group: an end within five minutes of the start is no repetition.
    const news = notification.alerts.map(({ alert, status }) => `${alert.fingerprint} ${status}`);
    parameters.set(
      'MessageDeduplicationId',
      groupHash(`${notification.groupKey} ${notification.nowMs} ${news.join(' ')}`),
    );
  }
  const message = text(config.message);
  const short =
    phone === '' ? truncatedBytes(message, maxMessageBytes) : truncated(message, maxSmsChars);
  parameters.set('Message', short);
  const subject = text(config.subject)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  if (subject !== '') parameters.set('Subject', truncated(subject, maxSubjectChars));
  const attributes = Object.entries(config.attributes).map(
    ([name, value]) => [text(name), text(value)] as const,
  );
  if (short !== message) attributes.push(['truncated', 'true']);
  for (const [at, [name, value]] of attributes.entries()) {
    const key = `MessageAttributes.entry.${at + 1}`;
    parameters.set(`${key}.Name`, name);
    parameters.set(`${key}.Value.DataType`, 'String');
    parameters.set(`${key}.Value.StringValue`, value);
  }
  return parameters;
}

/** Of the configuration, the resource's name or the environment. */
function regionOf(config: SnsConfig, arn: string, env: SenderDeps['env']): string {
  const region =
    config.sigv4.region ||
    arn.split(':')[3] ||
    env['AWS_REGION'] ||
    env['AWS_DEFAULT_REGION'] ||
    '';
  if (region !== '') return region;
  throw new DeliveryError('region not configured in sigv4.region or in the environment', {
    isRetryable: false,
  });
}

function chainOf(config: SnsConfig, region: string, { clock, env }: SenderDeps): CredentialChain {
  const { accessKey, secretKey, profile, roleArn, externalId } = config.sigv4;
  // Keys of the configuration stand in for those of the environment: a role may be taken on with them.
  const withKeys =
    accessKey === ''
      ? env
      : {
          ...env,
          AWS_ACCESS_KEY_ID: accessKey,
          AWS_SECRET_ACCESS_KEY: secretKey?.reveal() ?? '',
          AWS_SESSION_TOKEN: undefined,
        };
  return new CredentialChain({
    env: withKeys,
    clock,
    region,
    profile: profile === '' || accessKey !== '' ? undefined : profile,
    roleArn: roleArn === '' ? undefined : roleArn,
    externalId: externalId === '' ? undefined : externalId,
  });
}

async function credentialsOf(
  { sigv4: { accessKey } }: SnsConfig,
  chain: CredentialChain,
): Promise<SigningCredentials> {
  try {
    return await chain.get();
  } catch (error) {
    // What a role or a metadata service refuses now it may give later.
    throw new DeliveryError(describeError(error), { isRetryable: accessKey === '', cause: error });
  }
}

/** Errors of AWS have their names in the body; being asked to slow down is a 400 as well. */
function refusalOf(error: unknown, chain: CredentialChain): unknown {
  if (!(error instanceof DeliveryError) || error.answer === undefined) return error;
  const code = /<Code>([^<]*)<\/Code>/.exec(error.answer)?.[1] ?? '';
  const message = /<Message>([^<]*)<\/Message>/.exec(error.answer)?.[1] ?? error.message;
  if (/^(ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch)/.test(code)) chain.invalidate();
  const isLimited = /^(Throttl|TooManyRequests|RequestLimitExceeded)/.test(code);
  return new DeliveryError(code === '' ? error.message : `${code}: ${message}`, {
    isRetryable: error.isRetryable || isLimited || code === 'ExpiredToken',
    reason: isLimited ? 'rateLimited' : error.reason,
    retryAfterMs: error.retryAfterMs,
  });
}
