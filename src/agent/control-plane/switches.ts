import { backoffMs, type Clock, describeError, type Logger } from '#base';
import type { ControlPlaneLogType, ControlPlaneSwitches } from '#kubernetes/control-plane';
import type { BatchClient } from '../ship/client.ts';

/** While something is off, the server must keep saying so: what was written since is not known yet. */
const confirmMs = 2000;
/** Else it speaks when there is something new. */
const longWaitMs = 25_000;
/** How often it is looked whether there is anything to switch. */
const idleMs = 1000;
const backoff = { baseMs: 500, maxMs: 10_000 };
/** A server that does not know switches is asked again after this. */
const unknownRouteMs = 60_000;

/** What is known of one type, in this machine's time. */
export type SwitchState =
  /** The server has not said anything yet. */
  | { readonly kind: 'unknown' }
  /** Lines from `sinceMs` on are wanted. */
  | { readonly kind: 'on'; readonly sinceMs: number; readonly group: Uint8Array }
  /** Lines from `sinceMs` to `confirmedMs` are not wanted; of later ones nothing is known yet. */
  | {
      readonly kind: 'off';
      readonly sinceMs: number;
      readonly confirmedMs: number;
      readonly group: Uint8Array;
    };

const unknown: SwitchState = { kind: 'unknown' };

export interface SwitchOptions {
  readonly cluster: string;
  /** Who asks. */
  readonly agent: string;
  /** The types of the sources that are there; none: nobody needs to be asked. */
  readonly wanted: () => ReadonlySet<ControlPlaneLogType>;
  /** Something changed, or was confirmed. */
  readonly onAnswer: () => void;
}

interface SwitchDeps {
  readonly client: BatchClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps asking the server which logs of the control plane are wanted. */
export class ControlPlaneSwitch {
  readonly #options: SwitchOptions;
  readonly #deps: SwitchDeps;
  readonly #states = new Map<ControlPlaneLogType, SwitchState>();
  #revision = -1;

  constructor(options: SwitchOptions, deps: SwitchDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  stateOf(type: ControlPlaneLogType): SwitchState {
    return this.#states.get(type) ?? unknown;
  }

  /** Until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps;
    for (let attempt = 0; !signal.aborted; ) {
      const types = this.#options.wanted();
      let pauseMs = idleMs;
      if (types.size > 0) {
        try {
          pauseMs = await this.#ask(types, signal);
          attempt = 0;
        } catch (error) {
          if (signal.aborted) return;
          pauseMs = backoffMs(attempt++, backoff);
          logger.debug('Cannot ask which control-plane logs are wanted', {
            reason: describeError(error),
          });
        }
      }
      if (pauseMs > 0) await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  /** One question. @returns how long to wait until the next */
  async #ask(types: ReadonlySet<ControlPlaneLogType>, signal: AbortSignal): Promise<number> {
    const { clock, client, logger } = this.#deps;
    const isOff = [...types].some((type) => this.stateOf(type).kind !== 'on');
    const query = new URLSearchParams({
      cluster: this.#options.cluster,
      agent: this.#options.agent,
      revision: String(this.#revision),
      waitMs: String(isOff ? confirmMs : longWaitMs),
    });
    const sentMs = clock.nowMs();
    const { status, text } = await client.ask(`/nunchi/agent/control-plane?${query}`, signal);
    if (status === 404) {
      logger.info('The server knows no switches of control-plane logs: they are left alone');
      return unknownRouteMs;
    }
    if (status !== 200) throw new Error(`The server answered ${status} ${text}`);
    const answer = JSON.parse(text) as ControlPlaneSwitches;
    // It spoke then or a little later: taken for earlier, no line is thrown away that may be wanted.
    const spokenMs = sentMs + answer.waitedMs;
    const isNew = answer.revision !== this.#revision;
    const group = Buffer.from(answer.group);
    for (const [name, { isOn, ageMs }] of Object.entries(answer.types)) {
      const sinceMs = ageMs === null ? Number.NEGATIVE_INFINITY : spokenMs - ageMs;
      this.#states.set(
        name as ControlPlaneLogType,
        isOn
          ? { kind: 'on', sinceMs, group }
          : { kind: 'off', sinceMs, confirmedMs: spokenMs, group },
      );
    }
    this.#revision = answer.revision;
    if (isNew) {
      const on = Object.entries(answer.types).filter(([, { isOn }]) => isOn);
      logger.info('Control-plane logs that are wanted', { types: on.map(([name]) => name) });
    }
    this.#options.onAnswer();
    return 0;
  }
}
