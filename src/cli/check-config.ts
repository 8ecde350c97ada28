import { loadConfig } from '#config';

/** Prints nothing but a line for a good file. @throws {AppError} CONFIG_INVALID, CONFIG_UNREADABLE */
export function checkConfig(
  file: string | undefined,
  flags: { readonly print?: boolean },
  env: NodeJS.ProcessEnv,
): void {
  const config = loadConfig(file, env);
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
