import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, describeError, type Logger } from '#base';
import type { DataSourceProvisioner } from './provisioner.ts';
import { readProvided, type Surroundings } from './read-file.ts';

const intervalMs = 5000;
const maxFileBytes = 1024 * 1024;
const maxFiles = 200;

export interface DataSourceFilesDeps {
  readonly provisioner: DataSourceProvisioner;
  readonly env: Surroundings['env'];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * `datasources/*.yaml` of a provisioning folder, looked at again and again: files of a ConfigMap are
 * swapped as a whole, so there is nothing to watch.
 */
export class DataSourceFiles implements AsyncDisposable {
  readonly #folder: string;
  readonly #deps: DataSourceFilesDeps;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #lastProblem = '';

  /** @param directory as Grafana's `paths.provisioning` */
  constructor(directory: string, deps: DataSourceFilesDeps) {
    this.#folder = join(directory, 'datasources');
    this.#deps = deps;
  }

  /** Resolves when all were read for the first time; goes on by itself. */
  async start(): Promise<void> {
    await this.reload();
    this.#loop = this.#run();
  }

  /** Looks at them now. */
  async reload(): Promise<void> {
    const { log } = this.#deps;
    try {
      const names = await readdir(this.#folder);
      const files = names.filter((name) => /\.(ya?ml|json)$/i.test(name)).sort();
      for (const name of files.slice(0, maxFiles)) await this.#read(join(this.#folder, name));
      this.#lastProblem = '';
    } catch (error) {
      // What came from files stays: a volume may be mounted later.
      const problem = describeError(error);
      if (problem !== this.#lastProblem) {
        log.warn('Files of data sources cannot be read', { folder: this.#folder, reason: problem });
      }
      this.#lastProblem = problem;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#deps.clock.sleep(intervalMs, signal).catch(() => {});
      if (!signal.aborted) await this.reload();
    }
  }

  async #read(file: string): Promise<void> {
    const { size } = await stat(file);
    if (size > maxFileBytes) throw new RangeError(`${file} is larger than ${maxFileBytes} bytes`);
    const text = await readFile(file, 'utf8');
    const around = { env: this.#deps.env, mayReadFiles: true };
    await this.#deps.provisioner.apply(file, readProvided(text, file, around));
  }
}
