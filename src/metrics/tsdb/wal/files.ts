import { closeSync, constants as fsConstants, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes a file's entry in its directory durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, fsConstants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export const numberedPath = (directory: string, number: number, ending: string): string =>
  join(directory, `${String(number).padStart(8, '0')}.${ending}`);

/** Numbers of the files `00000001.<ending>`, ascending. */
export async function numberedFiles(directory: string, ending: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of await readdir(directory)) {
    const match = /^(\d{8,})\.(\w+)$/.exec(name);
    if (match !== null && match[2] === ending) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}

/** Writes all pieces at a place, however many writes it takes. @returns the place after them */
export async function writeAll(
  file: FileHandle,
  pieces: readonly Uint8Array[],
  position: number,
): Promise<number> {
  let at = position;
  // The kernel takes at most 1024 pieces at once.
  for (let from = 0; from < pieces.length; from += 1000) {
    const some = pieces.slice(from, from + 1000);
    const total = some.reduce((sum, piece) => sum + piece.length, 0);
    const { bytesWritten } = await file.writev(some, at);
    if (bytesWritten < total) {
      // A short write: a full disk reports itself on the next one.
      const rest = Buffer.concat(some).subarray(bytesWritten);
      let done = 0;
      while (done < rest.length) {
        const result = await file.write(rest, done, rest.length - done, at + bytesWritten + done);
        done += result.bytesWritten;
      }
    }
    at += total;
  }
  return at;
}

/** Makes a new file with this content durable. */
export async function writeDurable(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await writeAll(file, [bytes], 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}
