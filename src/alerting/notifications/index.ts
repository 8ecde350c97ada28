/** Contact points, notification policies, mute timings and templates: kept, checked, in force. */
export { redactedSettings, revealedSettings } from './contact-points.ts';
export {
  type ContactPoint,
  type ContactPointInput,
  type MuteTiming,
  type NotificationModel,
  type NotificationTemplate,
  type Policy,
  redacted,
} from './contract.ts';
export { notificationError } from './errors.ts';
export type { Author as NotificationAuthor } from './model.ts';
export { type NotificationDeps, Notifications } from './store.ts';
export {
  maxTested,
  type TestAlert,
  type TestReceiver,
  type TestResult,
  testReceivers,
} from './test-receivers.ts';
export type { IntegrationType, SettingField } from './types/contract.ts';
export { integrationTypes } from './types/registry.ts';
export { replaceWhole, wholeConfig } from './whole-config.ts';
