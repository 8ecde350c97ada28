import { type Clock, isAppError, type Logger, type MetricsRegistry, watchFiles } from '#base';
import {
  type AlertmanagerText,
  type AlertmanagerYaml,
  defaultAlertmanagerYaml,
  loadAlertmanagerYaml,
} from './load.ts';

/** An editor saves in several steps, and a ConfigMap swaps links: wait until it is quiet. */
const settleMs = 200;

/** The running configuration, all or nothing: one with any mistake changes nothing. */
export interface AlertmanagerConfigHandle extends Disposable {
  current(): AlertmanagerYaml;
  /** @throws {AppError} with every problem; the old configuration stays in force then */
  reload(): void;
  /** Called after each load that succeeds. */
  onChange(listener: (config: AlertmanagerYaml) => void): void;
  /** Follows the files and SIGHUP from now on. */
  start(): void;
}

/**
 * @param text asked at each load; undefined: nothing is configured
 * @throws {AppError} ALERTMANAGER_CONFIG_INVALID, ALERTMANAGER_CONFIG_UNREADABLE at the first load
 */
export function openAlertmanagerConfig(
  text: () => AlertmanagerText | undefined,
  deps: { readonly clock: Clock; readonly log: Logger; readonly metrics: MetricsRegistry },
): AlertmanagerConfigHandle {
  const log = deps.log.child('alerting');
  const load = (): AlertmanagerYaml => {
    const source = text();
    return source === undefined ? defaultAlertmanagerYaml() : loadAlertmanagerYaml(source);
  };
  let current = load();
  let isGood = true;
  let goodAtMs = deps.clock.nowMs();
  let watcher: Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStarted = false;
  const listeners = new Set<(config: AlertmanagerYaml) => void>();
  deps.metrics.collected(
    'alertmanager_config_last_reload_successful',
    'Whether the last reload of the configuration succeeded',
    'gauge',
    () => [{ value: isGood ? 1 : 0 }],
  );
  deps.metrics.collected(
    'alertmanager_config_last_reload_success_timestamp_seconds',
    'When a reload of the configuration succeeded last',
    'gauge',
    () => [{ value: goodAtMs / 1000 }],
  );
  const warn = (): void => {
    for (const warning of current.warnings) {
      log.warn('Part of the configuration has no effect', { warning });
    }
  };
  const follow = (): void => {
    watcher?.[Symbol.dispose]();
    watcher = watchFiles([...current.files, ...current.templateGlobs], reloadSoon, log);
  };
  const reload = (): void => {
    try {
      current = load();
    } catch (error) {
      isGood = false;
      if (isAppError(error)) {
        log.error('Refused the Alertmanager configuration, the old one stays in force', {
          reason: error.message,
        });
      }
      throw error;
    }
    isGood = true;
    goodAtMs = deps.clock.nowMs();
    if (isStarted) follow();
    warn();
    log.info('Loaded the Alertmanager configuration', { files: current.files });
    for (const listener of listeners) listener(current);
  };
  /** What is wrong is in the log. */
  const tryReload = (): void => {
    try {
      reload();
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  };
  function reloadSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(tryReload, settleMs);
    timer.unref();
  }
  return {
    current: () => current,
    reload,
    onChange: (listener) => void listeners.add(listener),
    start: () => {
      if (isStarted) return;
      isStarted = true;
      warn();
      // Without a file a hang-up is that of the terminal, and ends the program.
      if (text() !== undefined) process.on('SIGHUP', tryReload);
      follow();
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      watcher?.[Symbol.dispose]();
      process.off('SIGHUP', tryReload);
      listeners.clear();
    },
  };
}
