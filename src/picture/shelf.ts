import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#base';

/** Whoever gets a message looks at it within days; chats keep copies of their own. */
const lifetimeMs = 7 * 24 * 3_600_000;
const maxBytes = 256 * 1024 * 1024;
const maxPictures = 10_000;
/** 128 bits: nobody guesses one. */
const idBytes = 16;
const filePattern = /^(\d{13})-([\w-]{22})\.png$/;

interface Entry {
  readonly createdMs: number;
  readonly bytes: number;
}

/**
 * PNGs that messages point at, in a folder: by names that cannot be guessed, for a week, no more than
 * 256 MiB of them. The oldest make room.
 */
export class PictureShelf {
  readonly #folder: string;
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  private constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  static async open(folder: string, deps: { readonly clock: Clock }): Promise<PictureShelf> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const shelf = new PictureShelf(folder, deps.clock);
    for (const name of (await readdir(folder)).sort()) {
      const [, createdMs, id] = filePattern.exec(name) ?? [];
      if (createdMs === undefined || id === undefined) continue;
      const { size } = await stat(join(folder, name));
      shelf.#note(id, { createdMs: Number(createdMs), bytes: size });
    }
    await shelf.#sweep();
    return shelf;
  }

  /** @returns the id that it is found by */
  async put(png: Uint8Array): Promise<string> {
    const id = randomBytes(idBytes).toString('base64url');
    const entry = { createdMs: this.#clock.nowMs(), bytes: png.length };
    await writeFile(this.#path(id, entry), png, { mode: 0o600 });
    this.#note(id, entry);
    await this.#sweep();
    return id;
  }

  /** Undefined: there is none, or its time is over. */
  async get(id: string): Promise<Buffer | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined || this.#isOver(entry)) return undefined;
    try {
      return await readFile(this.#path(id, entry));
    } catch (error) {
      // It made room meanwhile, or somebody cleared the folder.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #path = (id: string, { createdMs }: Entry): string =>
    join(this.#folder, `${String(createdMs).padStart(13, '0')}-${id}.png`);

  #note(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
    this.#bytes += entry.bytes;
  }

  #isOver({ createdMs }: Entry): boolean {
    return createdMs + lifetimeMs <= this.#clock.nowMs();
  }

  async #sweep(): Promise<void> {
    for (const [id, entry] of this.#entries) {
      const isFull = this.#bytes > maxBytes || this.#entries.size > maxPictures;
      if (!isFull && !this.#isOver(entry)) return;
      this.#entries.delete(id);
      this.#bytes -= entry.bytes;
      await rm(this.#path(id, entry), { force: true });
    }
  }
}
