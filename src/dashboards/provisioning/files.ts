import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, describeError, type Logger } from '#base';
import type { Provisioner } from './apply.ts';
import type { ProvisioningProblem } from './contract.ts';
import { type Environment, type Provider, readProviders } from './providers.ts';
import { Scanner } from './scan.ts';

export interface FileProvisioningOptions {
  /** As Grafana's `paths.provisioning`: `dashboards/*.yaml` in it. */
  readonly directory: string;
  readonly maxSizeBytes: number;
}

export interface FileProvisioningDeps {
  readonly provisioner: Provisioner;
  readonly env: Environment;
  readonly clock: Clock;
  readonly log: Logger;
}

const sourceOf = (name: string): string => `file:${name}`;
/** From one look at the files of providers to the next. */
const providersIntervalMs = 5000;
const maxProviderFileBytes = 1024 * 1024;

interface Running {
  readonly provider: Provider;
  readonly scanner: Scanner;
  nextMs: number;
}

/**
 * Dashboards of files, looked at again and again: a change is there after `updateIntervalSeconds`.
 * Folders that cannot be read, and files that are broken for now, take nothing away.
 */
export class FileProvisioning implements AsyncDisposable {
  readonly #options: FileProvisioningOptions;
  readonly #deps: FileProvisioningDeps;
  readonly #stopping = new AbortController();
  #running = new Map<string, Running>();
  #nextProvidersMs = -Infinity;
  #loop: Promise<void> | undefined;
  #passing: Promise<void> = Promise.resolve();

  constructor(options: FileProvisioningOptions, deps: FileProvisioningDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Resolves when everything was read for the first time; goes on by itself. */
  async start(): Promise<void> {
    await this.#pass();
    this.#loop = this.#run();
  }

  /** Looks at everything now. */
  async reload(): Promise<void> {
    this.#nextProvidersMs = -Infinity;
    for (const running of this.#running.values()) running.nextMs = -Infinity;
    await this.#pass();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const nextMs = Math.min(
        this.#nextProvidersMs,
        ...[...this.#running.values()].map((one) => one.nextMs),
      );
      await clock.sleep(Math.max(50, nextMs - clock.monotonicMs()), signal).catch(() => {});
      if (!signal.aborted) await this.#pass();
    }
  }

  /** One look after the other, for each says what is gone. */
  #pass(): Promise<void> {
    this.#passing = this.#passing.then(() => this.#lookAtAll());
    return this.#passing;
  }

  async #lookAtAll(): Promise<void> {
    try {
      const nowMs = this.#deps.clock.monotonicMs();
      if (nowMs >= this.#nextProvidersMs) {
        await this.#readProviders();
        this.#nextProvidersMs = nowMs + providersIntervalMs;
      }
      for (const running of this.#running.values()) {
        if (nowMs < running.nextMs) continue;
        await this.#scan(running);
        running.nextMs = nowMs + running.provider.intervalMs;
      }
    } catch (error) {
      // A bug in one place must not end the watch over the others.
      this.#deps.log.error('Provisioned dashboards could not be read', { err: error });
      this.#nextProvidersMs = this.#deps.clock.monotonicMs() + providersIntervalMs;
    }
  }

  async #scan({ provider, scanner }: Running): Promise<void> {
    const { provisioner } = this.#deps;
    const source = sourceOf(provider.name);
    const { provided, problems, isUnreadable, isMissing } = await scanner.scan(provider);
    if (isMissing) {
      provisioner.report(source, problems);
      return;
    }
    const { allowUiUpdates, disableDeletion: keepsRemoved } = provider;
    const content = { source, provided, isUnreadable, allowUiUpdates, keepsRemoved };
    await provisioner.apply(content, problems);
  }

  async #readProviders(): Promise<void> {
    const { provisioner } = this.#deps;
    const folder = join(this.#options.directory, 'dashboards');
    const problems: ProvisioningProblem[] = [];
    const providers = new Map<string, Provider>();
    const files = await providerFiles(folder, problems);
    for (const file of files ?? []) {
      for (const provider of await this.#readFile(join(folder, file), problems)) {
        if (providers.has(provider.name)) {
          const message = `a second provider has the name "${provider.name}": left out`;
          problems.push({ place: join(folder, file), message });
        } else providers.set(provider.name, provider);
      }
    }
    provisioner.report('files', problems);
    // What cannot be read, or is not mounted, may name providers that are there still.
    if (files !== undefined && problems.length === 0) {
      const names = new Set([...providers.keys()].map(sourceOf));
      const isGone = (source: string): boolean => source.startsWith('file:') && !names.has(source);
      await provisioner.forget(isGone, false);
    }
    this.#running = new Map(
      [...providers].map(([name, provider]) => {
        const before = this.#running.get(name);
        const isSame = JSON.stringify(before?.provider) === JSON.stringify(provider);
        const scanner = before?.scanner ?? new Scanner(this.#options.maxSizeBytes);
        const nextMs = isSame ? (before?.nextMs ?? -Infinity) : -Infinity;
        return [name, { provider, scanner, nextMs }];
      }),
    );
  }

  async #readFile(file: string, problems: ProvisioningProblem[]): Promise<readonly Provider[]> {
    try {
      const text = await readFile(file, 'utf8');
      if (text.length > maxProviderFileBytes) throw new Error('larger than 1 MiB');
      const read = readProviders(text, file, this.#deps.env);
      problems.push(...read.problems);
      return read.providers;
    } catch (error) {
      problems.push({ place: file, message: `cannot be read: ${describeError(error)}` });
      return [];
    }
  }
}

async function providerFiles(
  folder: string,
  problems: ProvisioningProblem[],
): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/i.test(name)).sort();
  } catch (error) {
    // Whoever provides data sources only has no such folder.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      problems.push({ place: folder, message: `cannot be read: ${describeError(error)}` });
    }
    return undefined;
  }
}
