/** Bytes of a page; memory is taken from the system page by page, and by the system as it is touched. */
export const pageBytes: number = 4 * 1024 * 1024;
/** Addresses count in these units, so that 32 bits reach 64 GiB. */
export const unitBytes = 16;
const unitsPerPage = pageBytes / unitBytes;

/** Sizes up to this, in units, have a free list each; larger ones share lists by powers of two. */
const maxSmallUnits = 256;

/** Free pieces of at most so many units are split for smaller ones. */
const maxSplitUnits = 64;

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
  readonly #free: number[][] = [];
  #next = unitsPerPage;
  #quarantine: Freed[] = [];
  #epoch = 0;
  readonly #readers = new Map<number, number>();
  #usedUnits = 0;
  /** Free pieces that may be split. */
  #splittable = 0;

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
    const units = roundedUnits(size);
    this.#usedUnits += units;
    const known = this.#take(units) ?? this.#split(units);
    if (known !== undefined) return known;
    if (this.#next % unitsPerPage === 0 || (this.#next % unitsPerPage) + units > unitsPerPage) {
      this.#addPage();
    }
    const address = this.#next;
    this.#next += units;
    return address;
  }

  /** @param size as it was given to `allocate` */
  free(address: number, size: number): void {
    const units = roundedUnits(size);
    this.#usedUnits -= units;
    if (this.#readers.size === 0) this.#release(address, units);
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

  /** Takes a part of a larger free piece; the rest stays free. */
  #split(units: number): number | undefined {
    if (units > maxSplitUnits || this.#splittable === 0) return undefined;
    for (let size = units + 1; size <= maxSplitUnits; size++) {
      const address = this.#take(size);
      if (address === undefined) continue;
      this.#release(address + units, size - units);
      return address;
    }
    return undefined;
  }

  #drain(): void {
    if (this.#quarantine.length === 0) return;
    // Readers are kept in the order in which they began.
    const oldest: number = this.#readers.keys().next().value ?? Number.POSITIVE_INFINITY;
    let count = 0;
    while (count < this.#quarantine.length && this.#quarantine[count]!.epoch < oldest) {
      const { address, units } = this.#quarantine[count++]!;
      this.#release(address, units);
    }
    if (count > 0) this.#quarantine = this.#quarantine.slice(count);
  }

  #take(units: number): number | undefined {
    const address = this.#free[units]?.pop();
    if (address !== undefined && units <= maxSplitUnits) this.#splittable--;
    return address;
  }

  #release(address: number, units: number): void {
    if (units <= maxSplitUnits) this.#splittable++;
    const list = this.#free[units];
    if (list === undefined) this.#free[units] = [address];
    else list.push(address);
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

function roundedUnits(size: number): number {
  const units = Math.max(1, Math.ceil(size / unitBytes));
  if (units <= maxSmallUnits) return units;
  return 2 ** Math.ceil(Math.log2(units));
}

export const pageOf = (address: number): number => ((address / unitsPerPage) | 0) - 1;
/** Byte within its page. */
export const byteOf = (address: number): number => (address % unitsPerPage) * unitBytes;
