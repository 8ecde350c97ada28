import { describeError, type Logger, type MetricsRegistry } from '#base';
import type { NumberedDataSource } from '../contract.ts';
import { uidOfName } from '../registry/registry.ts';
import type { ProvisionedDataSources } from '../service.ts';
import type { ProvidedSource, ProvidedSources } from './read-file.ts';

export interface ProvisionerDeps {
  readonly sources: ProvisionedDataSources;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** Makes the data sources what files and objects say. Only what has changed is done again. */
export class DataSourceProvisioner {
  readonly #deps: ProvisionerDeps;
  readonly #done = new Map<string, string>();
  readonly #problems = new Map<string, number>();
  #turns: Promise<unknown> = Promise.resolve();

  constructor(deps: ProvisionerDeps) {
    this.#deps = deps;
    deps.metrics.collected(
      'nunchi_data_source_provisioning_problems',
      'Mistakes in files and objects that provide data sources',
      'gauge',
      () => [{ value: [...this.#problems.values()].reduce((sum, count) => sum + count, 0) }],
    );
  }

  /**
   * @param place a file, or `secrets/NAMESPACE/NAME/KEY`
   * @param prunes what it does not hold any more goes, whatever it says itself
   */
  apply(
    place: string,
    provided: ProvidedSources,
    prunes: boolean = provided.prunes,
  ): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#done.get(place) === provided.checksum && provided.checksum !== '') return;
      const problems = [...provided.problems];
      const { log } = this.#deps;
      const attempt = async (name: string, work: () => Promise<unknown>): Promise<void> => {
        try {
          await work();
        } catch (error) {
          problems.push(`${place}: ${name}: ${describeError(error)}`);
        }
      };
      for (const name of provided.deleted) {
        const found = this.#deps.sources.byName(name);
        if (found === undefined || found.isBuiltIn) continue;
        await attempt(name, () => this.#delete(place, found));
      }
      const uids = new Set<string>();
      for (const one of provided.sources) {
        uids.add(one.input.uid ?? uidOfName(one.input.name));
        await attempt(one.input.name, () => this.#set(place, one));
      }
      // A file that is broken for now takes nothing away.
      if (prunes && provided.problems.length === 0) {
        for (const source of this.#from(place)) {
          if (!uids.has(source.uid)) await attempt(source.name, () => this.#delete(place, source));
        }
      }
      for (const problem of problems) log.warn('A data source is not taken', { problem });
      this.#problems.set(place, problems.length);
      this.#done.set(place, provided.checksum);
    });
  }

  /** Takes away what came from objects that are gone. */
  keepOnly(prefix: string, places: ReadonlySet<string>): Promise<void> {
    return this.#inTurn(async () => {
      for (const source of this.#deps.sources.list()) {
        const place = source.provisionedFrom;
        if (place === undefined || !place.startsWith(prefix) || places.has(place)) continue;
        await this.#delete(place, source);
        this.#done.delete(place);
        this.#problems.delete(place);
      }
    });
  }

  async #set(place: string, { input, isEditable }: ProvidedSource): Promise<void> {
    const { sources, log } = this.#deps;
    const uid = input.uid ?? uidOfName(input.name);
    const origin = { provisionedFrom: place, isEditable };
    const same = sources.byUid(uid);
    if (same?.isBuiltIn === true) {
      // Charts of the field name their Prometheus so: here the server itself answers for it.
      log.info('A provided data source is left out: the built-in one answers', { place, uid });
      return;
    }
    const named = sources.byName(input.name);
    if (named !== undefined && !named.isBuiltIn && named.uid !== uid) {
      if (named.provisionedFrom !== undefined && named.provisionedFrom !== place) {
        throw new TypeError(`the name is taken by that of ${named.provisionedFrom}`);
      }
      await sources.deleteFrom(origin, named.uid);
    }
    if (same === undefined) await sources.createFrom(origin, { ...input, uid });
    else if (same.provisionedFrom !== undefined && same.provisionedFrom !== place) {
      throw new TypeError(`the uid "${uid}" is taken by that of ${same.provisionedFrom}`);
    } else await sources.updateFrom(origin, uid, { ...input, uid });
    log.info('A data source is provided', { place, name: input.name, uid });
  }

  #from(place: string): readonly NumberedDataSource[] {
    return this.#deps.sources.list().filter((one) => one.provisionedFrom === place);
  }

  async #delete(place: string, { uid, name }: NumberedDataSource): Promise<void> {
    await this.#deps.sources.deleteFrom({ provisionedFrom: place, isEditable: false }, uid);
    this.#deps.log.info('A provided data source is taken away', { place, name, uid });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turns.then(work);
    this.#turns = done.catch(() => {});
    return done;
  }
}
