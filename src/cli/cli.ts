import { isAppError } from '#base';
import { createProgram } from './commands.ts';

/** Runs one command. @returns the exit code: 0, 1 for a failure, 2 for a wrong command line */
export async function runCli(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // A reader that has seen enough (head, less) closes the pipe: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  const program = createProgram(env);
  program.exitOverride();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2;
    if (!isAppError(error)) throw error;
    process.stderr.write(`nunchi: ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`  hint: ${error.hint}\n`);
    return isAppError(error, 'CONFIG_INVALID') ? 2 : 1;
  }
}

function isCommanderError(error: unknown): error is { readonly exitCode: number } {
  return error instanceof Error && 'exitCode' in error && 'code' in error;
}
