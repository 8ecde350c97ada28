import { ImdsClient } from '#aws-client';
import { describeError } from '#base';
import type { RecordMap } from '../contract.ts';
import type { FilterPlugin, PluginScope } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';

/** Option, record key and path of each piece of metadata, in record order. */
const pieces: readonly { option: string; key: string; path: string; byDefault: boolean }[] = [
  { option: 'az', key: 'az', path: 'meta-data/placement/availability-zone', byDefault: true },
  {
    option: 'ec2_instance_id',
    key: 'ec2_instance_id',
    path: 'meta-data/instance-id',
    byDefault: true,
  },
  {
    option: 'ec2_instance_type',
    key: 'ec2_instance_type',
    path: 'meta-data/instance-type',
    byDefault: false,
  },
  { option: 'private_ip', key: 'private_ip', path: 'meta-data/local-ipv4', byDefault: false },
  { option: 'ami_id', key: 'ami_id', path: 'meta-data/ami-id', byDefault: false },
  { option: 'hostname', key: 'hostname', path: 'meta-data/hostname', byDefault: false },
];

/** Longest that the first events wait for the metadata service; nothing waits after that. */
const firstWaitMs = 1500;
const maxTags = 100;

type Pairs = readonly (readonly [string, string])[];

/** Adds what the instance metadata service says about this machine; without it events pass as they are. */
export const awsFilter: FilterPlugin = {
  name: 'aws',
  options: {
    imds_version: option.text,
    ...Object.fromEntries(pieces.map((piece) => [piece.option, option.bool])),
    account_id: option.bool,
    vpc_id: option.bool,
    tags_enabled: option.bool,
    tags_include: option.list,
    tags_exclude: option.list,
    retry_interval_s: option.integer,
    enable_entity: option.bool,
  },
  create: (settings, scope) => {
    const version = settings.text('imds_version', 'v2').toLowerCase();
    if (version !== 'v1' && version !== 'v2') {
      throw settings.problem(
        `aws: imds_version must be v1 or v2, not '${version}'`,
        'imds_version',
      );
    }
    if (settings.has('tags_include') && settings.has('tags_exclude')) {
      throw settings.problem(
        'aws: configure only one of tags_include and tags_exclude',
        'tags_exclude',
      );
    }
    const metadata = new InstanceMetadata(
      settings,
      scope,
      new ImdsClient({ env: scope.env, version }),
    );
    return {
      name: settings.name,
      apply: async (_tag, events) => {
        const pairs = metadata.pairs ?? (await metadata.firstPairs());
        if (pairs === undefined) return events;
        for (const { record } of events) addPairs(record, pairs);
        return events;
      },
    };
  },
};

function addPairs(record: RecordMap, pairs: Pairs): void {
  for (const [key, value] of pairs) record.set(key, value);
}

class InstanceMetadata {
  pairs: Pairs | undefined;
  readonly #settings: Settings;
  readonly #scope: PluginScope;
  readonly #imds: ImdsClient;
  readonly #retryMs: number;
  #loading: Promise<void> | undefined;
  #nextTryMs = 0;
  #firstWait: Promise<void> | undefined;

  constructor(settings: Settings, scope: PluginScope, imds: ImdsClient) {
    this.#settings = settings;
    this.#scope = scope;
    this.#imds = imds;
    this.#retryMs = settings.number('retry_interval_s', 300) * 1000;
  }

  async firstPairs(): Promise<Pairs | undefined> {
    const { clock } = this.#scope;
    if (this.#loading === undefined && clock.monotonicMs() >= this.#nextTryMs) {
      this.#nextTryMs = clock.monotonicMs() + this.#retryMs;
      this.#loading = this.#load().finally(() => {
        this.#loading = undefined;
      });
    }
    // Everything that comes during the first look-up waits for it, once.
    this.#firstWait ??= this.#waitFor(this.#loading ?? Promise.resolve());
    await this.#firstWait;
    return this.pairs;
  }

  async #waitFor(loading: Promise<void>): Promise<void> {
    const enough = new AbortController();
    const limit = this.#scope.clock.sleep(firstWaitMs, enough.signal).catch(() => {});
    await Promise.race([loading, limit]);
    enough.abort();
  }

  async #load(): Promise<void> {
    const settings = this.#settings;
    const pairs: [string, string][] = [];
    const put = async (key: string, path: string): Promise<void> => {
      const value = await this.#imds.get(path);
      if (value !== undefined) pairs.push([key, value]);
    };
    try {
      for (const { option: name, key, path, byDefault } of pieces) {
        if (settings.bool(name, byDefault)) await put(key, path);
      }
      const wantsEntity = settings.bool('enable_entity', false);
      if (settings.bool('account_id', false) || wantsEntity) {
        const document = await this.#imds.get('dynamic/instance-identity/document');
        const account =
          document === undefined
            ? undefined
            : (JSON.parse(document) as { accountId?: string }).accountId;
        if (account !== undefined && settings.bool('account_id', false))
          pairs.push(['account_id', account]);
        if (account !== undefined && wantsEntity) pairs.push(['aws_entity_account_id', account]);
      }
      if (wantsEntity) await put('aws_entity_ec2_instance_id', 'meta-data/instance-id');
      if (settings.bool('vpc_id', false)) {
        const mac = (await this.#imds.get('meta-data/mac'))?.trim();
        if (mac !== undefined)
          await put('vpc_id', `meta-data/network/interfaces/macs/${mac}/vpc-id`);
      }
      if (settings.bool('tags_enabled', false)) await this.#tags(put);
      this.pairs = pairs;
    } catch (error) {
      this.#scope.log.warn('Instance metadata cannot be read, events go on without it', {
        filter: settings.name,
        reason: describeError(error),
        retryMs: this.#retryMs,
      });
    }
  }

  async #tags(put: (key: string, path: string) => Promise<void>): Promise<void> {
    const include = new Set(this.#settings.list('tags_include'));
    const exclude = new Set(this.#settings.list('tags_exclude'));
    const names = ((await this.#imds.get('meta-data/tags/instance')) ?? '').split('\n');
    for (const name of names.slice(0, maxTags)) {
      if (name === '' || exclude.has(name) || (include.size > 0 && !include.has(name))) continue;
      await put(name, `meta-data/tags/instance/${encodeURIComponent(name)}`);
    }
  }
}
