import { Command, Option } from 'commander';
import { registerCredentialCommands } from './credential-commands.ts';
import type { GlobalFlags } from './flags.ts';
import { registerLogCommands } from './log-commands.ts';
import { registerMetricCommands } from './metric-commands.ts';
import { programVersion } from './version.ts';

/** The command line. Each action loads what it uses. */
interface CheckFlags {
  readonly print?: boolean;
  readonly alertmanager?: string;
  readonly kwatch?: string;
  readonly botkube?: readonly string[];
}

export function createProgram(env: NodeJS.ProcessEnv): Command {
  const program = new Command('nunchi')
    .description("All of a Kubernetes cluster's observability in one program")
    .version(programVersion(), '-V, --version')
    .enablePositionalOptions();

  configured(program.command('start'), env)
    .description('run server and agent on this machine')
    .addOption(listenOption())
    .option('--demo', 'add made-up logs of a small EKS cluster', env['NUNCHI_DEMO'] === '1')
    .action(async (flags: GlobalFlags & { demo?: boolean }) => {
      const { runStart } = await import('./run.ts');
      await runStart(flags, env);
    });

  configured(program.command('server'), env)
    .description('run the server alone')
    .addOption(listenOption())
    .action(async (flags: GlobalFlags) => {
      const { runServer } = await import('./run.ts');
      await runServer(flags, env);
    });

  configured(program.command('agent'), env)
    .description('run the agent alone')
    .option('--server <url>', 'where to send to (NUNCHI_AGENT_SERVER_URL)')
    .option('-c, --fluent-bit-config <file>', 'run a Fluent Bit configuration (classic or YAML)')
    .option('--dry-run', 'list what would run, or every problem of the Fluent Bit configuration')
    .allowUnknownOption()
    .allowExcessArguments()
    .argument(
      '[options...]',
      'flags of Fluent Bit: -i, -F, -o, -p, -m, -t, -R, -f, -l, -v, -q, -H…',
    )
    .action(async (rest: string[], flags: AgentFlags) => {
      if (flags.dryRun !== true) {
        const { becomeLean } = await import('./agent-process.ts');
        becomeLean(flags.dataDir ?? env['NUNCHI_DATA_DIR'], env);
      }
      const { runAgentRole } = await import('./run-agent.ts');
      await runAgentRole({ ...flags, serverUrl: flags.server, rest }, env);
    });

  program
    .command('check-config')
    .description('name every mistake in a configuration file')
    .argument('[file]', 'configuration file (NUNCHI_CONFIG)')
    .option('--print', 'print the whole configuration with its defaults, as JSON')
    .option('--alertmanager <file>', 'check an alertmanager.yml and its templates instead')
    .option('--kwatch <file>', 'check a config.yaml of kwatch instead')
    .option('--botkube <file...>', "check values of Botkube's chart instead")
    .action(async (file: string | undefined, flags: CheckFlags) => {
      const { checkAlertmanagerConfig, checkConfig } = await import('./check-config.ts');
      if (flags.kwatch !== undefined) {
        const { checkWatchConfig } = await import('./check-watch-config.ts');
        checkWatchConfig(flags.kwatch, env);
        return;
      }
      if (flags.botkube !== undefined) {
        const { checkChatConfig } = await import('./check-chat-config.ts');
        checkChatConfig(flags.botkube, env);
        return;
      }
      if (flags.alertmanager !== undefined) {
        checkAlertmanagerConfig(flags.alertmanager);
        return;
      }
      checkConfig(file ?? (env['NUNCHI_CONFIG'] || undefined), flags, env);
    });

  configured(program.command('import'), env)
    .description('take over metrics: a Prometheus data directory, or a file in OpenMetrics format')
    .argument('<path>', 'folder or file; the server must not run meanwhile')
    .action(async (path: string, flags: GlobalFlags) => {
      const { runImport } = await import('./import.ts');
      await runImport(path, flags, env);
    });

  registerLogCommands(program, env);
  registerMetricCommands(program, env);
  registerCredentialCommands(program, env);
  return program;
}

export interface AgentFlags extends GlobalFlags {
  readonly server?: string | undefined;
  readonly fluentBitConfig?: string | undefined;
  readonly dryRun?: boolean;
}

/** The flags that name the configuration and its most common keys. */
export function configured(command: Command, env: NodeJS.ProcessEnv): Command {
  return command
    .option(
      '--config <file>',
      'configuration file (NUNCHI_CONFIG)',
      env['NUNCHI_CONFIG'] || undefined,
    )
    .option('--data-dir <folder>', 'where everything is stored (NUNCHI_DATA_DIR)')
    .option('--log-level <level>', 'debug, info, warn, error, silent (NUNCHI_LOG_LEVEL)');
}

function listenOption(): Option {
  return new Option('--listen <address>', 'host:port (NUNCHI_LISTEN)');
}
