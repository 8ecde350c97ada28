import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger, systemClock } from '#base';
import { openLogStore } from '#logs/store';
import { openStateStore } from '#state';
import type { Author } from './changes.ts';
import type { InstanceAlert, RuleDefinition } from './contract.ts';
import { definition } from './rules.fixture.ts';
import { AlertRules } from './rules.ts';
import { nextSlotMs } from './scheduler.ts';

const startMs = Date.UTC(2026, 2, 31, 5, 0, 0);
const ui: Author = { by: 'me', via: 'ui', provenance: '' };
const group = { folderUid: 'f1', title: 'g' };

/** Rules over a source of one value, whose clock moves only when told to. */
class Scene implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock(startMs);
  readonly told: (InstanceAlert & { readonly atMs: number })[] = [];
  readonly written: unknown[] = [];
  value: number | undefined = 1;
  isFull = false;
  rules!: AlertRules;
  readonly #parts = new AsyncDisposableStack();
  #open!: () => Promise<AlertRules>;

  static async open(): Promise<Scene> {
    const scene = new Scene();
    await scene.#begin();
    return scene;
  }

  async put(definitions: readonly Partial<RuleDefinition>[], intervalMs = 60_000): Promise<void> {
    const rules = definitions.map((one) => definition({ forMs: 0, ...one }));
    await this.rules.store.putGroup({ ...group, intervalMs, rules }, ui);
  }

  /** So many evaluations of the group. */
  async evaluate(times: number, intervalMs = 60_000): Promise<void> {
    for (let at = 0; at < times; at++) {
      const slotMs = nextSlotMs({ ...group, intervalMs }, this.clock.nowMs() + 1);
      await this.clock.advance(slotMs - this.clock.nowMs());
      await this.settle();
    }
  }

  /** Lets what has begun come to its end. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.rules.idle();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends the program's part, and begins it anew over what is kept. */
  async restart(): Promise<void> {
    await this.rules[Symbol.asyncDispose]();
    await this.clock.advance(1);
    this.rules = await this.#open();
    await this.rules.start();
  }

  /** Whether receivers would take each for firing then, in order. */
  get fires(): readonly boolean[] {
    return this.told.map(({ endsAtMs, atMs }) => endsAtMs > atMs);
  }

  get states(): readonly string[] {
    return this.rules.instances('r1').map(({ state }) => state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rules[Symbol.asyncDispose]();
    await this.#parts.disposeAsync();
  }

  async #begin(): Promise<void> {
    const folder = this.#parts.use(await mkdtempDisposable(join(tmpdir(), 'nunchi-rules-')));
    const state = this.#parts.use(await openStateStore({ dataDir: folder.path }));
    const logs = this.#parts.use(
      await openLogStore({
        directory: join(folder.path, 'logs'),
        log: silentLogger,
        metrics: new MetricsRegistry(),
        clock: systemClock,
      }),
    );
    this.#open = () =>
      AlertRules.open({
        state,
        logs,
        folders: { get: (uid) => ({ uid, title: 'folder' }), ensure: async () => 'f1' },
        names: { hasReceiver: () => true, hasTiming: () => true },
        source: {
          query: async ({ queries }) =>
            new Map(queries.map(({ refId }) => [refId, { status: 200, frames: this.#frames() }])),
        },
        sink: {
          put: async (alerts) => {
            if (this.isFull) throw new Error('the disk is full');
            const atMs = this.clock.nowMs();
            this.told.push(...alerts.map((alert) => ({ ...alert, atMs })));
            return [];
          },
        },
        samples: {
          write: async (samples, atMs) => {
            this.written.push(...samples.map((sample) => ({ ...sample, atMs })));
          },
        },
        clock: this.clock,
        log: silentLogger,
        metrics: new MetricsRegistry(),
        externalUrl: 'http://n',
        folder: join(folder.path, 'alerting'),
      });
    this.rules = await this.#open();
    await this.rules.start();
  }

  #frames() {
    if (this.value === undefined) return [];
    return [
      {
        meta: { type: 'numeric-multi' },
        fields: [
          { name: 'v', type: 'number' as const, labels: { pod: 'a' }, values: [this.value] },
        ],
      },
    ];
  }
}

describe('rules that are evaluated', () => {
  it('tell of what fires, again every 30 s, and of its end once', async () => {
    await using scene = await Scene.open();
    await scene.put([{ annotations: { summary: '{{ $values.B.Value }}' } }], 10_000);
    await scene.evaluate(7, 10_000);
    assert.deepEqual(scene.fires, [true, true, true]);
    const [first, second] = scene.told;
    assert.equal(second!.atMs - first!.atMs, 30_000);
    assert.equal(second!.startsAtMs, first!.startsAtMs);
    assert.equal(first!.endsAtMs - first!.atMs, 120_000);
    assert.equal(first!.generatorUrl, 'http://n/alerting/grafana/r1/view?orgId=1');
    assert.deepEqual(first!.annotations, {
      summary: '1',
      __orgId__: '1',
      __values__: '{"A":1,"B":1,"C":1}',
      __value_string__:
        "[ var='A' labels={pod=a} value=1 ], [ var='B' labels={pod=a} value=1 ], [ var='C' labels={pod=a} value=1 ]",
    });
    scene.value = 0;
    await scene.evaluate(4, 10_000);
    assert.deepEqual(scene.fires, [true, true, true, false]);
    assert.equal(scene.told[3]!.startsAtMs, first!.startsAtMs);
  });

  it('tell of numbers that JSON has none for', async () => {
    await using scene = await Scene.open();
    scene.value = Number.POSITIVE_INFINITY;
    await scene.put([{}]);
    await scene.evaluate(1);
    assert.equal(scene.told[0]!.annotations['__values__'], '{"A":"+Inf","B":"+Inf","C":1}');
  });

  it('tell again what the disk had no room for', async () => {
    await using scene = await Scene.open();
    await scene.put([{}]);
    scene.isFull = true;
    await scene.evaluate(1);
    scene.isFull = false;
    await scene.evaluate(1);
    assert.deepEqual(scene.fires, [true]);
    scene.value = 0;
    scene.isFull = true;
    await scene.evaluate(1);
    scene.isFull = false;
    await scene.evaluate(2);
    assert.deepEqual(scene.fires, [true, false]);
  });

  for (const [name, change] of [
    ['edited', (scene: Scene) => scene.put([{ title: 'other' }])],
    ['paused', (scene: Scene) => scene.put([{ isPaused: true }])],
    ['deleted', (scene: Scene) => scene.put([])],
    [
      'moved to another folder',
      async (scene: Scene) => {
        await scene.rules.store.putGroup(
          { folderUid: 'f2', title: 'g', intervalMs: 60_000, rules: [definition({ forMs: 0 })] },
          ui,
        );
      },
    ],
  ] as const) {
    it(`end when their rule is ${name}`, async () => {
      await using scene = await Scene.open();
      await scene.put([{}]);
      await scene.evaluate(1);
      await change(scene);
      await scene.settle();
      assert.deepEqual(scene.fires, [true, false]);
    });
  }

  it('go on when only their group is another, and when others of it change', async () => {
    await using scene = await Scene.open();
    await scene.put([{}]);
    await scene.evaluate(1);
    await scene.put([{}, { uid: 'r2', title: 'second', isPaused: true }]);
    await scene.settle();
    assert.deepEqual([scene.fires, scene.states], [[true], ['Alerting']]);
  });

  it('go on after a restart: clocks do, and nothing is new that is not', async () => {
    await using scene = await Scene.open();
    await scene.put([{ forMs: 120_000 }]);
    await scene.evaluate(2);
    assert.deepEqual(scene.states, ['Pending']);
    const { startsAtMs } = scene.rules.instances('r1')[0]!;
    await scene.restart();
    assert.equal(scene.rules.instances('r1')[0]!.startsAtMs, startsAtMs);
    await scene.evaluate(1);
    assert.deepEqual([scene.states, scene.fires], [['Alerting'], [true]]);
    await scene.restart();
    await scene.evaluate(1);
    assert.equal(scene.told[1]!.startsAtMs, scene.told[0]!.startsAtMs);
    scene.value = 0;
    await scene.evaluate(1);
    assert.deepEqual(scene.fires, [true, true, false]);
    await scene.restart();
    await scene.evaluate(1);
    assert.deepEqual(scene.fires, [true, true, false]);
  });

  it('have a health, and keep the last error', async () => {
    await using scene = await Scene.open();
    await scene.put([{}]);
    assert.equal(scene.rules.status('r1').health, 'unknown');
    await scene.evaluate(1);
    assert.equal(scene.rules.status('r1').health, 'ok');
    scene.value = undefined;
    await scene.evaluate(1);
    assert.equal(scene.rules.status('r1').health, 'nodata');
    await scene.put([{ condition: 'A' }]);
    scene.value = 1;
    await scene.evaluate(1);
    assert.equal(scene.rules.status('r1').health, 'ok');
  });

  it('write series where they record', async () => {
    await using scene = await Scene.open();
    await scene.put([{ record: { metric: 'app:requests', from: 'B' }, labels: { team: 'x' } }]);
    await scene.evaluate(1);
    assert.deepEqual(scene.written, [
      {
        labels: { pod: 'a', team: 'x', __name__: 'app:requests' },
        value: 1,
        atMs: nextSlotMs({ ...group, intervalMs: 60_000 }, startMs),
      },
    ]);
    assert.deepEqual(scene.told, []);
  });

  it('leave their changes in the history', async () => {
    await using scene = await Scene.open();
    await scene.put([{ forMs: 60_000 }]);
    await scene.evaluate(2);
    scene.value = 0;
    await scene.evaluate(1);
    await scene.rules.history[Symbol.asyncDispose]();
    const entries = await scene.rules.history.read(
      {
        fromMs: startMs,
        toMs: startMs + 3_600_000,
        ruleUid: 'r1',
        labels: { pod: 'a' },
        limit: 10,
      },
      new AbortController().signal,
    );
    assert.deepEqual(
      entries.map(({ record }) => [record.previous, record.current, record.values['B']]),
      [
        ['Alerting', 'Normal', 0],
        ['Pending', 'Alerting', 1],
        ['Normal', 'Pending', 1],
      ],
    );
  });
});
