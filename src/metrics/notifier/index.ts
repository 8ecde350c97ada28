/** Alerts on their way to Alertmanagers. */
export { AlertNotifier, type NotifierDeps } from './notifier.ts';
