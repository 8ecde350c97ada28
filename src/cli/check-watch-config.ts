import { readFileSync } from 'node:fs';
import { AppError, describeError } from '#base';
import { checkKwatchConfig } from '#watch';

/**
 * Prints what a good config.yaml of kwatch says, and which keys have no effect.
 * @throws {AppError} WATCH_CONFIG_INVALID, WATCH_CONFIG_UNREADABLE
 */
export function checkWatchConfig(file: string, env: NodeJS.ProcessEnv): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError('WATCH_CONFIG_UNREADABLE', `failed to load config: ${describeError(error)}`);
  }
  const { providers, warnings } = checkKwatchConfig(file, text, env);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  const types = providers.map(({ type }) => type).join(', ');
  process.stdout.write(`${file} is good\n - providers: ${types === '' ? 'none' : types}\n`);
}
