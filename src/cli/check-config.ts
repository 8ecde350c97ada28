import { loadConfig } from '#config';
import { loadPrometheusConfig } from '#metrics/config';
import { prometheusText } from './metrics-role.ts';

/**
 * Prints nothing but a line for a good file, and what in it has no effect.
 * @throws {AppError} CONFIG_INVALID, CONFIG_UNREADABLE, METRICS_CONFIG_INVALID
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
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
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
