import {
  defaultHttpClient,
  duration,
  type Field,
  flag,
  type HttpClientConfig,
  optional,
  path,
  type Secret,
  secret,
  section,
  type TlsConfig,
  text,
  tlsConfig,
} from '#metrics/config';
import { httpConfig, secretUrl } from './common-fields.ts';

/** What receivers have where they say nothing themselves. */
export interface GlobalFields {
  readonly resolveTimeoutMs: number;
  readonly httpConfig: HttpClientConfig;
  readonly smtpFrom: string;
  readonly smtpHello: string;
  readonly smtpSmarthost: string;
  readonly smtpAuthUsername: string;
  readonly smtpAuthPassword: Secret | undefined;
  readonly smtpAuthPasswordFile: string | undefined;
  readonly smtpAuthSecret: Secret | undefined;
  readonly smtpAuthSecretFile: string | undefined;
  readonly smtpAuthIdentity: string;
  readonly smtpRequireTls: boolean;
  readonly smtpForceImplicitTls: boolean | undefined;
  readonly smtpTlsConfig: TlsConfig | undefined;
  readonly slackApiUrl: Secret | undefined;
  readonly slackApiUrlFile: string | undefined;
  readonly slackAppToken: Secret | undefined;
  readonly slackAppTokenFile: string | undefined;
  readonly slackAppUrl: string;
  readonly pagerdutyUrl: string;
  readonly opsgenieApiUrl: string;
  readonly opsgenieApiKey: Secret | undefined;
  readonly opsgenieApiKeyFile: string | undefined;
  readonly telegramApiUrl: string;
  readonly telegramBotToken: Secret | undefined;
  readonly telegramBotTokenFile: string | undefined;
  readonly mattermostWebhookUrl: Secret | undefined;
  readonly mattermostWebhookUrlFile: string | undefined;
  readonly wechatApiUrl: string;
  readonly wechatApiSecret: Secret | undefined;
  readonly wechatApiSecretFile: string | undefined;
  readonly wechatApiCorpId: string;
  readonly victoropsApiUrl: string;
  readonly victoropsApiKey: Secret | undefined;
  readonly victoropsApiKeyFile: string | undefined;
  readonly webexApiUrl: string;
  readonly jiraApiUrl: string;
  readonly rocketchatApiUrl: string;
  readonly rocketchatToken: Secret | undefined;
  readonly rocketchatTokenFile: string | undefined;
  readonly rocketchatTokenId: Secret | undefined;
  readonly rocketchatTokenIdFile: string | undefined;
}

export const global: Field<GlobalFields> = section<GlobalFields>(
  {
    resolveTimeoutMs: duration(300_000),
    httpConfig: { absent: () => defaultHttpClient, read: httpConfig.read },
    smtpFrom: text(),
    smtpHello: text('localhost'),
    smtpSmarthost: text(),
    smtpAuthUsername: text(),
    smtpAuthPassword: secret,
    smtpAuthPasswordFile: optional(path),
    smtpAuthSecret: secret,
    smtpAuthSecretFile: optional(path),
    smtpAuthIdentity: text(),
    smtpRequireTls: flag(true),
    smtpForceImplicitTls: optional(flag(false)),
    smtpTlsConfig: optional(tlsConfig),
    slackApiUrl: secretUrl,
    slackApiUrlFile: optional(path),
    slackAppToken: secret,
    slackAppTokenFile: optional(path),
    slackAppUrl: text('https://slack.com/api/chat.postMessage'),
    pagerdutyUrl: text('https://events.pagerduty.com/v2/enqueue'),
    opsgenieApiUrl: text('https://api.opsgenie.com/'),
    opsgenieApiKey: secret,
    opsgenieApiKeyFile: optional(path),
    telegramApiUrl: text('https://api.telegram.org'),
    telegramBotToken: secret,
    telegramBotTokenFile: optional(path),
    mattermostWebhookUrl: secretUrl,
    mattermostWebhookUrlFile: optional(path),
    wechatApiUrl: text('https://qyapi.weixin.qq.com/cgi-bin/'),
    wechatApiSecret: secret,
    wechatApiSecretFile: optional(path),
    wechatApiCorpId: text(),
    victoropsApiUrl: text('https://alert.victorops.com/integrations/generic/20131114/alert/'),
    victoropsApiKey: secret,
    victoropsApiKeyFile: optional(path),
    webexApiUrl: text('https://webexapis.com/v1/messages'),
    jiraApiUrl: text(),
    rocketchatApiUrl: text('https://open.rocket.chat/'),
    rocketchatToken: secret,
    rocketchatTokenFile: optional(path),
    rocketchatTokenId: secret,
    rocketchatTokenIdFile: optional(path),
  },
  (value) => {
    const both: readonly (readonly [string, unknown, unknown])[] = [
      ['slack_api_url', value.slackApiUrl, value.slackApiUrlFile],
      ['slack_app_token', value.slackAppToken, value.slackAppTokenFile],
      ['opsgenie_api_key', value.opsgenieApiKey, value.opsgenieApiKeyFile],
      ['telegram_bot_token', value.telegramBotToken, value.telegramBotTokenFile],
      ['smtp_auth_password', value.smtpAuthPassword, value.smtpAuthPasswordFile],
      ['wechat_api_secret', value.wechatApiSecret, value.wechatApiSecretFile],
      ['victorops_api_key', value.victoropsApiKey, value.victoropsApiKeyFile],
      ['rocketchat_token', value.rocketchatToken, value.rocketchatTokenFile],
      ['rocketchat_token_id', value.rocketchatTokenId, value.rocketchatTokenIdFile],
      ['mattermost_webhook_url', value.mattermostWebhookUrl, value.mattermostWebhookUrlFile],
    ];
    const [key] = both.find(([, a, b]) => a !== undefined && b !== undefined) ?? [];
    return key === undefined ? undefined : `at most one of ${key} & ${key}_file must be configured`;
  },
);
