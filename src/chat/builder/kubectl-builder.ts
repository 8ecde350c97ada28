import { type Clock, describeError } from '#base';
import type { ToolConfig } from '../config/contract.ts';
import type { Asker } from '../executors/identity.ts';
import type { Tools } from '../executors/tools.ts';
import { type FormValues, formValue, type ReplyForm } from '../form.ts';
import {
  type BuilderLists,
  builderChoice,
  builderForm,
  needsResource,
  type ResourceType,
} from './kubectl-form.ts';

/** So long a list is good for the next press; a form is pressed several times a minute. */
const keptMs = 20_000;
const maxKept = 64;
/** More names than anybody chooses of. */
const maxNames = 5000;

interface Asking {
  readonly tool: ToolConfig;
  readonly asker: Asker;
  readonly signal: AbortSignal;
}

/** Makes the form of a command from what the cluster has, as far as the channel's account may see it. */
export class KubectlBuilder {
  readonly #tools: Pick<Tools, 'ready'>;
  readonly #clock: Clock;
  readonly #kept = new Map<
    string,
    { readonly atMs: number; readonly lines: Promise<readonly string[]> }
  >();

  constructor(tools: Pick<Tools, 'ready'>, clock: Clock) {
    this.#tools = tools;
    this.#clock = clock;
  }

  /** @param values of the form so far; undefined: it is opened */
  async form(values: FormValues | undefined, asking: Asking): Promise<ReplyForm> {
    const { tool } = asking;
    const problems: string[] = [];
    const isAbout = needsResource(formValue(values, 'verb'));
    const resources = isAbout ? await this.#resources(asking, problems) : undefined;
    const choice = builderChoice(values, resources, tool);
    const { resource, namespace } = choice;
    const [namespaces, names] = await Promise.all([
      namespace === undefined ? undefined : this.#namespaces(asking, problems),
      resource === undefined || namespace === '*'
        ? undefined
        : this.#names(resource, namespace, asking, problems),
    ]);
    const lists: BuilderLists = { resources, namespaces, names, problems };
    return builderForm(choice, lists, tool);
  }

  async #resources(
    asking: Asking,
    problems: string[],
  ): Promise<readonly ResourceType[] | undefined> {
    const lines = await this.#lines(['api-resources', '--verbs=list', '--no-headers'], asking, {
      what: 'Resource types',
      problems,
    });
    return lines === undefined ? undefined : readResourceTypes(lines);
  }

  async #namespaces(asking: Asking, problems: string[]): Promise<readonly string[] | undefined> {
    const { namespaces: allowed } = asking.tool;
    if (allowed.length > 0) return allowed;
    return this.#named(['get', 'namespaces', '-o', 'name'], asking, {
      what: 'Namespaces',
      problems,
    });
  }

  #names(
    { name }: ResourceType,
    namespace: string | undefined,
    asking: Asking,
    problems: string[],
  ): Promise<readonly string[] | undefined> {
    const where = namespace === undefined ? [] : ['-n', namespace];
    return this.#named(['get', name, ...where, '-o', 'name'], asking, { what: 'Names', problems });
  }

  /** Of `pod/web` what is behind the slash. */
  async #named(
    words: readonly string[],
    asking: Asking,
    of: { readonly what: string; readonly problems: string[] },
  ): Promise<readonly string[] | undefined> {
    const lines = await this.#lines(words, asking, of);
    return lines
      ?.slice(0, maxNames)
      .map((line) => line.slice(line.indexOf('/') + 1))
      .filter((name) => name !== '');
  }

  async #lines(
    words: readonly string[],
    asking: Asking,
    { what, problems }: { readonly what: string; readonly problems: string[] },
  ): Promise<readonly string[] | undefined> {
    try {
      return await this.#keep(words, asking);
    } catch (error) {
      problems.push(`${what} cannot be listed: ${describeError(error).slice(0, 200)}`);
      return undefined;
    }
  }

  /** The same that is asked for twice within a while is asked for once. */
  #keep(words: readonly string[], asking: Asking): Promise<readonly string[]> {
    const key = JSON.stringify([asking.asker, asking.tool.rbac ?? null, words]);
    const nowMs = this.#clock.monotonicMs();
    const kept = this.#kept.get(key);
    if (kept !== undefined && nowMs - kept.atMs < keptMs) return kept.lines;
    const lines = this.#ask(words, asking);
    this.#kept.delete(key);
    this.#kept.set(key, { atMs: nowMs, lines });
    lines.catch(() => this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest);
    return lines;
  }

  async #ask(
    words: readonly string[],
    { tool, asker, signal }: Asking,
  ): Promise<readonly string[]> {
    // The limits say what is offered, not what the form itself reads.
    const unlimited: ToolConfig = { ...tool, verbs: [], resources: [], namespaces: [] };
    const { text, code } = await this.#tools.ready('kubectl', words, unlimited, asker).run(signal);
    if (code !== 0) throw new Error(text.split('\n').at(-1) || 'kubectl took too long');
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('No resources found'));
  }
}

/** Lines of `kubectl api-resources`: NAME, perhaps SHORTNAMES, APIVERSION, NAMESPACED, KIND. */
export function readResourceTypes(lines: readonly string[]): readonly ResourceType[] {
  const found = lines.flatMap((line) => {
    const [, name = '', version = '', isNamespaced] =
      /^(\S+)\s+(?:\S+\s+)?(\S+)\s+(true|false)\s+\S+/.exec(line) ?? [];
    if (name === '') return [];
    const group = version.includes('/') ? version.split('/')[0] : '';
    return [{ name, group, isNamespaced: isNamespaced === 'true' }];
  });
  const seen = new Set<string>();
  return found.map(({ name, group, isNamespaced }) => {
    // The first of a name is the one that kubectl means by it.
    const isFirst = !seen.has(name);
    seen.add(name);
    return { name: isFirst || group === '' ? name : `${name}.${group}`, isNamespaced };
  });
}
