import type { JiraConfig } from '../receivers/jira.ts';
import type { MattermostConfig } from '../receivers/mattermost.ts';
import type { RocketchatConfig } from '../receivers/rocketchat.ts';
import type { VictorOpsConfig } from '../receivers/victorops.ts';
import type { WebexConfig } from '../receivers/webex.ts';
import type { WechatConfig } from '../receivers/wechat.ts';
import type { GlobalFields } from './global.ts';
import type {
  EmailConfig,
  OpsgenieConfig,
  PagerdutyConfig,
  TelegramConfig,
} from './more-receiver-fields.ts';
import type { SlackConfig } from './receiver-fields.ts';

const tokenNeeded =
  'update_message and threads need an app_token: a webhook does not say which message it made';

export function slackOf(
  config: SlackConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): SlackConfig {
  const appUrl = config.appUrl === '' ? global.slackAppUrl : config.appUrl;
  const isPlaced =
    (config.apiUrl ?? config.apiUrlFile ?? config.appToken ?? config.appTokenFile) !== undefined;
  const needsToken = config.updateMessage || config.threads;
  const hasToken = (config.appToken ?? config.appTokenFile) !== undefined;
  if (isPlaced) {
    if (needsToken && !hasToken) problem(tokenNeeded);
    return { ...config, appUrl };
  }
  const { slackApiUrl, slackApiUrlFile, slackAppToken, slackAppTokenFile } = global;
  if ((slackAppToken ?? slackAppTokenFile) !== undefined) {
    return { ...config, appUrl, appToken: slackAppToken, appTokenFile: slackAppTokenFile };
  }
  if ((slackApiUrl ?? slackApiUrlFile) === undefined) {
    problem('no Slack API URL nor App token set either inline or in a file');
  } else if (needsToken) problem(tokenNeeded);
  return { ...config, appUrl, apiUrl: slackApiUrl, apiUrlFile: slackApiUrlFile };
}

export function emailOf(
  config: EmailConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): EmailConfig {
  const smarthost = config.smarthost || global.smtpSmarthost;
  const from = config.from || global.smtpFrom;
  if (smarthost === '') problem('no global SMTP smarthost set');
  else if (!/^.*:\d{1,5}$/.test(smarthost))
    problem(`address ${smarthost}: missing port in address`);
  if (from === '') problem('no global SMTP from set');
  const hasPassword = (config.authPassword ?? config.authPasswordFile) !== undefined;
  const hasSecret = (config.authSecret ?? config.authSecretFile) !== undefined;
  return {
    ...config,
    smarthost,
    from,
    hello: config.hello || global.smtpHello,
    authUsername: config.authUsername || global.smtpAuthUsername,
    authPassword: hasPassword ? config.authPassword : global.smtpAuthPassword,
    authPasswordFile: hasPassword ? config.authPasswordFile : global.smtpAuthPasswordFile,
    authSecret: hasSecret ? config.authSecret : global.smtpAuthSecret,
    authSecretFile: hasSecret ? config.authSecretFile : global.smtpAuthSecretFile,
    authIdentity: config.authIdentity || global.smtpAuthIdentity,
    requireTls: config.requireTls ?? global.smtpRequireTls,
    forceImplicitTls: config.forceImplicitTls ?? global.smtpForceImplicitTls,
    tlsConfig: config.tlsConfig ?? global.smtpTlsConfig,
  };
}

export function opsgenieOf(
  config: OpsgenieConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): OpsgenieConfig {
  const apiUrl = (config.apiUrl || global.opsgenieApiUrl).replace(/\/*$/, '/');
  if ((config.apiKey ?? config.apiKeyFile) !== undefined) return { ...config, apiUrl };
  const { opsgenieApiKey: apiKey, opsgenieApiKeyFile: apiKeyFile } = global;
  if ((apiKey ?? apiKeyFile) === undefined) {
    problem('no global OpsGenie API Key set either inline or in a file');
  }
  return { ...config, apiUrl, apiKey, apiKeyFile };
}

export function telegramOf(
  config: TelegramConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): TelegramConfig {
  const apiUrl = (config.apiUrl || global.telegramApiUrl).replace(/\/*$/, '');
  if ((config.botToken ?? config.botTokenFile) !== undefined) return { ...config, apiUrl };
  const { telegramBotToken: botToken, telegramBotTokenFile: botTokenFile } = global;
  if ((botToken ?? botTokenFile) === undefined) {
    problem('missing bot_token or bot_token_file on telegram_config');
  }
  return { ...config, apiUrl, botToken, botTokenFile };
}

const withSlash = (url: string): string => url.replace(/\/*$/, '/');

export function victoropsOf(
  config: VictorOpsConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): VictorOpsConfig {
  const apiUrl = withSlash(config.apiUrl || global.victoropsApiUrl);
  if ((config.apiKey ?? config.apiKeyFile) !== undefined) return { ...config, apiUrl };
  const { victoropsApiKey: apiKey, victoropsApiKeyFile: apiKeyFile } = global;
  if ((apiKey ?? apiKeyFile) === undefined) problem('no global VictorOps API Key set');
  return { ...config, apiUrl, apiKey, apiKeyFile };
}

export function wechatOf(
  config: WechatConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): WechatConfig {
  const apiUrl = withSlash(config.apiUrl || global.wechatApiUrl);
  const corpId = config.corpId || global.wechatApiCorpId;
  if (corpId === '') problem('no global Wechat CorpID set');
  if ((config.apiSecret ?? config.apiSecretFile) !== undefined) {
    return { ...config, apiUrl, corpId };
  }
  const { wechatApiSecret: apiSecret, wechatApiSecretFile: apiSecretFile } = global;
  if ((apiSecret ?? apiSecretFile) === undefined) problem('no global Wechat ApiSecret set');
  return { ...config, apiUrl, corpId, apiSecret, apiSecretFile };
}

export function jiraOf(
  config: JiraConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): JiraConfig {
  const apiUrl = config.apiUrl || global.jiraApiUrl;
  if (!/^https?:\/\/./.test(apiUrl)) problem('no global Jira Cloud URL set');
  return { ...config, apiUrl };
}

export function rocketchatOf(
  config: RocketchatConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): RocketchatConfig {
  const apiUrl = config.apiUrl || global.rocketchatApiUrl;
  if (config.webhookUrl !== undefined) return { ...config, apiUrl };
  const hasToken = (config.token ?? config.tokenFile) !== undefined;
  const hasTokenId = (config.tokenId ?? config.tokenIdFile) !== undefined;
  const token = hasToken ? config.token : global.rocketchatToken;
  const tokenFile = hasToken ? config.tokenFile : global.rocketchatTokenFile;
  const tokenId = hasTokenId ? config.tokenId : global.rocketchatTokenId;
  const tokenIdFile = hasTokenId ? config.tokenIdFile : global.rocketchatTokenIdFile;
  if ((tokenId ?? tokenIdFile) === undefined) {
    problem('no global Rocketchat TokenID set either inline or in a file');
  }
  if ((token ?? tokenFile) === undefined) {
    problem('no global Rocketchat Token set either inline or in a file');
  }
  return { ...config, apiUrl, token, tokenFile, tokenId, tokenIdFile };
}

export function mattermostOf(
  config: MattermostConfig,
  global: GlobalFields,
  problem: (message: string) => void,
): MattermostConfig {
  if ((config.webhookUrl ?? config.webhookUrlFile) !== undefined) return config;
  const { mattermostWebhookUrl: webhookUrl, mattermostWebhookUrlFile: webhookUrlFile } = global;
  if ((webhookUrl ?? webhookUrlFile) === undefined) {
    problem('missing webhook_url or webhook_url_file on mattermost_config');
  }
  return { ...config, webhookUrl, webhookUrlFile };
}

export const pagerdutyOf = (config: PagerdutyConfig, global: GlobalFields): PagerdutyConfig => ({
  ...config,
  url: config.url || global.pagerdutyUrl,
});

export const webexOf = (config: WebexConfig, global: GlobalFields): WebexConfig => ({
  ...config,
  apiUrl: config.apiUrl || global.webexApiUrl,
});
