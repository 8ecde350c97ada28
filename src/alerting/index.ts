/** What Alertmanager does: alerts are grouped, routed, silenced, inhibited, and receivers are told. */
export type { Integration } from './config/integrations.ts';
export {
  type AlertmanagerText,
  type AlertmanagerYaml,
  defaultAlertmanagerYaml,
  loadAlertmanagerYaml,
} from './config/load.ts';
export { readReceiver, readTimeIntervals } from './config/receiver-document.ts';
export { type AlertmanagerConfigHandle, openAlertmanagerConfig } from './config/source.ts';
export type { TimeInterval } from './config/time-interval.ts';
export type { Alert, Notification, PostedAlert, Silence, SilenceState } from './contract.ts';
export { Alertmanager, type AlertmanagerDeps, type AlertStatus } from './engine/alertmanager.ts';
export type { ChannelView, DeliveryAttempt } from './engine/delivery.ts';
export type { GroupView } from './engine/dispatcher.ts';
export { type Explanation, explain } from './engine/explain.ts';
export { Journal } from './engine/journal.ts';
export { buildRoutes, matchRoutes, type Route, type WrittenRoute } from './engine/route.ts';
export { silenceState } from './engine/silences.ts';
export { fingerprintOf, type LabelSet } from './labels.ts';
export { formatMatchers, type Matchers, matcherOf, matchesAll, parseMatcher } from './matchers.ts';
export type {
  EvidenceSeries,
  EvidenceSources,
  MessageMaker,
  MessageSettings,
} from './messages/contract.ts';
export { messageMaker } from './messages/make.ts';
export { DeliveryError } from './receivers/contract.ts';
export { alertmanagerVersion } from './receivers/http-sender.ts';
export { type OpenDeps, openSender } from './receivers/open.ts';
export { type PicturePost, postPicture, takesPictures } from './receivers/picture-post.ts';
export { previewNotification, previewTemplates, type TemplatePreview } from './template/preview.ts';
export { TemplateSet } from './template/template-set.ts';
