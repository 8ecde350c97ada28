import { describeError, isAppError, type Logger } from '#base';
import { configKey, type PrometheusConfig } from '#metrics/config';
import {
  compareLabels,
  type LabelQuery,
  type Labels,
  type Queryable,
  type SelectRequest,
  type SeriesSelection,
} from '#metrics/model';
import { RemoteEndpoint, type RemoteEndpointDeps } from './endpoint.ts';
import { mergedSelection } from './merged-selection.ts';
import type { RemoteSeries } from './remote-series.ts';

export interface RemoteReadersDeps extends RemoteEndpointDeps {
  readonly store: Queryable;
  readonly log: Logger;
}

/**
 * The own store together with the servers of `remote_read`. One that fails makes the answer smaller and
 * a warning, never an error. Names and values of labels are those of the own store, as the reference has
 * it: the protocol asks for series only.
 */
export class RemoteReaders implements Queryable, Disposable {
  readonly #deps: RemoteReadersDeps;
  #endpoints = new Map<string, RemoteEndpoint>();
  /** Failures are logged once until the server answers again. */
  readonly #failing = new Set<string>();

  constructor(deps: RemoteReadersDeps) {
    this.#deps = deps;
  }

  /** Takes a configuration over; servers that it does not change keep their connections. */
  apply({ remoteRead, global: { externalLabels } }: PrometheusConfig): void {
    const before = this.#endpoints;
    this.#endpoints = new Map();
    for (const config of remoteRead) {
      const key = configKey([config, externalLabels]);
      const kept = before.get(key);
      before.delete(key);
      this.#endpoints.set(key, kept ?? new RemoteEndpoint(config, externalLabels, this.#deps));
    }
    for (const endpoint of before.values()) endpoint[Symbol.dispose]();
  }

  async select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    const { store } = this.#deps;
    if (this.#endpoints.size === 0) return store.select(request, signal);
    const asking = this.#ask(request, false, signal);
    const own = await store.select(request, signal).catch(async (error: unknown) => {
      await asking.catch(() => {});
      throw error;
    });
    try {
      return mergedSelection(own, await asking);
    } catch (error) {
      own[Symbol.dispose]();
      throw error;
    }
  }

  async series(query: LabelQuery, signal: AbortSignal): Promise<readonly Labels[]> {
    const { store } = this.#deps;
    if (this.#endpoints.size === 0) return store.series(query, signal);
    const { fromMs, toMs, onWarning } = query;
    const [own, ...remotes] = await Promise.all([
      store.series(query, signal),
      ...query.matcherSets.map((matchers) =>
        this.#ask(
          { matchers, fromMs, toMs, ...(onWarning === undefined ? {} : { onWarning }) },
          true,
          signal,
        ),
      ),
    ]);
    const lists = remotes.flat().map((list) => list.map(({ labels }) => labels));
    return limited(unique([own!, ...lists]), query.limit);
  }

  labelNames(query: LabelQuery, signal: AbortSignal): Promise<readonly string[]> {
    this.#warnOwnOnly(query, 'label names');
    return this.#deps.store.labelNames(query, signal);
  }

  labelValues(name: string, query: LabelQuery, signal: AbortSignal): Promise<readonly string[]> {
    this.#warnOwnOnly(query, 'label values');
    return this.#deps.store.labelValues(name, query, signal);
  }

  [Symbol.dispose](): void {
    for (const endpoint of this.#endpoints.values()) endpoint[Symbol.dispose]();
    this.#endpoints.clear();
  }

  #warnOwnOnly({ onWarning }: LabelQuery, what: string): void {
    if (this.#endpoints.size > 0) {
      onWarning?.(`${what} are those stored here: remote read has no question for them`);
    }
  }

  #ask(
    request: SelectRequest,
    wantsLabelsOnly: boolean,
    signal: AbortSignal,
  ): Promise<(readonly RemoteSeries[])[]> {
    return Promise.all(
      [...this.#endpoints.values()].map(async (endpoint) => {
        try {
          const found = await endpoint.read(request, wantsLabelsOnly, signal);
          this.#failing.delete(endpoint.name);
          return found;
        } catch (error) {
          if (signal.aborted || !isAppError(error)) throw error;
          request.onWarning?.(error.message);
          if (!this.#failing.has(endpoint.name)) {
            this.#failing.add(endpoint.name);
            this.#deps.log.warn(
              'A server of remote_read does not answer; queries go on without it',
              {
                remote: endpoint.name,
                reason: describeError(error),
              },
            );
          }
          return [];
        }
      }),
    );
  }
}

function unique(lists: readonly (readonly Labels[])[]): Labels[] {
  const all = lists.flat().sort(compareLabels);
  return all.filter((labels, at) => at === 0 || compareLabels(labels, all[at - 1]!) !== 0);
}

const limited = (found: readonly Labels[], limit: number | undefined): readonly Labels[] =>
  limit === undefined ? found : found.slice(0, limit);
