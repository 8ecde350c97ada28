import { AppError, type Clock, describeError, isAbortError } from '#base';

export interface CatalogueOptions {
  /** Without a slash at its end. */
  readonly url: string;
  readonly timeoutMs: number;
}

/** A dashboard of the catalogue, as it answers for one. */
export interface CatalogueDashboard {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly description: string;
  readonly revision: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** `catalogue`, or `bundled` with the program where the catalogue cannot be reached. */
  readonly source: 'catalogue' | 'bundled';
  /** As it was answered, for clients that read more of it. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface CatalogueDeps {
  readonly clock: Clock;
  /** A dashboard of the same kind that comes with the program; undefined: none. */
  readonly bundled?: (id: number) => Readonly<Record<string, unknown>> | undefined;
  readonly fetch?: typeof fetch;
}

/** Larger than any dashboard; what is wrapped around one is small. */
const maxAnswerBytes = 8 * 1024 * 1024;
/** Importing asks for the same twice: for the form, and for the import. */
const cacheMs = 60_000;
const maxCached = 20;

type Json = Readonly<Record<string, unknown>>;

/**
 * Dashboards by their number, out of a catalogue as grafana.com has it. Asked only when somebody wants
 * one; a machine without a way there has what comes with the program.
 */
export class Catalogue {
  readonly #options: () => CatalogueOptions;
  readonly #deps: CatalogueDeps;
  readonly #cache = new Map<string, { readonly value: Json; readonly untilMs: number }>();

  constructor(options: () => CatalogueOptions, deps: CatalogueDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /**
   * The newest revision.
   * @throws {AppError} CATALOGUE_NOT_FOUND, CATALOGUE_UNAVAILABLE, CATALOGUE_INVALID
   */
  async dashboard(id: number, signal?: AbortSignal): Promise<CatalogueDashboard> {
    try {
      const raw = await this.#get(`/api/dashboards/${id}`, signal);
      const { json } = raw;
      if (!isObject(json)) {
        throw new AppError('CATALOGUE_INVALID', `The catalogue's answer has no dashboard ${id}`);
      }
      return {
        id,
        name: textOf(raw['name']) ?? textOf(json['title']) ?? String(id),
        slug: textOf(raw['slug']) ?? String(id),
        description: textOf(raw['description']) ?? '',
        revision: typeof raw['revision'] === 'number' ? raw['revision'] : 1,
        json,
        source: 'catalogue',
        raw,
      };
    } catch (error) {
      const bundled = this.#bundledFor(error, id);
      if (bundled === undefined) throw error;
      return bundled;
    }
  }

  /**
   * One revision, or `latest`: the dashboard itself.
   * @throws {AppError} as `dashboard`
   */
  async revision(id: number, revision: number | 'latest', signal?: AbortSignal): Promise<Json> {
    try {
      return await this.#get(`/api/dashboards/${id}/revisions/${revision}/download`, signal);
    } catch (error) {
      const bundled = this.#bundledFor(error, id);
      if (bundled === undefined) throw error;
      return bundled.json;
    }
  }

  #bundledFor(error: unknown, id: number): CatalogueDashboard | undefined {
    if (!(error instanceof AppError) || error.code !== 'CATALOGUE_UNAVAILABLE') return undefined;
    const json = this.#deps.bundled?.(id);
    if (json === undefined) return undefined;
    const name = textOf(json['title']) ?? String(id);
    const facts = { id, name, slug: String(id), description: '', revision: 1, json };
    return { ...facts, source: 'bundled', raw: facts };
  }

  async #get(path: string, signal?: AbortSignal): Promise<Json> {
    const { url, timeoutMs } = this.#options();
    const address = `${url}${path}`;
    const nowMs = this.#deps.clock.monotonicMs();
    const cached = this.#cache.get(address);
    if (cached !== undefined && cached.untilMs > nowMs) return cached.value;
    const value = await this.#fetch(address, timeoutMs, signal);
    if (this.#cache.size >= maxCached) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(address, { value, untilMs: nowMs + cacheMs });
    return value;
  }

  async #fetch(address: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Json> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    let text: string;
    let status: number;
    try {
      const response = await (this.#deps.fetch ?? fetch)(address, {
        signal: either,
        headers: { accept: 'application/json' },
      });
      status = response.status;
      text = await boundedText(response);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = isAbortError(error)
        ? `no answer within ${timeoutMs / 1000} s`
        : describeError(error);
      throw new AppError('CATALOGUE_UNAVAILABLE', `Cannot reach ${address}: ${reason}`, {
        hint: 'Download the JSON elsewhere and import the file, or set dashboards.catalogue.url to a mirror',
        cause: error,
      });
    }
    if (status === 404) {
      throw new AppError('CATALOGUE_NOT_FOUND', `${address} does not exist`, {
        hint: 'Check the number of the dashboard and its revision',
      });
    }
    if (status !== 200) {
      throw new AppError('CATALOGUE_UNAVAILABLE', `${address} answered with status ${status}`);
    }
    try {
      const value = JSON.parse(text) as unknown;
      if (isObject(value)) return value;
    } catch (error) {
      throw new AppError('CATALOGUE_INVALID', `${address} did not answer with JSON`, {
        cause: error,
      });
    }
    throw new AppError('CATALOGUE_INVALID', `${address} did not answer with a dashboard`);
  }
}

async function boundedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of response.body ?? []) {
    sizeBytes += part.byteLength;
    if (sizeBytes > maxAnswerBytes) {
      throw new AppError('CATALOGUE_INVALID', `the answer has more than ${maxAnswerBytes} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
