import { type Clock, describeError, type Logger } from '#base';
import type { Incident, Trouble } from '../contract.ts';
import type { Known } from '../explain/trouble.ts';
import type { MessagePicture } from '../messages/contract.ts';
import { type ChartSources, drawChart } from './draw.ts';
import { chartPlan } from './plan.ts';

/** A message waits no longer for its chart; the chart follows it. */
const waitMs = 1500;
/** A chart that takes longer is none. */
const timeoutMs = 30_000;
const maxKnown = 4000;

/** Charts of incidents, each kind once. */
export class Charts {
  readonly #deps: { readonly clock: Clock; readonly log: Logger; readonly sources: ChartSources };
  /** `INCIDENT memory`: what is drawn, or was. */
  readonly #drawn = new Set<string>();

  constructor(deps: {
    readonly clock: Clock;
    readonly log: Logger;
    readonly sources: ChartSources;
  }) {
    this.#deps = deps;
  }

  /**
   * The chart that explains the trouble, if it is ready soon. One that is late is given to `onLate`.
   * Never throws.
   */
  async of(
    incident: Incident,
    trouble: Trouble,
    known: Known,
    onLate: (picture: MessagePicture) => void,
  ): Promise<MessagePicture | undefined> {
    const plan = chartPlan(trouble, known);
    if (plan === undefined) return undefined;
    const key = `${incident.id} ${plan.kind}`;
    if (this.#drawn.has(key)) return undefined;
    this.#drawn.add(key);
    const [oldest] = this.#drawn;
    if (this.#drawn.size > maxKnown && oldest !== undefined) this.#drawn.delete(oldest);
    const { clock, log, sources } = this.#deps;
    const draw = async (): Promise<MessagePicture | undefined> => {
      try {
        const nowMs = clock.nowMs();
        const moment = { atMs: Math.min(trouble.sinceMs, nowMs), label: trouble.reason, nowMs };
        const drawn = await drawChart(plan, moment, sources, AbortSignal.timeout(timeoutMs));
        if (drawn === undefined) return undefined;
        return { ...(await sources.keep(drawn.png)), altText: drawn.altText };
      } catch (error) {
        log.warn('The chart of an incident cannot be drawn', {
          incident: incident.id,
          reason: describeError(error),
        });
        return undefined;
      }
    };
    const chart = draw();
    const late = Symbol('late');
    const stop = new AbortController();
    const first = await Promise.race([
      chart,
      clock.sleep(waitMs, stop.signal).then(
        () => late,
        () => late,
      ),
    ]);
    stop.abort();
    if (first !== late) return first as MessagePicture | undefined;
    void chart.then((picture) => {
      if (picture !== undefined) onLate(picture);
    });
    return undefined;
  }
}
