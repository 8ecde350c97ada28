import { type Clock, isAppError, type Logger, type MetricsRegistry, watchFiles } from '#base';
import {
  type ConfigText,
  type LoadedConfig,
  loadPrometheusConfig,
  type PrometheusConfig,
} from './load.ts';
import { printConfig } from './print.ts';
import { configKey } from './secret.ts';

/** An editor saves in several steps, and a ConfigMap swaps links: wait until it is quiet. */
const settleMs = 200;

export interface PrometheusConfigSource {
  /** Asked at each load: nunchi.yaml may have changed meanwhile. Undefined: nothing is configured. */
  text(): ConfigText | undefined;
  /** What counts then, as text of a prometheus.yml. */
  readonly fallback: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The running configuration, all or nothing: one with any mistake changes nothing. */
export interface PrometheusConfigHandle extends Disposable {
  current(): PrometheusConfig;
  /** With secrets hidden. */
  yaml(): string;
  readonly lastReload: { readonly ok: boolean; readonly atMs: number };
  /** @throws {AppError} with every problem; the old configuration stays in force then */
  reload(): Promise<void>;
  /** Called after each change, one listener after the other; returns how to end it. */
  onChange(listener: (config: PrometheusConfig) => void | Promise<void>): () => void;
  /** Follows the files and SIGHUP from now on. */
  start(): void;
}

/** @throws {AppError} METRICS_CONFIG_INVALID, METRICS_CONFIG_UNREADABLE at the first load */
export function openPrometheusConfig(
  source: PrometheusConfigSource,
  deps: { readonly log: Logger; readonly metrics: MetricsRegistry; readonly clock: Clock },
): PrometheusConfigHandle {
  const { clock } = deps;
  const log = deps.log.child('metrics/config');
  const load = (): LoadedConfig =>
    loadPrometheusConfig(
      source.text() ?? { text: source.fallback, file: 'defaults', firstLine: 1, key: '' },
      source.env,
    );
  let loaded = load();
  let lastReload = { ok: true, atMs: clock.nowMs() };
  let lastSuccessMs = lastReload.atMs;
  let watcher: Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStarted = false;
  const listeners = new Set<(config: PrometheusConfig) => void | Promise<void>>();

  deps.metrics.collected(
    'prometheus_config_last_reload_successful',
    'Whether the last configuration reload attempt was successful',
    'gauge',
    () => [{ value: lastReload.ok ? 1 : 0 }],
  );
  deps.metrics.collected(
    'prometheus_config_last_reload_success_timestamp_seconds',
    'Timestamp of the last successful configuration reload',
    'gauge',
    () => [{ value: lastSuccessMs / 1000 }],
  );

  const warn = (): void => {
    for (const warning of loaded.warnings)
      log.warn('Part of the configuration has no effect', { warning });
  };

  const reloadOnce = async (): Promise<void> => {
    try {
      const next = load();
      const hasChanged = configKey(next.config) !== configKey(loaded.config);
      loaded = next;
      if (isStarted) follow();
      warn();
      log.info('Loaded the Prometheus configuration', { files: next.files, changed: hasChanged });
    } catch (error) {
      lastReload = { ok: false, atMs: clock.nowMs() };
      if (!isAppError(error)) throw error;
      log.error('Refused the Prometheus configuration, the old one stays in force', {
        reason: error.message,
      });
      throw error;
    }
    // Also where nothing changed: files that the configuration only names may have.
    let failure: unknown;
    for (const listener of listeners) {
      try {
        await listener(loaded.config);
      } catch (error) {
        failure ??= error;
      }
    }
    lastReload = { ok: failure === undefined, atMs: clock.nowMs() };
    if (failure !== undefined) throw failure;
    lastSuccessMs = lastReload.atMs;
  };

  /** One reload after the other. */
  const reload = (): Promise<void> => {
    const next = running.then(reloadOnce, reloadOnce);
    running = next.catch(() => {});
    return next;
  };
  const reloadSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void reload().catch(() => {}), settleMs);
    timer.unref();
  };
  const onHangup = (): void => void reload().catch(() => {});

  const follow = (): void => {
    watcher?.[Symbol.dispose]();
    watcher = watchFiles(loaded.files, reloadSoon, log);
  };

  return {
    current: () => loaded.config,
    yaml: () => printConfig(loaded.config),
    get lastReload() {
      return lastReload;
    },
    reload,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => {
      if (isStarted) return;
      isStarted = true;
      warn();
      // Without a file a hang-up is that of the terminal, and ends the program.
      if (source.text() !== undefined) process.on('SIGHUP', onHangup);
      follow();
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      watcher?.[Symbol.dispose]();
      process.off('SIGHUP', onHangup);
      listeners.clear();
    },
  };
}
