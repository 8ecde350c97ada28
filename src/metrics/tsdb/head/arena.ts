import { FreeRuns } from './free-runs.ts';

/** Bytes of a page; memory is taken from the system page by page, and by the system as it is touched. */
export const pageBytes: number = 4 * 1024 * 1024;
/** Addresses count in these units, so that 32 bits reach 64 GiB. */
export const unitBytes = 16;
const unitsPerPage = pageBytes / unitBytes;

interface Freed {
  readonly address: number;
  readonly units: number;
  /** Readers that began before it may still look at it. */
  readonly epoch: number;
}

/**
 * Memory for samples that worker threads read without copying. An address is a number of units of 16
 * bytes, never 0. Freed memory is used again only after the last reader that could have seen it is gone.
 */
export class Arena {
  readonly pages: SharedArrayBuffer[] = [];
  readonly views: Uint8Array[] = [];
  readonly words: Uint32Array[] = [];
  readonly doubles: Float64Array[] = [];
  readonly #free = new FreeRuns(this.words, unitsPerPage);
  #next = unitsPerPage;
  #quarantine: Freed[] = [];
  #epoch = 0;
  readonly #readers = new Map<number, number>();
  #usedUnits = 0;

  /** Bytes that hold something. */
  get usedBytes(): number {
    return this.#usedUnits * unitBytes;
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  /** Bytes taken from the system. */
  get reservedBytes(): number {
    return this.pages.length * pageBytes;
  }

  /** @param size bytes, at most a page. The content is whatever it was. */
  allocate(size: number): number {
    const units = unitsOf(size);
    this.#usedUnits += units;
    const known = this.#free.take(units);
    if (known !== 0) return known;
    const left = unitsPerPage - (this.#next % unitsPerPage);
    if (left === unitsPerPage || left < units) {
      if (left < unitsPerPage) this.#free.add(this.#next, left);
      this.#addPage();
    }
    const address = this.#next;
    this.#next += units;
    return address;
  }

  /** @param size as it was given to `allocate` */
  free(address: number, size: number): void {
    const units = unitsOf(size);
    this.#usedUnits -= units;
    if (this.#readers.size === 0) this.#free.add(address, units);
    else this.#quarantine.push({ address, units, epoch: this.#epoch });
  }

  /** A reader begins; call what it returns when it has ended. */
  enter(): () => void {
    const epoch = ++this.#epoch;
    this.#readers.set(epoch, epoch);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#readers.delete(epoch);
      this.#drain();
    };
  }

  #drain(): void {
    if (this.#quarantine.length === 0) return;
    // Readers are kept in the order in which they began.
    const oldest: number = this.#readers.keys().next().value ?? Number.POSITIVE_INFINITY;
    let count = 0;
    while (count < this.#quarantine.length && this.#quarantine[count]!.epoch < oldest) {
      const { address, units } = this.#quarantine[count++]!;
      this.#free.add(address, units);
    }
    if (count > 0) this.#quarantine = this.#quarantine.slice(count);
  }

  #addPage(): void {
    const page = new SharedArrayBuffer(pageBytes);
    this.pages.push(page);
    this.views.push(new Uint8Array(page));
    this.words.push(new Uint32Array(page));
    this.doubles.push(new Float64Array(page));
    // Page n begins at n + 1 pages' worth of units: address 0 is no address.
    this.#next = this.pages.length * unitsPerPage;
  }
}

const unitsOf = (size: number): number => Math.max(1, Math.ceil(size / unitBytes));

export const pageOf = (address: number): number => ((address / unitsPerPage) | 0) - 1;
/** Byte within its page. */
export const byteOf = (address: number): number => (address % unitsPerPage) * unitBytes;
