import { Command } from 'commander';
import { MetricsRegistry } from '#base';
import { type ConfigFlags, loadConfig } from '#config';
import { programVersion } from './version.ts';

export interface GlobalFlags extends ConfigFlags {
  readonly config?: string;
}

/** The command line. @param env read here and nowhere deeper */
export function createProgram(env: NodeJS.ProcessEnv): Command {
  const program = new Command('nunchi')
    .description("All of a Kubernetes cluster's observability in one program")
    .version(programVersion(), '-v, --version')
    .showHelpAfterError('(nunchi --help lists the commands)')
    .enablePositionalOptions();

  const configured = (command: Command): Command =>
    command
      .option('--config <file>', 'configuration file (NUNCHI_CONFIG)', env['NUNCHI_CONFIG'])
      .option('--data-dir <folder>', 'where everything is stored (NUNCHI_DATA_DIR)')
      .option('--log-level <level>', 'debug, info, warn, error, silent (NUNCHI_LOG_LEVEL)');

  configured(program.command('server'))
    .description('run the server alone')
    .option('--listen <address>', 'host:port (NUNCHI_LISTEN)')
    .action(async (flags: GlobalFlags) => {
      const { runServer } = await import('./run.ts');
      await runServer(flags, env);
    });
  configured(program.command('start'))
    .description('run server and agent on this machine')
    .option('--listen <address>', 'host:port (NUNCHI_LISTEN)')
    .action(async (flags: GlobalFlags) => {
      const { runServer } = await import('./run.ts');
      await runServer(flags, env);
    });
  return program;
}
