import type { Alertmanager, OpenDeps } from '#alerting';
import type { Notifications } from '#alerting/notifications';
import type { AlertRules } from '#alerting/rules';
import type { Clock, Logger } from '#base';

export interface GrafanaAlertingDeps {
  readonly rules: AlertRules;
  readonly notifications: Notifications;
  readonly alertmanager: Alertmanager;
  readonly http: OpenDeps;
  readonly clock: Clock;
  readonly log: Logger;
  /** Reads the files of provisioning again. @throws {AppError} PROVISIONING_INVALID */
  readonly reloadFiles: () => Promise<void>;
}
