import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { AppError } from '#base';

/** A kubeconfig is a page long; this only keeps a wrong path from being read whole. */
const maxFileBytes = 16 * 1024 * 1024;

/** A mapping of a kubeconfig with the way to it, so that what is wrong can be named. */
export class Section {
  readonly file: string;
  readonly path: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(file: string, path: string, values: Readonly<Record<string, unknown>>) {
    this.file = file;
    this.path = path;
    this.#values = values;
  }

  has(key: string): boolean {
    const value = this.#values[key];
    return value !== undefined && value !== null && value !== '';
  }

  /** Undefined where it is absent or empty. */
  text(key: string): string | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#values[key];
    if (typeof value === 'string') return value;
    // YAML reads an unquoted token or name of digits as a number.
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.problem(key, 'must be text');
  }

  flag(key: string): boolean {
    const value = this.#values[key];
    if (value === undefined || value === null) return false;
    if (typeof value === 'boolean') return value;
    throw this.problem(key, 'must be true or false');
  }

  /** A file's path, relative to the kubeconfig's folder. */
  filePath(key: string): string | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    return isAbsolute(value) ? value : resolve(dirname(this.file), value);
  }

  /** Base64 of a text. */
  base64(key: string): string | undefined {
    const value = this.text(key)?.replace(/\s+/g, '');
    if (value === undefined) return undefined;
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw this.problem(key, 'must be base64');
    return Buffer.from(value, 'base64').toString('utf8');
  }

  section(key: string): Section | undefined {
    if (!this.has(key)) return undefined;
    return new Section(this.file, this.#at(key), this.#map(key, this.#values[key]));
  }

  /** Any value, as JSON. */
  raw(key: string): unknown {
    return this.#values[key];
  }

  texts(key: string): readonly string[] {
    return this.#array(key).map((item) => {
      if (typeof item === 'string') return item;
      if (typeof item === 'number' || typeof item === 'boolean') return String(item);
      throw this.problem(key, 'must be a list of texts');
    });
  }

  sections(key: string): readonly Section[] {
    return this.#array(key).map(
      (item, index) =>
        new Section(this.file, `${this.#at(key)}[${index}]`, this.#map(`${key}[${index}]`, item)),
    );
  }

  problem(key: string, what: string, hint?: string): AppError {
    return new AppError('KUBECONFIG_INVALID', `${this.file}: ${this.#at(key)} ${what}`, {
      details: { file: this.file, key: this.#at(key) },
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  #array(key: string): readonly unknown[] {
    const value = this.#values[key];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    throw this.problem(key, 'must be a list');
  }

  #map(key: string, value: unknown): Readonly<Record<string, unknown>> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
    throw this.problem(key, 'must be a mapping');
  }
}

/** Undefined where the file does not exist. @throws {AppError} KUBECONFIG_INVALID, KUBECONFIG_UNREADABLE */
export async function readKubeconfig(file: string): Promise<Section | undefined> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new AppError('KUBECONFIG_UNREADABLE', `${file} cannot be read`, { cause });
  }
  if (text.length > maxFileBytes) {
    throw new AppError('KUBECONFIG_INVALID', `${file} is over ${maxFileBytes} bytes`);
  }
  // Pods have no kubeconfig: they do without the parser's memory.
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const line = mistake.linePos?.[0].line;
    throw new AppError(
      'KUBECONFIG_INVALID',
      `${file}${line === undefined ? '' : `:${line}`} is no YAML: ${mistake.message.split('\n', 1)[0]}`,
      { details: { file, ...(line === undefined ? {} : { line }) } },
    );
  }
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('KUBECONFIG_INVALID', `${file} must be a mapping, as a kubeconfig is`);
  }
  return new Section(file, '', value as Readonly<Record<string, unknown>>);
}
