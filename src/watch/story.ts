import type { Collection } from '#state';
import type { Severity, Subject, UpdateReason } from './contract.ts';
import type { Evidence } from './evidence.ts';
import type { SilenceNote } from './messages/contract.ts';
import { tail } from './messages/words.ts';
import type { Delivery } from './tell/outbox.ts';

/** One thing that happened to an incident. Times are Unix ms. */
export type StoryEntry =
  | {
      readonly kind: 'change';
      readonly atMs: number;
      readonly what:
        | 'created'
        | 'updated'
        | 'noted'
        | 'linked'
        | 'resolved'
        | 'digest'
        | 'baseline';
      readonly why?: UpdateReason | undefined;
      readonly severity: Severity;
      readonly reason: string;
      /** Objects in trouble then. */
      readonly affected: number;
    }
  /** A message to one provider, and how far it is. */
  | ({ readonly kind: 'delivery'; readonly atMs: number } & Delivery)
  /** Somebody who was not told, and why. */
  | {
      readonly kind: 'untold';
      readonly atMs: number;
      /** Undefined: nobody was. */
      readonly provider?: string | undefined;
      readonly why: 'route' | 'log-pattern' | 'no-provider';
    }
  | {
      readonly kind: 'note';
      readonly atMs: number;
      readonly id: string;
      readonly note: SilenceNote;
    }
  /** An acknowledgement or a silence was taken back. */
  | { readonly kind: 'note-ended'; readonly atMs: number; readonly id: string };

/** What was found when it was told of last. */
export interface FoundEvidence extends Evidence {
  readonly atMs: number;
  readonly subject: Subject;
  readonly containerName?: string | undefined;
}

export interface Story {
  /** Oldest first. */
  readonly entries: readonly StoryEntry[];
  readonly evidence?: FoundEvidence | undefined;
  readonly picture?: { readonly id: string; readonly altText: string } | undefined;
}

const maxEntries = 200;
const maxLogChars = 16_000;
const maxCached = 500;
const none: Story = { entries: [] };

/** What happened to incidents, and who was told, on disk as long as the incidents are. */
export class Stories {
  readonly #kept: Collection<Story>;
  /** Those of which something was said lately. */
  readonly #cached = new Map<string, Story>();
  #working: Promise<unknown> = Promise.resolve();

  constructor(kept: Collection<Story>) {
    this.#kept = kept;
  }

  async get(incidentId: string): Promise<Story> {
    await this.#working.catch(() => {});
    return await this.#read(incidentId);
  }

  /** Adds it; news of a message or a note that is known take the place of the old. */
  add(incidentId: string, entry: StoryEntry): Promise<void> {
    return this.#change(incidentId, (story) => {
      const at = story.entries.findLastIndex((one) => isSame(one, entry));
      const entries = at < 0 ? [...story.entries, entry] : story.entries.with(at, entry);
      // How it began is kept.
      const kept =
        entries.length > maxEntries ? [...entries.slice(0, 10), ...entries.slice(11)] : entries;
      return { ...story, entries: kept };
    });
  }

  found(incidentId: string, evidence: FoundEvidence): Promise<void> {
    const log = tail(evidence.log, maxLogChars);
    return this.#change(incidentId, (story) => ({ ...story, evidence: { ...evidence, log } }));
  }

  pictured(incidentId: string, picture: { id: string; altText: string }): Promise<void> {
    return this.#change(incidentId, (story) => ({ ...story, picture }));
  }

  async drop(incidentIds: readonly string[]): Promise<void> {
    for (const id of incidentIds) {
      this.#cached.delete(id);
      await this.#kept.delete(id);
    }
  }

  async #read(id: string): Promise<Story> {
    return this.#cached.get(id) ?? (await this.#kept.get(id))?.value ?? none;
  }

  /** One after the other: each begins with what the one before has left. */
  #change(id: string, change: (story: Story) => Story): Promise<void> {
    const work = this.#working
      .catch(() => {})
      .then(async () => {
        const story = change(await this.#read(id));
        this.#cached.delete(id);
        this.#cached.set(id, story);
        if (this.#cached.size > maxCached) {
          const [oldest] = this.#cached.keys();
          if (oldest !== undefined) this.#cached.delete(oldest);
        }
        await this.#kept.put(id, story);
      });
    this.#working = work;
    return work;
  }
}

function isSame(known: StoryEntry, entry: StoryEntry): boolean {
  if (known.kind !== entry.kind) return false;
  if (known.kind === 'delivery' || known.kind === 'note' || known.kind === 'note-ended')
    return known.id === (entry as { readonly id: string }).id;
  if (known.kind === 'untold' && entry.kind === 'untold')
    return known.provider === entry.provider && known.why === entry.why;
  return false;
}
