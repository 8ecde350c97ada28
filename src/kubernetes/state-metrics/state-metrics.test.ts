import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  parseQuantityNano,
  quantityNumber,
  quantityThousandths,
  quantityUnits,
} from '#kubernetes/cluster';
import type { KubernetesObject } from './contract.ts';
import { allowedEntries, mapPairs, parseAllowList } from './label-names.ts';
import { labelPairs, labelText } from './label-sets.ts';
import { StateMetrics } from './registry.ts';
import { writeStateMetrics } from './write.ts';

describe('quantities', () => {
  const f = (text: string, units: number, thousandths: number): void =>
    void it(`${text} is ${units} units`, () => {
      assert.equal(quantityUnits(text), units);
      assert.equal(quantityThousandths(text), thousandths);
    });
  f('0', 0, 0);
  f('1', 1, 1);
  f('100m', 1, 0.1);
  f('1500m', 2, 1.5);
  f('1.5Gi', 1610612736, 1610612736);
  f('128Mi', 134217728, 134217728);
  f('1e3', 1000, 1000);
  f('1E3', 1000, 1000);
  f('1E', 1e18, 1e18);
  f('2Ei', 2 ** 61, 2 ** 61);
  f('5k', 5000, 5000);
  f('250u', 1, 0.001);
  f('1n', 1, 0.001);
  f('1234567n', 1, 0.002);
  f('.5', 1, 0.5);
  f('12.', 12, 12);
  f('-1500m', -2, -1.5);
  f('+3', 3, 3);
  f('1e-3', 1, 0.001);
  f('9e99999', 2 ** 63, 2 ** 63);
  f('1e-99999', 1, 0.001);

  it('tells what is none', () => {
    for (const text of ['', 'x', '1K', '1.2.3', '1 Gi', 'Gi', '1e', '1ki', '--1', '1mi']) {
      assert.throws(() => parseQuantityNano(text), /is no quantity/, text);
    }
  });

  it('quantityNumber() keeps small parts', () => assert.equal(quantityNumber('50m'), 0.05));

  it('is exact for any number of digits and any suffix', () => {
    const suffixes = {
      n: 1n,
      u: 10n ** 3n,
      m: 10n ** 6n,
      '': 10n ** 9n,
      k: 10n ** 12n,
      M: 10n ** 15n,
      Ki: 1024n * 10n ** 9n,
      Mi: 1024n ** 2n * 10n ** 9n,
      Gi: 1024n ** 3n * 10n ** 9n,
    };
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 7n }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom(...Object.entries(suffixes)),
        fc.boolean(),
        (mantissa, decimals, [suffix, nano], isNegative) => {
          const digits = mantissa.toString().padStart(decimals + 1, '0');
          const text =
            decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
          const scale = 10n ** BigInt(decimals);
          const exact = (mantissa * nano + scale - 1n) / scale;
          const parsed = parseQuantityNano(`${isNegative ? '-' : ''}${text}${suffix}`);
          assert.equal(parsed, isNegative ? -exact : exact);
        },
      ),
    );
  });
});

describe('label names and allow lists', () => {
  it('makes names of keys and tells apart what becomes one', () => {
    assert.deepEqual(mapPairs('label', { 'app.kubernetes.io/partOf': 'x', HTTPServer: 'y' }), [
      'label_httpserver',
      'y',
      'label_app_kubernetes_io_part_of',
      'x',
    ]);
    assert.deepEqual(mapPairs('label', { 'a.b': '1', 'a-b': '2', a_b_conflict1: '3' }), [
      'label_a_b_conflict2',
      '2',
      'label_a_b_conflict3',
      '1',
      'label_a_b_conflict1',
      '3',
    ]);
  });

  it('takes keys, stars and parts with stars', () => {
    const map = { app: '1', 'app.kubernetes.io/name': '2', team: '3' };
    const f = (allowed: string[], keys: string[]): void =>
      assert.deepEqual(Object.keys(allowedEntries(map, allowed) ?? {}), keys);
    f(['*'], ['app', 'app.kubernetes.io/name', 'team']);
    f(['app'], ['app']);
    f(['app.*'], ['app.kubernetes.io/name']);
    f(['*/na*e', 'team'], ['app.kubernetes.io/name', 'team']);
    f(['a*b*c*d*e'], []);
    f(['app', '*'], ['app']);
  });

  it('reads the form of kube-state-metrics', () => {
    assert.deepEqual(
      parseAllowList(['pods=[app,team],namespaces=[*]', '*=[x]']),
      new Map([
        ['pods', ['app', 'team']],
        ['namespaces', ['*']],
        ['*', ['x']],
      ]),
    );
    for (const bad of ['pods', 'pods=app', 'pods=[app', '']) {
      assert.ok('problem' in parseAllowList([bad]), bad);
    }
  });

  it('labelPairs() is what labelText() wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), (values) => {
        const pairs = values.flatMap((value, at) => [`l${at}`, value]);
        assert.deepEqual(labelPairs(labelText(pairs)), pairs);
      }),
    );
  });
});

const textOf = (registry: StateMetrics): string =>
  [...writeStateMetrics(registry, { format: 'text', escaping: 'underscores' })].join('');

describe('registry', () => {
  const pod = (
    name: string,
    uid: string,
    phase: string,
    containers: readonly string[],
  ): KubernetesObject =>
    ({
      metadata: { name, namespace: 'n', uid },
      spec: { containers: containers.map((each) => ({ name: each, image: 'i' })) },
      status: {
        phase,
        containerStatuses: containers.map((each) => ({
          name: each,
          ready: true,
          restartCount: 0,
          image: 'i',
          imageID: '',
          state: {},
        })),
      },
    }) as KubernetesObject;

  it('after any changes holds what a new one would', () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      uid: fc.constantFrom('1', '2'),
      phase: fc.constantFrom('Pending', 'Running', ''),
      containers: fc.uniqueArray(fc.constantFrom('x', 'y', 'z', 'w'), { maxLength: 4 }),
      isRemoved: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const registry = new StateMetrics({ resources: ['pods'] });
        const model = new Map<string, KubernetesObject>();
        for (const { name, uid, phase, containers, isRemoved } of changes) {
          const object = pod(name, `${name}${uid}`, phase, containers);
          if (isRemoved) {
            registry.remove('pods', `${name}${uid}`);
            if (model.get(name)?.metadata?.uid === `${name}${uid}`) model.delete(name);
          } else {
            registry.upsert('pods', object);
            model.set(name, object);
          }
        }
        const fresh = new StateMetrics({ resources: ['pods'] });
        for (const object of model.values()) fresh.upsert('pods', object);
        const sorted = (each: StateMetrics): string[] => textOf(each).split('\n').sort();
        assert.deepEqual(sorted(registry), sorted(fresh));
        assert.equal(registry.series, fresh.series);
        assert.equal(registry.labelSets.size, fresh.labelSets.size);
        assert.equal(registry.objects('pods'), model.size);
      }),
      { numRuns: 60 },
    );
  });

  it('replace() ends what the list does not have', () => {
    const registry = new StateMetrics({ resources: ['pods'] });
    registry.upsert('pods', pod('a', '1', 'Running', []));
    registry.replace('pods', [pod('b', '2', 'Running', [])]);
    assert.equal(registry.objects('pods'), 1);
    assert.match(textOf(registry), /pod="b"/);
    assert.doesNotMatch(textOf(registry), /pod="a"/);
  });

  it('a family that cannot read an object leaves the others', () => {
    const faults: string[] = [];
    const registry = new StateMetrics({
      resources: ['pods'],
      onFault: ({ family }) => faults.push(family),
    });
    const bad = pod('a', '1', 'Running', ['x']) as { spec: { containers: object[] } };
    bad.spec.containers = [{ name: 'x', resources: { requests: { cpu: 'much' } } }];
    registry.upsert('pods', bad as KubernetesObject);
    assert.deepEqual(faults, ['kube_pod_container_resource_requests']);
    assert.match(textOf(registry), /kube_pod_status_phase\{.*phase="Running"\} 1/);
  });

  it('refuses resources that it does not know', () => {
    assert.throws(() => new StateMetrics({ resources: ['podz'] }), /no series of "podz"/);
  });
});
