import { connect } from 'node:net';
import type { Clock } from '#base';
import type { TargetGroup } from '#metrics/discovery';

const connectTimeoutMs = 2000;
/** A component may be given another address to listen on, and then it is there. */
const retryMs = 60_000;
/** Hosts that are tried at once. */
const maxConcurrent = 8;

type Emit = (groups: readonly TargetGroup[]) => void;

/** Lets groups through once the host of their first target answers on a port; from then on all of them. */
export class ReachableGroups {
  readonly #port: number;
  readonly #emit: Emit;
  readonly #clock: Clock;
  /** Groups whose host has not answered yet, by source. */
  readonly #waiting = new Map<string, TargetGroup>();
  readonly #reached = new Set<string>();
  #isTrying = false;

  constructor(port: number, emit: Emit, clock: Clock) {
    this.#port = port;
    this.#emit = emit;
    this.#clock = clock;
  }

  /** Takes what discovery tells. */
  take(groups: readonly TargetGroup[], signal: AbortSignal): void {
    const open: TargetGroup[] = [];
    for (const group of groups) {
      const host = hostOf(group);
      if (host === undefined || this.#reached.has(host)) {
        this.#waiting.delete(group.source);
        open.push(group);
      } else this.#waiting.set(group.source, group);
    }
    this.#emit(open);
    if (!this.#isTrying) void this.#try(signal);
  }

  async #try(signal: AbortSignal): Promise<void> {
    this.#isTrying = true;
    while (!signal.aborted && this.#waiting.size > 0) {
      const hosts = [...new Set([...this.#waiting.values()].flatMap((one) => hostOf(one) ?? []))];
      for (let at = 0; at < hosts.length && !signal.aborted; at += maxConcurrent) {
        const batch = hosts.slice(at, at + maxConcurrent);
        const answers = await Promise.all(batch.map((host) => answersOn(host, this.#port)));
        for (const [index, host] of batch.entries()) if (answers[index]) this.#reached.add(host);
      }
      this.#release();
      if (this.#waiting.size > 0) await this.#clock.sleep(retryMs, signal).catch(() => {});
    }
    this.#isTrying = false;
  }

  #release(): void {
    const open = [...this.#waiting.values()].filter((group) =>
      this.#reached.has(hostOf(group) ?? ''),
    );
    for (const { source } of open) this.#waiting.delete(source);
    if (open.length > 0) this.#emit(open);
  }
}

const hostOf = ({ targets }: TargetGroup): string | undefined =>
  targets[0]?.['__address__']?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

function answersOn(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
