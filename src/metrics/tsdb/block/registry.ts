import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../options.ts';
import { syncDirectory } from '../wal/files.ts';
import { Block } from './block.ts';
import { type BlockMeta, ulidPattern } from './format.ts';
import { GroupCache } from './groups.ts';

/** Bytes of parsed indexes that may stay in memory; they are read again when they are needed. */
const maxIndexBytes = 128 * 1024 * 1024;

/** The blocks that are there, and their coming and going. */
export class BlockRegistry {
  readonly #settings: Settings;
  readonly directory: string;
  readonly cache: GroupCache;
  /** Counts changes of the set of blocks. */
  version = 0;
  setAside = 0;
  #blocks: Block[] = [];
  readonly #retiring = new Set<Promise<void>>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.directory = join(settings.directory, 'blocks');
    this.cache = new GroupCache(settings.cacheBytes);
  }

  /** Oldest first. */
  get all(): readonly Block[] {
    return this.#blocks;
  }

  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
  }

  /** Before it the head has nothing in order. */
  get headUntilMs(): number {
    return Math.max(
      Number.NEGATIVE_INFINITY,
      ...this.#blocks.map(({ meta }) => meta.headUntilMs ?? Number.NEGATIVE_INFINITY),
    );
  }

  /** Opens what is on disk: removes what was half made, sets aside what is damaged. */
  async load(): Promise<void> {
    const { log } = this.#settings;
    const metas: BlockMeta[] = [];
    for (const name of await readdir(this.directory)) {
      const folder = join(this.directory, name);
      if (name.endsWith('.tmp') || name.endsWith('.gone')) {
        await rm(folder, { recursive: true, force: true });
        log.info('A folder that was half made or half removed is gone', { folder });
        continue;
      }
      if (!ulidPattern.test(name)) continue;
      try {
        metas.push(JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')) as BlockMeta);
      } catch (error) {
        await this.#moveAside(folder, error);
      }
    }
    const replaced = new Set(metas.flatMap((meta) => meta.replaces));
    for (const meta of metas) {
      const folder = join(this.directory, meta.id);
      if (replaced.has(meta.id)) {
        await this.#remove(folder);
        continue;
      }
      try {
        this.#blocks.push(await this.#open(folder, meta));
      } catch (error) {
        await this.#moveAside(folder, error);
      }
    }
    this.#sort();
  }

  /** Folder for a block in the making. */
  draft(id: string): string {
    return join(this.directory, `${id}.tmp`);
  }

  /** Makes a finished draft durable under its name; it is not among `all` yet. */
  async accept(meta: BlockMeta): Promise<Block> {
    const folder = join(this.directory, meta.id);
    await rename(this.draft(meta.id), folder);
    syncDirectory(this.directory);
    return this.#open(folder, meta);
  }

  /** In one step: queries see the new blocks and not the old ones. The files of those go later. */
  replace(added: readonly Block[], removed: readonly Block[]): void {
    const gone = new Set(removed);
    this.#blocks = [...this.#blocks.filter((block) => !gone.has(block)), ...added];
    this.#sort();
    this.version++;
    for (const block of removed) this.#retire(block, () => this.#remove(block.folder));
  }

  /** Takes a damaged block out of service. */
  async moveAside(block: Block, error: unknown): Promise<void> {
    if (!this.#blocks.includes(block)) return;
    this.#blocks = this.#blocks.filter((each) => each !== block);
    this.version++;
    this.#retire(block, async () => {});
    await this.#moveAside(block.folder, error);
  }

  /** Frees parsed indexes when they are too many; queries that run hold nothing of them. */
  trimIndexes(): void {
    let bytes = 0;
    for (const block of this.#blocks) bytes += block.index.memoryBytes;
    for (const block of this.#blocks) {
      if (bytes <= maxIndexBytes) return;
      bytes -= block.index.memoryBytes;
      block.forget();
    }
  }

  async close(): Promise<void> {
    const blocks = this.#blocks;
    this.#blocks = [];
    for (const block of blocks) this.#retire(block, async () => {});
    await Promise.all(this.#retiring);
  }

  #retire(block: Block, then: () => Promise<void>): void {
    const retiring = block
      .retire(then)
      .catch((error: unknown) => {
        this.#settings.log.warn('A block cannot be removed', { folder: block.folder, err: error });
      })
      .finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  async #open(folder: string, meta: BlockMeta): Promise<Block> {
    let bytes = 0;
    for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
    return Block.open(folder, meta, this.cache, bytes);
  }

  /** Renamed first: half a folder must not look like a block. */
  async #remove(folder: string): Promise<void> {
    if (!existsSync(folder)) return;
    await rename(folder, `${folder}.gone`);
    await rm(`${folder}.gone`, { recursive: true, force: true });
  }

  async #moveAside(folder: string, error: unknown): Promise<void> {
    const { directory, log } = this.#settings;
    const aside = join(directory, 'damaged');
    await mkdir(aside, { recursive: true });
    const to = join(aside, folder.slice(folder.lastIndexOf('/') + 1));
    await rename(folder, to);
    this.setAside++;
    log.error('A block is damaged and was set aside; the rest is served', {
      block: folder,
      movedTo: to,
      err: error,
    });
  }

  #sort(): void {
    this.#blocks.sort((a, b) => a.meta.minTimeMs - b.meta.minTimeMs);
  }
}
