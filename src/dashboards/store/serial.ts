import type { Collection, Saved } from '#state';

/** Runs what it is given one after the other: a check and the write after it see one state. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** Read at once, so that a start holds few large documents in memory. */
const pageLimit = 50;

/** Every object of a collection, in the order of ids. */
export async function* allOf<T>(collection: Collection<T>): AsyncGenerator<Saved<T>> {
  let after: string | undefined;
  for (;;) {
    const page = await collection.list({
      limit: pageLimit,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < pageLimit) return;
  }
}
