import type { Field } from '#metrics/config';
import type { CommonFields } from '../config/common-fields.ts';
import {
  emailOf,
  jiraOf,
  mattermostOf,
  opsgenieOf,
  pagerdutyOf,
  rocketchatOf,
  slackOf,
  telegramOf,
  victoropsOf,
  webexOf,
  wechatOf,
} from '../config/completions.ts';
import type { GlobalFields } from '../config/global.ts';
import {
  type DiscordConfig,
  discord,
  type EmailConfig,
  email,
  msteams,
  msteamsv2,
  type OpsgenieConfig,
  opsgenie,
  type PagerdutyConfig,
  pagerduty,
  type TeamsConfig,
  type TeamsV2Config,
  type TelegramConfig,
  telegram,
} from '../config/more-receiver-fields.ts';
import { type SlackConfig, slack, type WebhookConfig, webhook } from '../config/receiver-fields.ts';
import type { Sender, SenderDeps } from './contract.ts';
import { type DingtalkConfig, dingtalk, dingtalkSender } from './dingtalk.ts';
import { discordSender } from './discord.ts';
import { emailSender } from './email.ts';
import { type FeishuConfig, feishu, feishuSender } from './feishu.ts';
import { type GooglechatConfig, googlechat, googlechatSender } from './googlechat.ts';
import { type GrafanaSlackConfig, grafanaSlack, grafanaSlackSender } from './grafana-slack.ts';
import {
  type GrafanaWebhookConfig,
  grafanaWebhook,
  grafanaWebhookSender,
} from './grafana-webhook.ts';
import { type IncidentioConfig, incidentio, incidentioSender } from './incidentio.ts';
import { type JiraConfig, jira, jiraSender } from './jira.ts';
import { type KafkaConfig, kafka, kafkaSender } from './kafka.ts';
import { type LineConfig, line, lineSender } from './line.ts';
import { type MatrixConfig, matrix, matrixSender } from './matrix.ts';
import { type MattermostConfig, mattermost, mattermostSender } from './mattermost.ts';
import { msteamsSender, msteamsv2Sender } from './msteams.ts';
import { opsgenieSender } from './opsgenie.ts';
import { pagerdutySender } from './pagerduty.ts';
import { type PushoverConfig, pushover, pushoverSender } from './pushover.ts';
import { type RocketchatConfig, rocketchat, rocketchatSender } from './rocketchat.ts';
import { slackSender } from './slack.ts';
import { type SnsConfig, sns, snsSender } from './sns.ts';
import { telegramSender } from './telegram.ts';
import { type ThreemaConfig, threema, threemaSender } from './threema.ts';
import { type VictorOpsConfig, victorOpsSender, victorops } from './victorops.ts';
import { type WebexConfig, webex, webexSender } from './webex.ts';
import { webhookSender } from './webhook.ts';
import { type WechatConfig, wechat, wechatSender } from './wechat.ts';
import { type ZendutyConfig, zenduty, zendutySender } from './zenduty.ts';

/** Ways to tell, and their configuration. */
export interface ConfigOfKind {
  readonly webhook: WebhookConfig;
  readonly slack: SlackConfig;
  readonly email: EmailConfig;
  readonly pagerduty: PagerdutyConfig;
  readonly opsgenie: OpsgenieConfig;
  readonly discord: DiscordConfig;
  readonly msteams: TeamsConfig;
  readonly msteamsv2: TeamsV2Config;
  readonly telegram: TelegramConfig;
  readonly sns: SnsConfig;
  readonly victorops: VictorOpsConfig;
  readonly pushover: PushoverConfig;
  readonly wechat: WechatConfig;
  readonly webex: WebexConfig;
  readonly jira: JiraConfig;
  readonly rocketchat: RocketchatConfig;
  readonly mattermost: MattermostConfig;
  readonly incidentio: IncidentioConfig;
  readonly googlechat: GooglechatConfig;
  readonly matrix: MatrixConfig;
  readonly zenduty: ZendutyConfig;
  readonly feishu: FeishuConfig;
  readonly dingtalk: DingtalkConfig;
  readonly line: LineConfig;
  readonly threema: ThreemaConfig;
  readonly kafka: KafkaConfig;
  readonly grafanaSlack: GrafanaSlackConfig;
  readonly grafanaWebhook: GrafanaWebhookConfig;
}

export type IntegrationKind = keyof ConfigOfKind;

/** What there is to know of one way to tell, whoever configures it: a file, a contact point, a watch. */
export interface ReceiverKind<C extends CommonFields> {
  /** Keys of its section in an alertmanager.yml, with defaults and what must hold. */
  readonly fields: Field<C>;
  /** With what it takes over of `global`. */
  readonly complete?: (config: C, global: GlobalFields, problem: (message: string) => void) => C;
  readonly open: (config: C, deps: SenderDeps) => Sender;
}

/** Every way to tell. Another one is a file with its fields and its sender, and a line here. */
export const receiverKinds: { readonly [K in IntegrationKind]: ReceiverKind<ConfigOfKind[K]> } = {
  webhook: { fields: webhook, open: webhookSender },
  slack: { fields: slack, complete: slackOf, open: slackSender },
  email: { fields: email, complete: emailOf, open: emailSender },
  pagerduty: { fields: pagerduty, complete: pagerdutyOf, open: pagerdutySender },
  opsgenie: { fields: opsgenie, complete: opsgenieOf, open: opsgenieSender },
  discord: { fields: discord, open: discordSender },
  msteams: { fields: msteams, open: msteamsSender },
  msteamsv2: { fields: msteamsv2, open: msteamsv2Sender },
  telegram: { fields: telegram, complete: telegramOf, open: telegramSender },
  sns: { fields: sns, open: snsSender },
  victorops: { fields: victorops, complete: victoropsOf, open: victorOpsSender },
  pushover: { fields: pushover, open: pushoverSender },
  wechat: { fields: wechat, complete: wechatOf, open: wechatSender },
  webex: { fields: webex, complete: webexOf, open: webexSender },
  jira: { fields: jira, complete: jiraOf, open: jiraSender },
  rocketchat: { fields: rocketchat, complete: rocketchatOf, open: rocketchatSender },
  mattermost: { fields: mattermost, complete: mattermostOf, open: mattermostSender },
  incidentio: { fields: incidentio, open: incidentioSender },
  googlechat: { fields: googlechat, open: googlechatSender },
  matrix: { fields: matrix, open: matrixSender },
  zenduty: { fields: zenduty, open: zendutySender },
  feishu: { fields: feishu, open: feishuSender },
  dingtalk: { fields: dingtalk, open: dingtalkSender },
  line: { fields: line, open: lineSender },
  threema: { fields: threema, open: threemaSender },
  kafka: { fields: kafka, open: kafkaSender },
  grafanaSlack: { fields: grafanaSlack, open: grafanaSlackSender },
  grafanaWebhook: { fields: grafanaWebhook, open: grafanaWebhookSender },
};

export const integrationKinds: readonly IntegrationKind[] = Object.keys(
  receiverKinds,
) as IntegrationKind[];
