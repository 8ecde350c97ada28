import { loadAlertmanagerYaml } from '#alerting';
import { loadConfig } from '#config';
import { loadPrometheusConfig } from '#metrics/config';
import { alertmanagerText } from './alerting-role.ts';
import { prometheusText } from './metrics-role.ts';

/**
 * Prints nothing but a line for a good file, and what in it has no effect.
 * @throws {AppError} CONFIG_INVALID, CONFIG_UNREADABLE, METRICS_CONFIG_INVALID, ALERTMANAGER_CONFIG_INVALID
 */
export function checkConfig(
  file: string | undefined,
  flags: { readonly print?: boolean },
  env: NodeJS.ProcessEnv,
): void {
  const config = loadConfig(file, env);
  const prometheus = prometheusText(config.metrics);
  const { warnings } =
    prometheus === undefined ? { warnings: [] } : loadPrometheusConfig(prometheus, env);
  const alertmanager = alertmanagerText(config.alerting);
  const ofAlerts = alertmanager === undefined ? [] : loadAlertmanagerYaml(alertmanager).warnings;
  for (const warning of [...warnings, ...ofAlerts]) process.stderr.write(`${warning}\n`);
  if (flags.print !== true) {
    process.stdout.write(`${file ?? 'The default configuration'} is good\n`);
    return;
  }
  const isSecret = (key: string): boolean => key === 'token' || key === 'sharedKey';
  const text = JSON.stringify(
    config,
    (key, value: unknown) => (isSecret(key) && value !== undefined ? '***' : value),
    2,
  );
  process.stdout.write(`${text}\n`);
}

/**
 * Prints what a good alertmanager.yml holds.
 * @throws {AppError} ALERTMANAGER_CONFIG_INVALID, ALERTMANAGER_CONFIG_UNREADABLE
 */
export function checkAlertmanagerConfig(file: string): void {
  const config = loadAlertmanagerYaml({ path: file });
  for (const warning of config.warnings) process.stderr.write(`${warning}\n`);
  const count = (amount: number, what: string): string => ` - ${amount} ${what}\n`;
  process.stdout.write(
    `${file} is good\n${count(config.receivers.size, 'receivers')}${count(
      config.inhibitRules.length,
      'inhibit rules',
    )}${count(config.timeIntervals.size, 'time intervals')}${count(
      config.templateGlobs.length,
      'templates',
    )}`,
  );
}
