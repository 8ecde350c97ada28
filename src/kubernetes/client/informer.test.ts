import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { KubernetesClient } from './client.ts';
import { type InformerOptions, ListWatchInformer } from './informer.ts';
import type { ReflectorTimes } from './reflector.ts';
import { resources } from './resource.ts';
import {
  answer,
  configMap,
  configMaps,
  FakeApi,
  type FakeObject,
  refusal,
} from './testing/fake-api.ts';
import { until } from './testing/until.ts';

const quick: ReflectorTimes = {
  watchSeconds: 60,
  idleMs: 60_000,
  graceMs: 10_000,
  backoff: { baseMs: 5, maxMs: 20 },
  slowBackoff: { baseMs: 20, maxMs: 40 },
};

const type = resources.configmaps[0];

interface Rig {
  readonly api: FakeApi;
  readonly client: KubernetesClient;
  readonly metrics: MetricsRegistry;
  readonly informer: ListWatchInformer<FakeObject>;
  /** `+a`, `~a`, `-a` as handlers were told. */
  readonly told: string[];
  readonly values: () => Record<string, string>;
}

const stacks: AsyncDisposableStack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0).reverse()) await stack.disposeAsync();
});

async function open(
  options: Partial<InformerOptions<FakeObject, FakeObject>> & {
    readonly protocol?: 'http' | 'https';
    readonly times?: Partial<ReflectorTimes>;
    readonly before?: (api: FakeApi) => void;
  } = {},
): Promise<Rig> {
  const { protocol, times, before, ...rest } = options;
  const stack = new AsyncDisposableStack();
  stacks.push(stack);
  const api = stack.use(await FakeApi.open(protocol));
  api.put(configMaps, configMap('a', '1'));
  api.put(configMaps, configMap('b', '1'));
  before?.(api);
  const metrics = new MetricsRegistry();
  const deps = { clock: systemClock, log: silentLogger, metrics };
  const client = stack.use(new KubernetesClient(api.access(), deps));
  const informer = new ListWatchInformer<FakeObject>(
    { type, ...rest },
    { ...deps, client, times: { ...quick, ...times } },
  );
  stack.use(informer);
  const told: string[] = [];
  informer.subscribe({
    add: ({ metadata }) => told.push(`+${metadata.name}`),
    update: ({ metadata }) => told.push(`~${metadata.name}`),
    delete: ({ metadata }) => told.push(`-${metadata.name}`),
  });
  const values = (): Record<string, string> =>
    Object.fromEntries(
      [...informer.store.values()].map((object) => [
        object.metadata.name,
        (object['data'] as { value: string }).value,
      ]),
    );
  informer.start();
  return { api, client, metrics, informer, told, values };
}

/** Open and past its list. */
async function watching(rig: Rig, watches = 1): Promise<void> {
  await rig.informer.synced;
  await until(() => rig.api.openWatches >= watches);
}

const watchesOf = ({ api }: Rig): URLSearchParams[] =>
  api.seen.filter(({ query }) => query.get('watch') === 'true').map(({ query }) => query);
const listsOf = ({ api }: Rig): URLSearchParams[] =>
  api.seen.filter(({ query }) => query.get('watch') === null).map(({ query }) => query);

describe('ListWatchInformer', () => {
  it('lists, then tells what changes, with the object as it was', async () => {
    const rig = await open();
    const updates: unknown[] = [];
    rig.informer.subscribe({
      update: (now, previous) => updates.push([previous['data'], now['data']]),
    });
    await watching(rig);
    rig.api.put(configMaps, configMap('c', '1'));
    rig.api.put(configMaps, configMap('a', '2'));
    rig.api.remove(configMaps, 'b');
    await until(() => rig.told.length === 5);
    assert.deepEqual(rig.told, ['+a', '+b', '+c', '~a', '-b']);
    assert.deepEqual(updates, [[{ value: '1' }, { value: '2' }]]);
    assert.deepEqual(rig.values(), { a: '2', c: '1' });
    assert.equal(rig.informer.status().state, 'synced');
  });

  it('tells late subscribers what is there', async () => {
    const rig = await open();
    await rig.informer.synced;
    const late: string[] = [];
    const end = rig.informer.subscribe({ add: ({ metadata }) => late.push(metadata.name) });
    assert.deepEqual(late, ['a', 'b']);
    end();
    await watching(rig);
    rig.api.put(configMaps, configMap('c', '1'));
    await until(() => rig.told.includes('+c'));
    assert.deepEqual(late, ['a', 'b']);
  });

  it('goes on where a cut watch was, without a list', async () => {
    for (const protocol of ['http', 'https'] as const) {
      const rig = await open({ protocol });
      await watching(rig);
      rig.api.put(configMaps, configMap('c', '1'));
      await until(() => rig.told.includes('+c'));
      const from = rig.api.version;
      rig.api.cut();
      rig.api.put(configMaps, configMap('d', '1'));
      rig.api.remove(configMaps, 'a');
      await until(() => rig.told.length === 5);
      assert.deepEqual(rig.told.slice(2), ['+c', '+d', '-a'], protocol);
      assert.equal(rig.informer.status().lists, 1);
      assert.equal(watchesOf(rig).at(-1)?.get('resourceVersion'), String(from));
    }
  });

  it('goes on from the last bookmark', async () => {
    const rig = await open();
    await watching(rig);
    // Other collections move the version on: what ours has seen may be compacted away.
    rig.api.put('/api/v1/pods', configMap('x', '1'));
    rig.api.bookmark();
    await until(() => rig.informer.status().lastEventAtMs !== undefined);
    rig.api.compact();
    rig.api.endWatches();
    await until(() => watchesOf(rig).length === 2);
    assert.equal(watchesOf(rig)[1]?.get('resourceVersion'), String(rig.api.version));
    assert.equal(watchesOf(rig)[0]?.get('allowWatchBookmarks'), 'true');
    await until(() => rig.api.openWatches === 1);
    assert.equal(rig.informer.status().lists, 1);
  });

  it('lists anew when the place is forgotten, and tells what happened meanwhile', async () => {
    const rig = await open();
    await watching(rig);
    rig.api.cut();
    rig.api.remove(configMaps, 'a');
    rig.api.put(configMaps, configMap('b', '2'));
    rig.api.put(configMaps, configMap('c', '1'));
    rig.api.compact();
    await until(() => rig.told.length === 5);
    // What is gone is only known at the end of the list.
    assert.deepEqual(rig.told.slice(2), ['~b', '+c', '-a']);
    assert.equal(rig.informer.status().lists, 2);
    // Not older than what was seen before.
    assert.equal(listsOf(rig)[0]?.get('resourceVersion'), '0');
    assert.equal(listsOf(rig)[1]?.get('resourceVersionMatch'), 'NotOlderThan');
    await until(() => rig.informer.status().state === 'synced');
  });

  it('lists anew at a 410 before the stream, too', async () => {
    const rig = await open();
    await watching(rig);
    let refusals = 0;
    rig.api.intercept = ({ query }, response) => {
      if (query.get('watch') !== 'true' || refusals > 0) return false;
      refusals++;
      answer(response, 410, refusal(410, 'Gone', 'too old resource version'));
      return true;
    };
    rig.api.cut();
    rig.api.remove(configMaps, 'a');
    await until(() => rig.told.includes('-a'));
    await until(() => rig.api.openWatches === 1);
    assert.equal(rig.informer.status().lists, 2);
  });

  it('tells a new object of the same name as deleted and added', async () => {
    const rig = await open();
    await watching(rig);
    rig.api.cut();
    rig.api.remove(configMaps, 'a');
    rig.api.put(configMaps, configMap('a', '9'));
    rig.api.compact();
    await until(() => rig.told.length === 4);
    assert.deepEqual(rig.told.slice(2), ['-a', '+a']);
    assert.deepEqual(rig.values(), { a: '9', b: '1' });
  });

  it('reads a list in pages where the newest is wanted', async () => {
    const rig = await open({
      before: (api) => {
        for (let index = 0; index < 25; index++) api.put(configMaps, configMap(`p${index}`, '1'));
        api.maxPage = 10;
      },
    });
    await rig.informer.synced;
    assert.equal(rig.informer.store.size, 27);
    assert.deepEqual(
      listsOf(rig).map((query) => query.get('continue')?.split('@')[0]),
      [undefined, '10', '20'],
    );
  });

  it('begins a list anew whose pages no longer fit together, and forgets nothing by it', async () => {
    let lists = 0;
    const rig = await open({
      before: (api) => {
        for (let index = 0; index < 25; index++) api.put(configMaps, configMap(`p${index}`, '1'));
        api.maxPage = 10;
        api.intercept = ({ query }) => {
          if (query.get('watch') === 'true' || ++lists !== 2) return false;
          api.put(configMaps, configMap('late', '1'));
          api.compact();
          return false;
        };
      },
    });
    await rig.informer.synced;
    assert.equal(rig.informer.store.size, 28);
    assert.equal(rig.told.length, 28);
    assert.equal(rig.informer.status().lists, 2);
    // The second one asks for the newest: the first came from a cache.
    assert.equal(listsOf(rig)[2]?.get('resourceVersion'), null);
    assert.equal(listsOf(rig)[2]?.get('limit'), '500');
  });

  it('asks for the newest when the cache of the server lags behind', async () => {
    const rig = await open();
    await watching(rig);
    rig.api.intercept = ({ query }, response) => {
      if (query.get('resourceVersionMatch') !== 'NotOlderThan') return false;
      const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
      answer(response, 504, refusal(504, 'Timeout', 'Too large resource version', { causes }));
      return true;
    };
    rig.api.cut();
    rig.api.remove(configMaps, 'a');
    rig.api.compact();
    await until(() => rig.told.includes('-a'));
    assert.equal(listsOf(rig).at(-1)?.get('resourceVersion'), null);
  });

  it('is forbidden for a while: says so, settles, and comes to itself', async () => {
    let isForbidden = true;
    const rig = await open({
      before: (api) => {
        api.intercept = (_seen, response) => {
          if (!isForbidden) return false;
          const words = 'configmaps is forbidden: User "x" cannot list resource "configmaps"';
          answer(response, 403, refusal(403, 'Forbidden', words));
          return true;
        };
      },
    });
    await rig.informer.settled;
    const { state, error } = rig.informer.status();
    assert.equal(state, 'forbidden');
    assert.match(error?.message ?? '', /cannot list resource "configmaps"/);
    isForbidden = false;
    await rig.informer.synced;
    await until(() => rig.informer.status().state === 'synced');
    assert.equal(rig.informer.status().error, undefined);
  });

  it('forbidden later, keeps what it knew and compares when it may read again', async () => {
    let isForbidden = false;
    const rig = await open();
    await watching(rig);
    rig.api.intercept = (_seen, response) => {
      if (isForbidden) answer(response, 403, refusal(403, 'Forbidden', 'no'));
      return isForbidden;
    };
    isForbidden = true;
    rig.api.cut();
    await until(() => rig.informer.status().state === 'forbidden');
    assert.equal(rig.informer.store.size, 2);
    rig.api.remove(configMaps, 'a');
    isForbidden = false;
    rig.informer.retryNow();
    await until(() => rig.told.includes('-a'));
  });

  it('mirrors several namespaces, one of which is forbidden', async () => {
    const rig = await open({
      namespaces: ['default', 'shop', 'secret'],
      before: (api) => {
        api.put(configMaps, configMap('s', '1', 'shop'));
        api.put(configMaps, configMap('elsewhere', '1', 'other'));
        api.intercept = ({ path }, response) => {
          const isForbidden = path.includes('/namespaces/secret/');
          if (isForbidden) answer(response, 403, refusal(403, 'Forbidden', 'no'));
          return isForbidden;
        };
      },
    });
    await rig.informer.settled;
    await until(() => rig.api.openWatches === 2);
    assert.deepEqual(Object.keys(rig.values()).sort(), ['a', 'b', 's']);
    assert.deepEqual(rig.informer.status().forbiddenNamespaces, ['secret']);
    // A list of one namespace must not sweep those of another.
    rig.api.cut();
    rig.api.remove(configMaps, 'a');
    rig.api.compact();
    await until(() => rig.told.includes('-a'));
    await until(() => rig.api.openWatches === 2);
    assert.deepEqual(Object.keys(rig.values()).sort(), ['b', 's']);
  });

  it('gives up a watch that has fallen silent, and goes on', async () => {
    const rig = await open({ times: { idleMs: 100 } });
    await watching(rig);
    rig.api.bookmark();
    await until(() => watchesOf(rig).length >= 2);
    rig.api.put(configMaps, configMap('c', '1'));
    await until(() => rig.told.includes('+c'));
    assert.equal(rig.informer.status().lists, 1);
  });

  it('gives up a watch that the server does not end at its time', async () => {
    const rig = await open({ times: { watchSeconds: 0.01, graceMs: 50 } });
    await watching(rig);
    await until(() => watchesOf(rig).length >= 3);
    assert.equal(rig.informer.status().lists, 1);
  });

  it('does not hammer a server that ends each watch at once', async () => {
    const rig = await open({
      times: { backoff: { baseMs: 100_000, maxMs: 100_000 } },
      before: (api) => {
        api.intercept = ({ query }, response) => {
          if (query.get('watch') !== 'true') return false;
          response.writeHead(200);
          response.end();
          return true;
        };
      },
    });
    await rig.informer.synced;
    await until(() => rig.informer.status().state === 'stale');
    assert.equal(watchesOf(rig).length, 1);
    assert.match(rig.informer.status().error?.message ?? '', /ended a watch as soon as it began/);
  });

  it('survives answers that are no JSON, and objects that are too large', async () => {
    const rig = await open();
    await watching(rig);
    let isBroken = true;
    rig.api.intercept = ({ query }, response) => {
      if (query.get('watch') !== 'true' || !isBroken) return false;
      isBroken = false;
      answer(response, 200, '{"type":"ADDED","object":{"metadata":{"name":\n');
      return true;
    };
    rig.api.cut();
    await until(() => rig.api.openWatches === 1);
    rig.api.put(configMaps, configMap('large', 'x'.repeat(9 * 1024 * 1024)));
    await until(() => /larger than 8388608 bytes/.test(rig.informer.status().error?.message ?? ''));
    rig.api.remove(configMaps, 'large');
    rig.api.compact();
    rig.api.put(configMaps, configMap('c', '1'));
    await until(() => rig.told.includes('+c'));
  });

  it('goes on when a reader throws', async () => {
    const rig = await open();
    rig.informer.subscribe({
      add: () => {
        throw new Error('a bug of a reader');
      },
    });
    await watching(rig);
    rig.api.put(configMaps, configMap('c', '1'));
    await until(() => rig.told.includes('+c'));
    assert.match(rig.metrics.render(), /handler_failures_total\{resource="configmaps"\} 3/);
  });

  it('keeps what `project` says, and nothing of what it refuses', async () => {
    const rig = await open({
      project: (object) => (object.metadata.name === 'b' ? undefined : object),
      before: (api) => {
        api.put(configMaps, {
          metadata: {
            name: 'c',
            namespace: 'default',
            annotations: { keep: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
            managedFields: [{ manager: 'kubectl' }],
          },
          data: { value: '1' },
        });
      },
    });
    await rig.informer.synced;
    assert.deepEqual(rig.values(), { a: '1', c: '1' });
    const { metadata } = rig.informer.store.get('default', 'c') ?? assert.fail();
    assert.deepEqual(metadata['annotations'], { keep: 'x' });
    assert.equal('managedFields' in metadata, false);
  });

  it('asks with selectors, and for metadata only', async () => {
    const rig = await open({ labelSelector: 'app in (a,b)', metadataOnly: true });
    await watching(rig);
    const [list, watch] = rig.api.seen;
    assert.equal(list?.query.get('labelSelector'), 'app in (a,b)');
    assert.equal(watch?.query.get('labelSelector'), 'app in (a,b)');
    assert.match(
      String(list?.headers['accept']),
      /as=PartialObjectMetadataList;g=meta.k8s.io;v=v1/,
    );
    assert.match(String(watch?.headers['accept']), /as=PartialObjectMetadata;/);
  });

  it('ends at once, in the middle of a list or a wait too', async () => {
    const never = await open({
      before: (api) => {
        api.intercept = () => true;
      },
    });
    await until(() => never.api.seen.length === 1);
    await never.informer[Symbol.asyncDispose]();
    const waiting = await open({ times: { slowBackoff: { baseMs: 1e6, maxMs: 1e6 } } });
    waiting.api.intercept = (_seen, response) => {
      answer(response, 403, refusal(403, 'Forbidden', 'no'));
      return true;
    };
    await waiting.informer.settled;
    await waiting.informer[Symbol.asyncDispose]();
  });

  it('ends up with what the server has, whatever happens on the way', async () => {
    type Step =
      | { readonly do: 'put'; readonly name: string; readonly value: string }
      | { readonly do: 'remove'; readonly name: string }
      | { readonly do: 'cut' | 'end' | 'compact' | 'bookmark' | 'pause' };
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('put' as const),
          name,
          value: fc.string({ maxLength: 3 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constantFrom(
            'cut' as const,
            'end' as const,
            'compact' as const,
            'bookmark' as const,
            'pause' as const,
          ),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const rig = await open({ protocol: steps.length % 2 === 0 ? 'http' : 'https' });
        // What a reader knows who only listens.
        const heard = new Map<string, string>();
        const hear = (object: FakeObject): void => {
          heard.set(object.metadata.name, (object['data'] as { value: string }).value);
        };
        rig.informer.subscribe({
          add: (object) => {
            assert.equal(heard.has(object.metadata.name), false);
            hear(object);
          },
          update: hear,
          delete: ({ metadata }) => assert.equal(heard.delete(metadata.name), true),
        });
        for (const one of steps) {
          if (one.do === 'put') rig.api.put(configMaps, configMap(one.name, one.value));
          else if (one.do === 'remove') rig.api.remove(configMaps, one.name);
          else if (one.do === 'cut') rig.api.cut();
          else if (one.do === 'end') rig.api.endWatches();
          else if (one.do === 'compact') rig.api.compact();
          else if (one.do === 'bookmark') rig.api.bookmark();
          else await until(() => rig.api.openWatches === 1);
        }
        rig.api.put(configMaps, configMap('last', 'x'));
        const wanted = Object.fromEntries(
          rig.api
            .objects(configMaps)
            .map((object) => [object.metadata.name, (object['data'] as { value: string }).value]),
        );
        await until(() => heard.has('last'));
        await until(() => JSON.stringify(sorted(rig.values())) === JSON.stringify(sorted(wanted)));
        assert.deepEqual(Object.fromEntries(heard), wanted);
        assert.doesNotMatch(rig.metrics.render(), /handler_failures_total\{/);
        await stacks.pop()?.disposeAsync();
      }),
      { numRuns: 40 },
    );
  });
});

const sorted = (map: Record<string, string>): [string, string][] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
