import type { Collection } from '#state';
import type { Incident } from '../contract.ts';

/** Incidents that are over and kept to be looked at. */
const maxResolved = 1000;

/** Incidents on disk: open ones, so that a restart repeats nothing, and those that are over. */
export class IncidentBook {
  readonly #open: Collection<Incident>;
  readonly #resolved: Collection<Incident>;
  #resolvedIds: string[] = [];

  private constructor(open: Collection<Incident>, resolved: Collection<Incident>) {
    this.#open = open;
    this.#resolved = resolved;
  }

  static async open(
    open: Collection<Incident>,
    resolved: Collection<Incident>,
  ): Promise<IncidentBook> {
    const book = new IncidentBook(open, resolved);
    book.#resolvedIds = (await resolved.list()).map(({ id }) => id);
    return book;
  }

  async openIncidents(): Promise<readonly Incident[]> {
    return (await this.#open.list()).map(({ value }) => value);
  }

  async save(incident: Incident): Promise<void> {
    await this.#open.put(incident.id, incident);
    // It was over, and is not.
    const at = this.#resolvedIds.findLastIndex((one) => one.endsWith(`-${incident.id}`));
    if (at < 0) return;
    const [id = ''] = this.#resolvedIds.splice(at, 1);
    await this.#resolved.delete(id);
  }

  /** @returns ids of those that are kept no longer */
  async end(incident: Incident): Promise<readonly string[]> {
    // By the time at which it ended: the list is in that order.
    const id = `${String(incident.resolvedMs ?? incident.updatedMs).padStart(15, '0')}-${incident.id}`;
    await this.#resolved.put(id, incident);
    await this.#open.delete(incident.id);
    this.#resolvedIds.push(id);
    const dropped: string[] = [];
    while (this.#resolvedIds.length > maxResolved) {
      const oldest = this.#resolvedIds.shift();
      if (oldest === undefined) break;
      await this.#resolved.delete(oldest);
      dropped.push(oldest.slice(oldest.indexOf('-') + 1));
    }
    return dropped;
  }

  /** The last ones that ended, newest first. */
  async recent(limit: number): Promise<readonly Incident[]> {
    const ids = this.#resolvedIds.slice(-limit).reverse();
    const found = await Promise.all(ids.map((id) => this.#resolved.get(id)));
    return found.flatMap((saved) => (saved === undefined ? [] : [saved.value]));
  }

  async find(id: string): Promise<Incident | undefined> {
    const key = this.#resolvedIds.find((one) => one.endsWith(`-${id}`));
    return key === undefined ? undefined : (await this.#resolved.get(key))?.value;
  }
}
