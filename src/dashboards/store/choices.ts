import type { Collection, StateStore } from '#state';
import type { Preferences } from './contract.ts';
import type { Serial } from './serial.ts';

/** Marks of one person. */
const maxStars = 2000;

/** What people have marked with a star. A person is named by kind and name: `user:ada`. */
export class Stars {
  readonly #collection: Collection<{ readonly uids: readonly string[] }>;
  readonly #serial: Serial;

  constructor(state: StateStore, serial: Serial) {
    this.#collection = state.collection('dashboard-stars');
    this.#serial = serial;
  }

  async of(person: string): Promise<ReadonlySet<string>> {
    return new Set((await this.#collection.get(person))?.value.uids ?? []);
  }

  /** Beyond the bound the oldest star goes. */
  set(person: string, uid: string, isStarred: boolean): Promise<void> {
    return this.#serial.run(async () => {
      const others = [...(await this.of(person))].filter((other) => other !== uid);
      const uids = isStarred ? [...others, uid].slice(-maxStars) : others;
      await this.#collection.put(person, { uids });
    });
  }
}

/** Of a person, or of everybody under the name `''`. */
export class PreferenceStore {
  readonly #collection: Collection<Preferences>;
  readonly #serial: Serial;

  constructor(state: StateStore, serial: Serial) {
    this.#collection = state.collection('dashboard-preferences');
    this.#serial = serial;
  }

  async of(person: string): Promise<Preferences> {
    return (await this.#collection.get(idOf(person)))?.value ?? {};
  }

  /** An empty text takes a choice back; what is not in `change` stays. */
  change(person: string, change: Partial<Record<keyof Preferences, string>>): Promise<Preferences> {
    return this.#serial.run(async () => {
      const merged = Object.entries({ ...(await this.of(person)), ...change });
      const next = Object.fromEntries(merged.filter(([, value]) => value !== '')) as Preferences;
      await this.#collection.put(idOf(person), next);
      return next;
    });
  }
}

const idOf = (person: string): string => (person === '' ? 'org' : `user/${person}`);
