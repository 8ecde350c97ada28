import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IncidentChange, Need, Subject, Trouble } from '../contract.ts';
import { relatedTo } from '../related.ts';
import { IncidentEngine, type IncidentRules } from './engine.ts';

const rules: IncidentRules = {
  escalation: { mediumFrom: 3, highFrom: 10, criticalFrom: 50 },
  resolveHoldDownMs: 30_000,
  windowMs: 600_000,
  nodeSuppressesPods: true,
  storm: { enabled: false, threshold: 10, windowMs: 300_000, digestIntervalMs: 300_000 },
  reminders: { intervalMs: {}, maxPerIncident: 0 },
  maxOpen: 100,
};

const deployment = (name: string): Subject => ({ kind: 'Deployment', namespace: 'shop', name });
const pod = (name: string): Subject => ({ kind: 'Pod', namespace: 'shop', name });
const needs = (name: string): Need => ({
  service: { kind: 'Service', namespace: 'shop', name },
  workload: deployment(name),
  by: 'environment',
  where: `${name.toUpperCase()}_HOST`,
});
const trouble = (of: string, more: Partial<Trouble> = {}): Trouble => ({
  reason: 'Error',
  severity: 'high',
  subject: pod(`${of}-1`),
  owner: deployment(of),
  message: '',
  sinceMs: 0,
  ...more,
});

/** One thing that a pod has at a minute: `web needs orders`, or nothing any more. */
interface Step {
  readonly minute: number;
  readonly of: string;
  readonly needs?: string;
  readonly pod?: string;
  readonly isWell?: boolean;
  readonly reason?: string;
}

function replay(steps: readonly Step[], begun = true) {
  let ids = 0;
  const engine = new IncidentEngine(rules, { newId: () => `i${++ids}` });
  if (begun) engine.begin(0);
  const told: string[] = [];
  const hear = (changes: readonly IncidentChange[]): void => {
    for (const change of changes) {
      const of = 'incident' in change ? change.incident.owner.name : change.incidents.length;
      told.push(`${change.kind} ${of}`);
    }
  };
  for (const { minute, of, needs: what, pod: name = `${of}-1`, isWell, reason } of steps) {
    const more: Partial<Trouble> = {
      subject: pod(name),
      ...(reason === undefined ? {} : { reason }),
      ...(what === undefined ? {} : { needs: needs(what) }),
    };
    hear(engine.set(pod(name), isWell === true ? [] : [trouble(of, more)], minute * 60_000));
  }
  const places = engine
    .open()
    .map(({ owner, members, causedBy }) => {
      const who = members.map(({ subject }) => subject.name).sort();
      const why = causedBy === undefined ? '' : ` <- ${causedBy.owner.name}`;
      return `${owner.name}: ${who.join(', ')}${why}`;
    })
    .sort();
  return { engine, told, places, hear };
}

describe('Places, of what needs something else', () => {
  const f = (
    what: string,
    steps: readonly Step[],
    want: { readonly places: readonly string[]; readonly told: readonly string[] },
  ): void =>
    void it(what, () => {
      const { places, told } = replay(steps);
      assert.deepEqual({ places, told }, want);
    });

  f(
    'who needs it belongs to it',
    [
      { minute: 0, of: 'orders' },
      { minute: 1, of: 'web', needs: 'orders' },
      { minute: 2, of: 'mail', needs: 'orders' },
    ],
    { places: ['orders: mail-1, orders-1, web-1'], told: ['created orders'] },
  );
  f(
    'who needs somebody who needs it, too',
    [
      { minute: 0, of: 'db' },
      { minute: 1, of: 'orders', needs: 'db' },
      { minute: 2, of: 'web', needs: 'orders' },
    ],
    { places: ['db: db-1, orders-1, web-1'], told: ['created db'] },
  );
  f(
    'who was told before stays, and is linked once',
    [
      { minute: 0, of: 'web', needs: 'orders' },
      { minute: 1, of: 'orders' },
      { minute: 2, of: 'web', needs: 'orders' },
      { minute: 3, of: 'web', pod: 'web-2', needs: 'orders' },
    ],
    {
      places: ['orders: orders-1', 'web: web-1, web-2 <- orders'],
      told: ['created web', 'created orders', 'linked web'],
    },
  );
  f(
    'the cause never joins who needs it',
    [
      { minute: 0, of: 'web', needs: 'orders' },
      { minute: 1, of: 'orders', needs: 'web' },
      { minute: 2, of: 'web', needs: 'orders' },
    ],
    { places: ['web: orders-1, web-1'], told: ['created web'] },
  );
  f(
    'two that need each other and were told are not linked in a circle',
    [
      { minute: 0, of: 'web' },
      { minute: 1, of: 'orders' },
      { minute: 2, of: 'web', needs: 'orders' },
      { minute: 3, of: 'orders', needs: 'web' },
    ],
    {
      places: ['orders: orders-1', 'web: web-1 <- orders'],
      told: ['created web', 'created orders', 'linked web'],
    },
  );
  f(
    'what began long before is not explained by it',
    [
      { minute: 0, of: 'web' },
      { minute: 60, of: 'orders' },
      { minute: 61, of: 'web', needs: 'orders' },
    ],
    { places: ['orders: orders-1', 'web: web-1'], told: ['created web', 'created orders'] },
  );
  f(
    'what is well explains nothing',
    [
      { minute: 0, of: 'orders' },
      { minute: 1, of: 'orders', isWell: true },
      { minute: 1, of: 'web', needs: 'orders' },
    ],
    { places: ['orders: orders-1', 'web: web-1'], told: ['created orders', 'created web'] },
  );
  f(
    'what follows from the one that joined goes with it',
    [
      { minute: 0, of: 'orders' },
      { minute: 1, of: 'web', needs: 'orders' },
      { minute: 11, of: 'web', pod: 'web', reason: 'ProgressDeadlineExceeded' },
      { minute: 12, of: 'web', pod: 'web-3', reason: 'OOMKilled' },
    ],
    {
      places: ['orders: orders-1, web, web-1', 'web: web-3'],
      told: ['created orders', 'updated orders', 'created web'],
    },
  );

  it('what nobody was told of yet moves to its cause: the order of the first look counts nothing', () => {
    const { engine, hear, told } = replay(
      [
        { minute: 0, of: 'web' },
        { minute: 0, of: 'orders' },
        { minute: 0, of: 'web', needs: 'orders' },
      ],
      false,
    );
    hear(engine.begin(1000));
    assert.deepEqual(told, ['baseline 1']);
    hear(engine.tick(60_000));
    assert.deepEqual(
      engine.open().map(({ owner, members }) => [owner.name, members.length]),
      [['orders', 2]],
    );
  });

  it('after a restart who had joined comes back to it, whatever is heard of first', () => {
    const { engine } = replay([
      { minute: 0, of: 'orders' },
      { minute: 1, of: 'web', needs: 'orders' },
    ]);
    const second = new IncidentEngine(rules, { newId: () => 'other' });
    second.restore(engine.open());
    second.set(pod('web-1'), [trouble('web')], 120_000);
    second.set(pod('orders-1'), [trouble('orders')], 120_000);
    assert.deepEqual(second.begin(120_000), []);
    assert.deepEqual(
      second.open().map(({ id, members }) => [id, members.length]),
      [['i1', 2]],
    );
  });

  it('a link is kept over a restart, and both show each other', () => {
    const { engine } = replay([
      { minute: 0, of: 'web' },
      { minute: 1, of: 'orders' },
      { minute: 2, of: 'web', needs: 'orders' },
    ]);
    const second = new IncidentEngine(rules, { newId: () => 'other' });
    second.restore(engine.open());
    const all = second.open();
    const web = all.find(({ owner }) => owner.name === 'web');
    const orders = all.find(({ owner }) => owner.name === 'orders');
    assert.ok(web !== undefined && orders !== undefined);
    assert.equal(relatedTo(web, all)[0]?.relation, 'needs');
    assert.equal(relatedTo(orders, all)[0]?.relation, 'needed-by');
  });
});
