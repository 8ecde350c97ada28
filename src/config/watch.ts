import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { isAppError, type Logger, type MetricsRegistry, silentLogger } from '#base';
import type { Config } from './contract.ts';
import type { Environment } from './environment.ts';
import { type ConfigFlags, parseConfig, readConfigText } from './load.ts';
import { adoptReloadable } from './reload.ts';

/** An editor saves in several steps, and a ConfigMap swaps links: wait until it is quiet. */
const settleMs = 200;

export interface ConfigWatcher extends AsyncDisposable {
  /** What is in force now. */
  readonly config: () => Config;
  /** Follows the file and SIGHUP from now on. */
  start(log: Logger): void;
  /** Reads the file again. False when it was refused; the old configuration stays in force then. */
  reload(): boolean;
  /** Called after each change; returns how to end it. */
  onChange(listener: (config: Config) => void): () => void;
}

/**
 * Loads the configuration and keeps it up to date, all or nothing: a file with any mistake changes
 * nothing. Keys that need a restart keep their old value, and the log names them.
 * @throws {AppError} CONFIG_INVALID, CONFIG_UNREADABLE at the first load only
 */
export function openConfigWatcher(
  source: {
    readonly path: string | undefined;
    readonly env: Environment;
    readonly flags: ConfigFlags;
  },
  deps: { readonly metrics: MetricsRegistry },
): ConfigWatcher {
  const { path } = source;
  const read = (text: string): Config =>
    parseConfig(text, { fileName: path ?? 'nunchi.yaml', env: source.env, flags: source.flags });
  let text = path === undefined ? '' : readConfigText(path);
  let current = read(text);
  let log = silentLogger;
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  const listeners = new Set<(config: Config) => void>();

  const reloads = deps.metrics.counter(
    'nunchi_config_reloads_total',
    'Reloads of the configuration, by result',
  );
  const isValid = deps.metrics.gauge(
    'nunchi_config_last_reload_successful',
    '1 when the configuration file was accepted at its last reading',
  );
  isValid.set(1);

  const reload = (): boolean => {
    if (path === undefined) return true;
    try {
      const next = readConfigText(path);
      const { config, changed, needRestart } = adoptReloadable(current, read(next));
      text = next;
      current = config;
      isValid.set(1);
      reloads.add(1, { result: 'success' });
      if (needRestart.length > 0) {
        log.warn('Changes of the configuration need a restart', { file: path, keys: needRestart });
      }
      log.info('Reloaded the configuration', { file: path, keys: changed });
      if (changed.length > 0) for (const listener of listeners) listener(current);
      return true;
    } catch (error) {
      if (!isAppError(error)) throw error;
      isValid.set(0);
      reloads.add(1, { result: 'failure' });
      log.error('Refused the changed configuration, the old one stays in force', {
        file: path,
        reason: error.message,
      });
      return false;
    }
  };

  const reloadIfChanged = (): void => {
    if (path === undefined) return;
    try {
      if (readConfigText(path) !== text) reload();
    } catch {
      // In the middle of being replaced, or removed: what was read stays in force.
    }
  };
  const onHangup = (): void => void reload();

  return {
    config: () => current,
    start: (logger) => {
      log = logger.child('config');
      if (path === undefined) return;
      process.on('SIGHUP', onHangup);
      // The folder, for the file itself may be replaced by another (editors, Kubernetes).
      watcher = watch(dirname(path), () => {
        clearTimeout(timer);
        timer = setTimeout(reloadIfChanged, settleMs);
        timer.unref();
      });
      watcher.on('error', (error) =>
        log.warn('Cannot watch the configuration file, SIGHUP still works', { err: error }),
      );
      watcher.unref();
    },
    reload,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      watcher?.close();
      process.off('SIGHUP', onHangup);
    },
  };
}
