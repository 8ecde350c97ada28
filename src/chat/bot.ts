import { AppError, type Clock, describeError, isAppError, type Logger } from '#base';
import { KubectlBuilder } from './builder/kubectl-builder.ts';
import { builderCommand } from './builder/kubectl-form.ts';
import type { Builtins } from './builtins.ts';
import { inThread } from './commands/in-thread.ts';
import {
  CommandError,
  filterLines,
  normalizeText,
  type ParsedCommand,
  parseCommand,
} from './commands/parse.ts';
import type { ChannelConfig, ChatConfig, ExecutorConfig, ToolConfig } from './config/contract.ts';
import type { Question, ThreadSubject } from './contract.ts';
import {
  type Asker,
  forbiddenText,
  type Identity,
  identityOf,
  sameRbac,
  withoutRbac,
} from './executors/identity.ts';
import { RefusedCommand } from './executors/refused.ts';
import { isTool, type ReadyCommand, type ToolName, type Tools } from './executors/tools.ts';
import { RateLimit } from './rate-limit.ts';
import { commandReply, type Reply } from './reply.ts';

/** A right in the cluster that a command of our own is bound to. */
export interface NeededRight {
  readonly verb: string;
  /** Empty: the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Undefined: in all of them. */
  readonly namespace?: string;
}

/** A command of our own: what only Nunchi can answer. */
export type OwnCommand = (
  words: readonly string[],
  context: {
    readonly question: Question;
    readonly signal: AbortSignal;
    /** The incident in whose thread it was asked. */
    readonly subject: ThreadSubject | undefined;
    /** @throws {RefusedCommand} when the identity of the channel has no such right */
    readonly check: (right: NeededRight) => Promise<void>;
  },
) => Promise<Reply>;

export interface OwnCommandEntry {
  readonly help: string;
  readonly run: OwnCommand;
  /** It changes what is kept: written down before it is run. */
  readonly changes?: boolean;
}

/** One line of who asked what, where, as whom it was run, and what came of it. */
export interface AuditRecord {
  readonly time: string;
  /** The same in `started` and in what came of it. */
  readonly id: string;
  readonly platform: string;
  readonly channel: string;
  readonly user: string;
  readonly command: string;
  /** `started` is written before what changes something is run. */
  readonly result: 'started' | 'ran' | 'failed' | 'refused' | 'ignored' | 'limited';
  readonly detail?: string;
  /** User and groups in the cluster. */
  readonly as?: { readonly user: string; readonly groups: readonly string[] };
  readonly exitCode?: number;
  readonly durationMs: number;
}

export interface BotDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly tools: Tools;
  readonly builtins: Builtins;
  readonly own: Readonly<Record<string, OwnCommandEntry>>;
  /** Whether somebody may do that in the watched cluster. @throws when it cannot be told */
  readonly mayDo: (identity: Identity, right: NeededRight) => Promise<boolean>;
  readonly audit: (record: AuditRecord) => Promise<void>;
  /** The incident of a thread; undefined: it is an ordinary one. */
  readonly subjectOfThread?: (thread: string) => Promise<ThreadSubject | undefined>;
  /** Passwords, tokens and keys out of what leaves the cluster. */
  readonly mask: (text: string) => string;
  /** Ends what runs. */
  readonly stopping: AbortSignal;
}

const timeoutMs = 35_000;
/** Commands of one person, and of all of a channel, within a minute. */
const maxPerMinute = 30;
const maxPerMinuteInChannel = 90;
/** Changes of forms of one person within a minute: a command takes some of them to be made. */
const maxChangesPerMinute = 120;

/** Executors of Botkube that there are not, with what is there in their place. */
const notHere: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['x', 'exec'].map((verb) => [
      verb,
      `\`${verb}\` commands are not supported: no programs but kubectl and helm are run for a chat. \`kubectl exec POD -- COMMAND\` runs one in a container, where the rights allow it.`,
    ]),
  ),
  flux: '`flux` commands are not supported. `kubectl get kustomizations -A` shows what Flux has applied.',
  argocd:
    '`argocd` commands are not supported. `kubectl get applications -A` shows what Argo CD has applied.',
  keptn: '`keptn` commands are not supported.',
  doctor: '`doctor` commands are not supported. `explain INCIDENT` tells what is known of one.',
  ai: '`ai` commands are not supported. `explain INCIDENT` tells what is known of one.',
};

type Outcome = Pick<AuditRecord, 'result' | 'detail' | 'as' | 'exitCode'>;

interface Ran {
  readonly reply: Reply;
  readonly outcome: Outcome;
}

/** `kubectl` alone, and what the form itself asks. */
const isBuilder = (words: readonly string[]): boolean =>
  words.join(' ') === 'kubectl' || words.join(' ') === builderCommand;

/** What narrows kubectl narrows what shows the same. @throws {RefusedCommand} */
function checkNamespace({ namespace, resource }: NeededRight, { namespaces }: ToolConfig): void {
  if (namespaces.length === 0 || resource === 'nodes') return;
  if (namespace !== undefined && namespaces.includes(namespace)) return;
  const what = namespace === undefined ? 'All namespaces are' : `The namespace "${namespace}" is`;
  throw new RefusedCommand(
    `${what} not allowed in this channel; there are ${namespaces.join(', ')}.`,
  );
}

const askerOf = ({ user }: Question, { name }: ChannelConfig): Asker => ({
  channelName: name,
  userId: user.id,
});

const ran = (reply: Reply): Ran => ({ reply, outcome: { result: 'ran' } });

/** Answers what is said to it. */
export class Bot {
  readonly #config: ChatConfig;
  readonly #deps: BotDeps;
  readonly #builder: KubectlBuilder;
  readonly #ofPeople: RateLimit;
  readonly #ofChannels: RateLimit;
  readonly #ofForms: RateLimit;

  constructor(config: ChatConfig, deps: BotDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#builder = new KubectlBuilder(deps.tools, deps.clock);
    this.#ofPeople = new RateLimit(deps.clock, maxPerMinute);
    this.#ofChannels = new RateLimit(deps.clock, maxPerMinuteInChannel);
    this.#ofForms = new RateLimit(deps.clock, maxChangesPerMinute);
  }

  /** Undefined: it is not meant for this bot, and nothing is said. */
  async answer(question: Question, channel: ChannelConfig | undefined): Promise<Reply | undefined> {
    // A channel that nobody configured is none of ours.
    if (channel === undefined) return undefined;
    const note = this.#noter(question);
    let shown = normalizeText(question.text);
    try {
      const parsed = this.#parse(question);
      if (parsed === undefined) {
        await note(shown, { result: 'ignored', detail: 'another cluster is meant' });
        return undefined;
      }
      const limit = this.#limit(question, parsed);
      if (limit !== 'ok') {
        // Once a minute is enough of that, in the chat and in the log.
        if (limit === 'told') return undefined;
        await note(shown, { result: 'limited' });
        return this.#tooOften(question);
      }
      if (parsed instanceof CommandError) throw parsed;
      const { command, subject } = await this.#meant(parsed, question);
      shown = command.shown;
      const { reply, outcome } = await this.#run(command, { question, channel, subject, note });
      await note(shown, outcome);
      return reply;
    } catch (error) {
      if (error instanceof CommandError || error instanceof RefusedCommand) {
        await note(shown, { result: 'refused', detail: error.message });
        return { text: error.message };
      }
      if (isAppError(error, 'CHAT_AUDIT_FAILED')) return { text: error.message };
      await note(shown, { result: 'failed', detail: describeError(error) });
      // What the server itself says is for its readers; the rest stays in the log.
      if (isAppError(error)) return { text: this.#deps.mask(error.message) };
      this.#deps.log.error('A command failed', { command: shown, reason: describeError(error) });
      return {
        text: `Sorry, an internal error occurred while executing your command for the '${this.#config.clusterName}' cluster :( See the logs for more details.`,
      };
    }
  }

  /** Undefined: another cluster is meant. */
  #parse(question: Question): ParsedCommand | CommandError | undefined {
    try {
      const command = parseCommand(question.text, this.#config.aliases);
      const { clusterName } = command;
      const isOurs = clusterName === undefined || clusterName === this.#config.clusterName;
      return isOurs ? command : undefined;
    } catch (error) {
      if (error instanceof CommandError) return error;
      throw error;
    }
  }

  #limit(
    { user, place, values }: Question,
    parsed: ParsedCommand | CommandError,
  ): ReturnType<RateLimit['take']> {
    // What a form is filled in with runs nothing; whatever else comes with values is a command.
    const isFilledIn =
      values !== undefined && !(parsed instanceof CommandError) && isBuilder(parsed.words);
    if (isFilledIn) return this.#ofForms.take(`${place.platform} ${user.id}`);
    const ofPerson = this.#ofPeople.take(`${place.platform} ${user.id}`);
    if (ofPerson !== 'ok') return ofPerson;
    return this.#ofChannels.take(`${place.platform} ${place.channelId}`);
  }

  #tooOften({ user }: Question): Reply | undefined {
    // A storm of events is no reason for a storm of excuses.
    if (user.id.startsWith('automation:')) {
      this.#deps.log.warn('An automation runs too often and pauses', { automation: user.id });
      return undefined;
    }
    return {
      text: `Slow down, please: ${maxPerMinute} commands a minute is what I take from one person, ${maxPerMinuteInChannel} from a channel.`,
    };
  }

  /** In the thread of an incident short commands are about its object. */
  async #meant(
    command: ParsedCommand,
    { place }: Question,
  ): Promise<{ readonly command: ParsedCommand; readonly subject: ThreadSubject | undefined }> {
    if (place.thread === undefined) return { command, subject: undefined };
    const subject = await this.#deps.subjectOfThread?.(place.thread);
    if (subject === undefined) return { command, subject };
    const words = inThread(command.words, subject);
    if (words === command.words) return { command, subject };
    return { command: { ...command, words, shown: words.join(' ') }, subject };
  }

  async #run(
    command: ParsedCommand,
    asked: {
      readonly question: Question;
      readonly channel: ChannelConfig;
      readonly subject: ThreadSubject | undefined;
      readonly note: Note;
    },
  ): Promise<Ran> {
    const { question, channel, subject } = asked;
    const [verb = '', ...rest] = command.words;
    const { builtins, own, tools } = this.#deps;
    const builtin = await builtins.answer(command.words, question, channel);
    if (builtin !== undefined) return ran(this.#tabled(builtin, command, question));
    if (isTool(verb)) {
      const tool = this.toolOf(verb, channel);
      if (isBuilder(command.words) && question.hasForms === true) {
        const { values } = question;
        const asker = askerOf(question, channel);
        const asking = { tool, asker, signal: this.#signal() };
        return ran({ form: await this.#builder.form(values, asking) });
      }
      const ready = tools.ready(verb, rest, tool, askerOf(question, channel));
      return await this.#runTool(command, tool, ready, asked);
    }
    const ours = Object.hasOwn(own, verb) ? own[verb] : undefined;
    if (ours === undefined) {
      const why = Object.hasOwn(notHere, verb) ? notHere[verb] : undefined;
      throw new CommandError(
        why ?? "Command not supported. Please use 'help' to see supported commands.",
      );
    }
    // What only Nunchi can answer shows the cluster too: whoever may not use kubectl here may not ask it.
    const tool = this.toolOf('kubectl', channel);
    if (ours.changes === true) await asked.note(command.shown, { result: 'started' });
    const check = (right: NeededRight): Promise<void> =>
      this.#check(tool, askerOf(question, channel), right);
    const signal = this.#signal();
    const reply = await ours.run(rest, { question, subject, signal, check });
    const header = this.#header(command, question);
    return ran({ header, ...this.#filtered(reply, command) });
  }

  /** @throws {RefusedCommand} */
  async #check(tool: ToolConfig, asker: Asker, right: NeededRight): Promise<void> {
    const identity = identityOf(tool.rbac, asker);
    if (identity === undefined) throw new RefusedCommand(withoutRbac('kubectl'));
    checkNamespace(right, tool);
    if (await this.#deps.mayDo(identity, right)) return;
    const { verb, resource, subresource, namespace } = right;
    const named = subresource === undefined ? resource : `${resource}/${subresource}`;
    throw new RefusedCommand(forbiddenText(identity, { verb, resource: named, namespace }));
  }

  /** Tables of built-in commands look like those of others; fixed texts stand alone. */
  #tabled(reply: Reply, command: ParsedCommand, question: Question): Reply {
    if (reply.output === undefined) return reply;
    const { text, ...rest } = this.#filtered(reply, command);
    const header = this.#header(command, question);
    return { ...rest, header: text === undefined ? header : `${header}\n${text}` };
  }

  #header({ shown }: ParsedCommand, { isInteraction, user }: Question): string {
    const by = isInteraction ? { by: user.mention } : {};
    return commandReply(shown, this.#config.clusterName, 'x', by).header ?? '';
  }

  #filtered(reply: Reply, { filter }: ParsedCommand): Reply {
    const { mask } = this.#deps;
    const { output, text } = reply;
    return {
      ...reply,
      ...(text === undefined ? {} : { text: mask(text) }),
      // Whole first: of single lines it cannot be told what they are of.
      ...(output === undefined ? {} : { output: filterLines(mask(output), filter) }),
    };
  }

  async #runTool(
    command: ParsedCommand,
    tool: ToolConfig,
    ready: ReadyCommand,
    {
      question,
      channel,
      note,
    }: { readonly question: Question; readonly channel: ChannelConfig; readonly note: Note },
  ): Promise<Ran> {
    const { mask } = this.#deps;
    const as = identityOf(tool.rbac, askerOf(question, channel));
    const who = as === undefined ? {} : { as };
    // Nothing is changed that is not written down.
    if (ready.changes) await note(command.shown, { result: 'started', ...who });
    const { text: printed, code, isCut } = await ready.run(this.#signal());
    const output = mask(printed);
    const ending = [
      ...(isCut ? ['… more than is shown here'] : []),
      ...(code === undefined ? ['… it took too long and was ended'] : []),
      ...(code !== undefined && code !== 0 ? [`exit status ${code}`] : []),
    ];
    // A failure is told whole: the filter is for what was asked for.
    const shown = code === 0 ? filterLines(output, command.filter) : output;
    const text = [shown, ...ending].join('\n');
    const by = question.isInteraction ? { by: question.user.mention } : {};
    const reply = commandReply(command.shown, this.#config.clusterName, text, {
      ...by,
      command: command.shown,
    });
    if (code === 0) return { reply, outcome: { result: 'ran', exitCode: 0, ...who } };
    const detail = output.split('\n').findLast((line) => line !== '') ?? 'it took too long';
    const exit = code === undefined ? {} : { exitCode: code };
    return { reply, outcome: { result: 'failed', detail: detail.slice(0, 500), ...exit, ...who } };
  }

  #signal(): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#deps.stopping]);
  }

  /**
   * How a channel may use a tool.
   * @throws {CommandError} when it may not
   */
  toolOf(name: ToolName, channel: Pick<ChannelConfig, 'name' | 'bindings'>): ToolConfig {
    const found = this.#config.executors
      .filter((executor) => channel.bindings.executors.includes(executor.name))
      .map((executor: ExecutorConfig) => executor[name])
      .filter((tool): tool is ToolConfig => tool?.enabled === true);
    const [first, ...others] = found;
    if (first === undefined) {
      throw new CommandError(
        `\`${name}\` commands are disabled for this channel. Enable executors.….botkube/${name} and bind it to the channel.`,
      );
    }
    if (others.some((tool) => !sameRbac(first.rbac, tool.rbac))) {
      throw new CommandError(
        'Binding is referencing plugins of same kind with different RBAC. The bindings must be identical when used together.',
      );
    }
    return first;
  }

  /** Writes lines of one question. */
  #noter(question: Question): Note {
    const { clock, audit, log, mask } = this.#deps;
    const startMs = clock.monotonicMs();
    const id = crypto.randomUUID();
    return async (command, { detail, ...outcome }) => {
      try {
        await audit({
          time: new Date(clock.nowMs()).toISOString(),
          id,
          platform: question.place.platform,
          channel: question.place.channelName,
          user: question.user.id,
          command: mask(command),
          ...outcome,
          ...(detail === undefined ? {} : { detail: mask(detail) }),
          durationMs: Math.round(clock.monotonicMs() - startMs),
        });
      } catch (error) {
        log.error('A command could not be written to the audit log', {
          reason: describeError(error),
        });
        throw new AppError(
          'CHAT_AUDIT_FAILED',
          'The audit log cannot be written, so nothing is done.',
        );
      }
    };
  }
}

type Note = (command: string, outcome: Outcome) => Promise<void>;
