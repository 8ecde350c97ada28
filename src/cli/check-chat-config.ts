import { readFileSync } from 'node:fs';
import { AppError, describeError } from '#base';
import { readBotkubeConfig } from '#chat';

/**
 * Prints what values of Botkube's chart say, and which keys have no effect. Files are laid over each other.
 * @throws {AppError} CHAT_CONFIG_INVALID, CHAT_CONFIG_UNREADABLE
 */
export function checkChatConfig(files: readonly string[], env: NodeJS.ProcessEnv): void {
  const texts = files.map((file) => {
    try {
      return { file, text: readFileSync(file, 'utf8') };
    } catch (error) {
      throw new AppError('CHAT_CONFIG_UNREADABLE', `${file}: ${describeError(error)}`);
    }
  });
  const config = readBotkubeConfig(texts, env);
  for (const warning of config.warnings) process.stderr.write(`${warning}\n`);
  if (config.problems.length > 0)
    throw new AppError('CHAT_CONFIG_INVALID', config.problems.join('\n'));
  const chats = config.platforms.map(
    ({ kind, channels }) => `${kind} (${channels.map(({ name }) => name).join(', ')})`,
  );
  const list = [...chats, ...config.sinks.map(({ kind }) => kind)].join(', ');
  process.stdout.write(`${files.join(', ')} is good\n - chats: ${list === '' ? 'none' : list}\n`);
}
