import { AppError } from '#base';

/** An object that cannot be taken, with the place and the reason, as its author must read it. */
export class InvalidObjectError extends AppError {
  constructor(path: string, message: string) {
    super('KUBERNETES_MONITOR_INVALID', path === '' ? message : `${path}: ${message}`);
    this.name = 'InvalidObjectError';
  }
}

type Plain = Readonly<Record<string, unknown>>;

/**
 * Reads a part of an object's spec. What is absent or null is undefined; what is of the wrong kind is
 * an {@link InvalidObjectError}: definitions may be looser than ours.
 */
export class SpecReader {
  readonly path: string;
  readonly #value: Plain;

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidObjectError(path, 'expected an object');
    }
    this.#value = value as Plain;
    this.path = path;
  }

  /** As it was given. */
  get plain(): unknown {
    return this.#value;
  }

  raw(key: string): unknown {
    return this.#value[key] ?? undefined;
  }

  keys(): readonly string[] {
    return Object.keys(this.#value);
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  error(key: string, message: string): InvalidObjectError {
    return new InvalidObjectError(this.at(key), message);
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  /** Undefined also for an empty text: the API's own idea of absent. */
  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string') throw this.error(key, 'expected text');
    return value;
  }

  flag(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.error(key, 'expected true or false');
  }

  number(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'number') return value;
    throw this.error(key, 'expected a number');
  }

  /** IntOrString. */
  textOrNumber(key: string): string | number | undefined {
    const value = this.raw(key);
    return typeof value === 'number' ? value : this.text(key);
  }

  child(key: string): SpecReader | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : new SpecReader(value, this.at(key));
  }

  children(key: string): readonly SpecReader[] {
    return this.#list(key).map((item, index) => new SpecReader(item, `${this.at(key)}[${index}]`));
  }

  texts(key: string): readonly string[] {
    return this.#list(key).map((item, index) => {
      if (typeof item === 'string') return item;
      throw this.error(`${key}[${index}]`, 'expected text');
    });
  }

  /** Names and texts; numbers become texts. */
  record(key: string): Readonly<Record<string, string>> {
    const value = this.raw(key);
    if (value === undefined) return {};
    const pairs = Object.entries(new SpecReader(value, this.at(key)).#value);
    return Object.fromEntries(
      pairs.map(([name, one]) => {
        if (typeof one === 'string' || typeof one === 'number') return [name, String(one)];
        throw this.error(`${key}.${name}`, 'expected text');
      }),
    );
  }

  /** Names and lists of texts. */
  lists(key: string): Readonly<Record<string, readonly string[]>> | undefined {
    const child = this.child(key);
    if (child === undefined) return undefined;
    return Object.fromEntries(child.keys().map((name) => [name, child.texts(name)]));
  }

  #list(key: string): readonly unknown[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    throw this.error(key, 'expected a list');
  }
}
