import { AppError, Slots } from '#base';
import type { ToolConfig } from '../config/contract.ts';
import { guardHelm } from './helm-guard.ts';
import type { ToolHome } from './home.ts';
import { type Asker, forbiddenText, type Identity, identityOf, withoutRbac } from './identity.ts';
import { type GuardedCommand, guardKubectl } from './kubectl-guard.ts';
import { RefusedCommand } from './refused.ts';
import { type ProgramOutput, runProgram } from './run.ts';

const timeoutMs = 30_000;
const maxBytes = 4 * 1024 * 1024;
/** Programs that run at once, and commands that wait for one to end. */
const maxRunning = 4;
const maxWaiting = 20;

export type ToolName = 'kubectl' | 'helm';
export const isTool = (verb: string): verb is ToolName => verb === 'kubectl' || verb === 'helm';

/** A command of a tool that was looked at, and may be run. */
export interface ReadyCommand {
  /** It changes the cluster, or runs something in it. */
  readonly changes: boolean;
  /** @throws {RefusedCommand}, {AppError} CHAT_PROGRAM_MISSING, CHAT_BUSY */
  run(signal: AbortSignal): Promise<ProgramOutput>;
}

/** Runs kubectl and helm for a chat: what the guards let through, as whom the configuration says. */
export class Tools {
  readonly #home: ToolHome;
  readonly #slots = new Slots(maxRunning);

  constructor(home: ToolHome) {
    this.#home = home;
  }

  /**
   * @param words after the name of the tool
   * @throws {RefusedCommand}
   */
  ready(tool: ToolName, words: readonly string[], config: ToolConfig, asker: Asker): ReadyCommand {
    const identity = identityOf(config.rbac, asker);
    if (identity === undefined) {
      throw new RefusedCommand(withoutRbac(tool));
    }
    const guarded = tool === 'kubectl' ? guardKubectl(words, config) : guardHelm(words, config);
    return {
      changes: guarded.changes,
      run: async (signal) => {
        using _slot = await this.#turn(signal);
        await this.#checkRight(guarded, identity, config, signal);
        const args = [...this.#accessArgs(tool, identity), ...guarded.args];
        return await this.#program(tool, args, config, signal);
      },
    };
  }

  /** What the API server does not ask for by itself, or too late. */
  async #checkRight(
    { needs }: GuardedCommand,
    identity: Identity,
    config: ToolConfig,
    signal: AbortSignal,
  ): Promise<void> {
    if (needs === undefined) return;
    const { verb, resource, namespace } = needs;
    const kept = resource === 'secrets' && config.helmDriver === 'configmap';
    const about = kept ? 'configmaps' : resource;
    const asked = ['auth', 'can-i', verb, about, `--namespace=${namespace}`];
    const args = [...this.#accessArgs('kubectl', identity), ...asked];
    const { code, text } = await this.#program('kubectl', args, config, signal);
    if (code === 0) return;
    if (!/^no\b/m.test(text)) {
      throw new AppError('CHAT_RIGHTS_UNKNOWN', `It cannot be told what is allowed: ${text}`);
    }
    throw new RefusedCommand(forbiddenText(identity, { verb, resource: about, namespace }));
  }

  #program(
    tool: ToolName,
    args: readonly string[],
    { helmDriver }: ToolConfig,
    signal: AbortSignal,
  ): Promise<ProgramOutput> {
    const env = this.#home.environment(helmDriver);
    return runProgram(tool, args, {
      ...{ timeoutMs, maxBytes, env, signal },
      cwd: this.#home.workFolder,
    });
  }

  /** Before what was asked, where nothing of it can take their place. */
  #accessArgs(tool: ToolName, { user, groups }: Identity): string[] {
    const [as, asGroup] =
      tool === 'kubectl' ? ['--as', '--as-group'] : ['--kube-as-user', '--kube-as-group'];
    return [
      ...this.#home.clusterArgs(tool),
      `${as}=${user}`,
      ...groups.map((group) => `${asGroup}=${group}`),
    ];
  }

  /** @throws {AppError} CHAT_BUSY */
  async #turn(signal: AbortSignal): Promise<Disposable> {
    if (this.#slots.isFull && this.#slots.waiting >= maxWaiting) {
      throw new AppError('CHAT_BUSY', 'Too many commands run at the moment. Try again in a while.');
    }
    return await this.#slots.take(signal);
  }
}
