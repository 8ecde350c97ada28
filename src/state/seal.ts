import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { AppError, describeError } from '#base';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Seals secrets that must be read again: AES-256-GCM, `| nonce 12 | tag 16 | ciphertext |`. */
export class Sealer {
  readonly #key: Buffer;

  private constructor(key: Buffer) {
    this.#key = key;
  }

  /**
   * Reads the key file; makes it, readable by its owner only, when there is none.
   * @throws {AppError} STATE_KEY_UNREADABLE
   */
  static open(path: string): Sealer {
    let key: Buffer;
    try {
      if (!existsSync(path)) makeKeyFile(path);
      key = readFileSync(path);
    } catch (error) {
      throw unreadable(path, error);
    }
    if (key.length !== keyBytes) throw unreadable(path, new Error('not a key of 32 bytes'));
    return new Sealer(key);
  }

  /** @param context bound to the secret: it opens only under the same one (the id of its row) */
  seal(secret: string, context: string): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** Undefined when it was sealed with another key or for another context. */
  unseal(sealed: Uint8Array, context: string): string | undefined {
    if (sealed.length < nonceBytes + tagBytes) return undefined;
    const cipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, nonceBytes));
    cipher.setAAD(Buffer.from(context));
    cipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
    try {
      const body = cipher.update(sealed.subarray(nonceBytes + tagBytes));
      return Buffer.concat([body, cipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

/** Written whole under another name first: a crash leaves a key file or none, never half of one. */
function makeKeyFile(path: string): void {
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, randomBytes(keyBytes));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // A link, not a rename: of two processes the first wins, and both go on with its key.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Random secrets have 256 bits: a plain hash is enough, nobody can try them all. */
export function hashSecret(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

function unreadable(path: string, cause: unknown): AppError {
  return new AppError('STATE_KEY_UNREADABLE', `Cannot use ${path}: ${describeError(cause)}`, {
    hint: 'The file holds the key of the access keys; restore it, or remove it and make new keys',
    details: { file: path },
    cause,
  });
}
