import { AppError, backoffMs, systemClock } from '#base';
import { type ClientFlags, callServer, parseWhen } from './client.ts';
import {
  type ContainerHistory,
  type ContainerRun,
  findContainers,
  findGroups,
  podGroups,
} from './pod-logs/find.ts';
import { formatLine, type PrintOptions, recordOf } from './pod-logs/print.ts';
import { type ReadRange, readForward, readLast, type StoredLine } from './pod-logs/read.ts';
import { isSelected, objectNameOf, type PodSelection, selectLabels } from './pod-logs/selector.ts';
import { shutdownSignal } from './shutdown.ts';
import { followEvents, type LiveEvents } from './tail.ts';

export interface LogsFlags extends ClientFlags, PrintOptions {
  readonly namespace: string;
  readonly selector?: string | undefined;
  readonly container?: string | undefined;
  readonly allContainers: boolean;
  readonly previous: boolean;
  readonly follow: boolean;
  readonly since?: string | undefined;
  readonly sinceTime?: string | undefined;
  readonly tail?: number | undefined;
  readonly group: readonly string[];
}

/** As kubectl: all lines of a pod that is named, few of each where a selector finds many. */
const selectorTail = 10;
/** Lines of which it is known that they were printed, so that a live one is not printed again. */
const maxPrinted = 20_000;
/** After a lost connection the search for new containers begins this much earlier. */
const lookBackMs = 60_000;
const reconnect = { baseMs: 500, maxMs: 10_000 };
const endOfTimeMs = 8_640_000_000_000_000;

/**
 * `kubectl logs` out of the log store: also of pods that are gone and of containers before their
 * restarts. @throws {AppError} what kubectl refuses too
 */
export async function runLogs(pod: string | undefined, flags: LogsFlags): Promise<void> {
  if ((pod === undefined) === (flags.selector === undefined)) {
    throw new AppError('INVALID_ARGUMENTS', 'Name a pod, or select pods with -l', {
      hint: 'nunchi logs POD, or nunchi logs -l app=web',
    });
  }
  const selection: PodSelection = {
    namespace: objectNameOf(flags.namespace, 'namespace'),
    pod: pod === undefined ? undefined : objectNameOf(pod.replace(/^(pods?|po)\//, ''), 'pod'),
    labels: flags.selector === undefined ? [] : selectLabels(flags.selector),
  };
  await new PodLogs(selection, flags).run();
}

class PodLogs {
  readonly #selection: PodSelection;
  readonly #flags: LogsFlags;
  readonly #fromMs: number;
  readonly #tail: number;
  /** Where each run was read to. */
  readonly #positions = new Map<string, string>();
  readonly #printed = new Set<string>();
  /** Of pods with several containers, the one whose lines are printed. */
  readonly #defaults = new Map<string, string>();
  #groups: readonly string[] = [];

  constructor(selection: PodSelection, flags: LogsFlags) {
    this.#selection = selection;
    this.#flags = flags;
    const since = flags.sinceTime ?? flags.since;
    this.#fromMs = since === undefined ? 0 : parseWhen(since, Date.now());
    const tail = flags.tail ?? (flags.selector === undefined ? -1 : selectorTail);
    this.#tail = tail < 0 ? Number.POSITIVE_INFINITY : tail;
  }

  async run(): Promise<void> {
    const { group } = this.#flags;
    this.#groups = await findGroups(this.#flags, group.length > 0 ? group : podGroups);
    if (this.#flags.follow) await this.#follow();
    else await this.#printHistory(await this.#find(this.#fromMs));
  }

  async #find(fromMs: number): Promise<readonly ContainerHistory[]> {
    if (this.#groups.length === 0) return [];
    const range = { groups: this.#groups, fromMs, toMs: endOfTimeMs };
    return await findContainers(this.#flags, this.#selection, range);
  }

  /** One container after the other, as kubectl does. */
  async #printHistory(found: readonly ContainerHistory[]): Promise<void> {
    const { pod } = this.#selection;
    const { namespace, previous } = this.#flags;
    if (found.length === 0) {
      if (pod === undefined)
        process.stderr.write(`No resources found in ${namespace} namespace.\n`);
      else if (!this.#flags.follow) throw new AppError('POD_NOT_FOUND', `pods "${pod}" not found`);
      return;
    }
    for (const history of this.#chosen(found)) {
      if (previous) await this.#printPrevious(history);
      else await this.#printContainer(history, history.runs);
    }
  }

  /** The containers asked for; of a pod with several the first, unless it is said which. */
  #chosen(found: readonly ContainerHistory[]): readonly ContainerHistory[] {
    const { container, allContainers } = this.#flags;
    if (allContainers) return found;
    const byPod = Map.groupBy(found, ({ pod }) => pod);
    return [...byPod].flatMap(([pod, histories]) => {
      if (container !== undefined) {
        const named = histories.filter((history) => history.container === container);
        if (named.length > 0 || this.#selection.pod === undefined) return named;
        throw new AppError(
          'CONTAINER_NOT_FOUND',
          `container ${container} is not valid for pod ${pod}`,
        );
      }
      const known = this.#defaults.get(pod);
      const first = histories.find((history) => history.container === known) ?? histories[0];
      if (first === undefined) return [];
      this.#defaults.set(pod, first.container);
      if (histories.length > 1 && known === undefined) {
        const names = histories.map((history) => history.container).join(', ');
        process.stderr.write(`Defaulted container "${first.container}" out of: ${names}\n`);
      }
      return [first];
    });
  }

  async #printPrevious(history: ContainerHistory): Promise<void> {
    const run = history.runs.at(-2);
    if (run !== undefined) return await this.#printContainer(history, [run]);
    throw new AppError(
      'PREVIOUS_NOT_FOUND',
      `previous terminated container "${history.container}" in pod "${history.pod}" not found`,
    );
  }

  async #printContainer(history: ContainerHistory, runs: readonly ContainerRun[]): Promise<void> {
    const range: ReadRange = { fromMs: this.#fromMs, toMs: endOfTimeMs };
    if (Number.isFinite(this.#tail)) {
      const { lines, positions } = await readLast(this.#flags, runs, range, this.#tail);
      for (const [run, position] of positions) this.#positions.set(keyOf(run), position);
      await this.#print(lines, history);
      return;
    }
    for (const run of runs) await this.#printRun(history, run, range);
  }

  async #printRun(history: ContainerHistory, run: ContainerRun, range: ReadRange): Promise<void> {
    const pages = readForward(this.#flags, run, range);
    for (;;) {
      const { value, done } = await pages.next();
      if (done === true) {
        if (value !== undefined) this.#positions.set(keyOf(run), value);
        return;
      }
      await this.#print(value, history);
    }
  }

  /** What has been printed already is left out. */
  async #print(
    lines: readonly StoredLine[],
    source: { readonly pod: string; readonly container: string },
  ): Promise<void> {
    let text = '';
    for (const line of lines) {
      if (this.#flags.follow && !this.#remember(line.pointer)) continue;
      text += formatLine(line, source, this.#flags);
    }
    if (text === '') return;
    if (process.stdout.write(text)) return;
    await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
  }

  /** False for what was there. */
  #remember(pointer: string): boolean {
    if (this.#printed.has(pointer)) return false;
    this.#printed.add(pointer);
    if (this.#printed.size > maxPrinted) {
      for (const oldest of this.#printed) {
        this.#printed.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** History, and then what comes, until Ctrl-C; what was missed while a connection was lost follows. */
  async #follow(): Promise<void> {
    const signal = shutdownSignal(() => {});
    await callServer(this.#flags, '/nunchi/session', { signal });
    for (let attempt = 0; !signal.aborted; attempt++) {
      const { group } = this.#flags;
      this.#groups = await findGroups(this.#flags, group.length > 0 ? group : podGroups);
      const isFirst = attempt === 0;
      if (this.#groups.length > 0) await this.#followOnce(isFirst, signal);
      if (signal.aborted) return;
      if (this.#groups.length > 0)
        process.stderr.write('nunchi: the connection was lost, trying again\n');
      const waitMs = backoffMs(Math.min(attempt, 5), reconnect);
      await systemClock.sleep(waitMs, signal).catch(() => {});
    }
  }

  async #followOnce(isFirst: boolean, signal: AbortSignal): Promise<void> {
    /** Live events wait until the history before them is printed. */
    let waiting: LiveEvents[] | undefined = [];
    let printing = Promise.resolve();
    const failed = Promise.withResolvers<never>();
    const catchUp = async (): Promise<void> => {
      if (isFirst) await this.#printHistory(await this.#find(this.#fromMs));
      else await this.#printMissed();
      for (const message of waiting ?? []) await this.#printLive(message);
      waiting = undefined;
    };
    const subscribe = {
      type: 'subscribe',
      groups: this.#groups,
      filterPattern: this.#livePattern(),
    };
    const following = followEvents(this.#flags, JSON.stringify(subscribe), {
      signal,
      onSubscribed: () => {
        printing = catchUp();
        printing.catch((error: unknown) => failed.reject(error));
      },
      onEvents: (message) => {
        if (waiting === undefined) printing = printing.then(() => this.#printLive(message));
        else waiting.push(message);
      },
    });
    await Promise.race([following, failed.promise]);
    if (!signal.aborted) await printing;
  }

  /** After a gap: from where each run was read to, and new runs from their beginning. */
  async #printMissed(): Promise<void> {
    const found = await this.#find(Math.max(this.#fromMs, Date.now() - lookBackMs));
    if (found.length === 0) return;
    for (const history of this.#chosen(found)) {
      for (const run of history.runs) {
        const after = this.#positions.get(keyOf(run));
        const range = { fromMs: this.#fromMs, toMs: endOfTimeMs, after };
        await this.#printRun(history, run, range);
      }
    }
  }

  /** Lets the server leave out most of the rest; the record itself decides. */
  #livePattern(): string {
    const { namespace, pod } = this.#selection;
    const parts = [
      `$.kubernetes.namespace_name = "${namespace}"`,
      ...(pod === undefined ? [] : [`$.kubernetes.pod_name = "${pod}"`]),
    ];
    return `{ ${parts.join(' && ')} }`;
  }

  #isWanted({ pod, container }: { readonly pod: string; readonly container: string }): boolean {
    if (this.#flags.allContainers) return true;
    if (this.#flags.container !== undefined) return this.#flags.container === container;
    if (!this.#defaults.has(pod)) this.#defaults.set(pod, container);
    return this.#defaults.get(pod) === container;
  }

  async #printLive({ events, groups, dropped }: LiveEvents): Promise<void> {
    for (const [timestampMs, groupIndex, stream, message, pointer] of events) {
      const record = recordOf(message)?.kubernetes;
      if (record === undefined || !isSelected(this.#selection, record)) continue;
      const source = { pod: String(record.pod_name), container: String(record.container_name) };
      if (!this.#isWanted(source)) continue;
      const position = positionOf(pointer);
      const key = keyOf({ group: groups[groupIndex] ?? '', stream });
      if (position !== undefined) this.#positions.set(key, position);
      await this.#print([{ pointer, timestampMs, message }], source);
    }
    if (dropped > 0) {
      process.stderr.write(`nunchi: ${dropped} lines came too fast to be shown\n`);
    }
  }
}

const keyOf = ({ group, stream }: Pick<ContainerRun, 'group' | 'stream'>): string =>
  `${group}\0${stream}`;

/** The place of an event, out of the pointer that names it. */
function positionOf(pointer: string): string | undefined {
  const text = Buffer.from(pointer, 'base64').toString('utf8');
  return /^-?\d+:\d+(?=:)/.exec(text)?.[0];
}
