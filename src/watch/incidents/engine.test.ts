import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { IncidentChange, Severity, Subject, Trouble } from '../contract.ts';
import { IncidentEngine, type IncidentRules } from './engine.ts';

const rules: IncidentRules = {
  escalation: { mediumFrom: 3, highFrom: 10, criticalFrom: 50 },
  resolveHoldDownMs: 30_000,
  windowMs: 600_000,
  nodeSuppressesPods: true,
  storm: { enabled: true, threshold: 10, windowMs: 300_000, digestIntervalMs: 300_000 },
  reminders: { intervalMs: { critical: 3_600_000 }, maxPerIncident: 2 },
  maxOpen: 100,
};

const podSubject = (name: string): Subject => ({ kind: 'Pod', namespace: 'shop', name });
const deployment = (name: string): Subject => ({ kind: 'Deployment', namespace: 'shop', name });
const nodeSubject = (name: string): Subject => ({ kind: 'Node', namespace: '', name });

const trouble = (
  pod: string,
  reason: string,
  more: Partial<Trouble> & { readonly of?: string } = {},
): Trouble => {
  const { of = 'web', ...rest } = more;
  return {
    reason,
    severity: 'medium' as Severity,
    subject: podSubject(pod),
    owner: deployment(of),
    message: '',
    sinceMs: 0,
    ...rest,
  };
};

function open(more: Partial<IncidentRules> = {}): IncidentEngine {
  let ids = 0;
  const engine = new IncidentEngine({ ...rules, ...more }, { newId: () => `i${++ids}` });
  engine.begin(0);
  return engine;
}

const kinds = (changes: readonly IncidentChange[]): string[] => changes.map(({ kind }) => kind);

describe('IncidentEngine', () => {
  it('tells once of all replicas of an owner, and once that it is over', () => {
    const engine = open();
    const told: IncidentChange[] = [];
    for (let i = 0; i < 9; i++) {
      told.push(...engine.set(podSubject(`p${i}`), [trouble(`p${i}`, 'ErrImagePull')], i));
    }
    assert.deepEqual(kinds(told), ['created']);
    for (let i = 0; i < 9; i++) told.push(...engine.set(podSubject(`p${i}`), [], 1000));
    told.push(...engine.tick(20_000));
    assert.deepEqual(kinds(told), ['created']);
    told.push(...engine.tick(31_001));
    const last = told.at(-1);
    assert.ok(last?.kind === 'resolved');
    assert.equal(last.incident.peak, 9);
    assert.equal(last.incident.resolvedMs, 31_001);
    assert.ok(last.incident.members.length > 0, 'says who it was');
  });

  it('is silent about the next name of the same trouble', () => {
    const engine = open();
    assert.deepEqual(kinds(engine.set(podSubject('p'), [trouble('p', 'ErrImagePull')], 0)), [
      'created',
    ]);
    assert.deepEqual(engine.set(podSubject('p'), [trouble('p', 'ImagePullBackOff')], 1), []);
    const other = engine.set(podSubject('p'), [trouble('p', 'OOMKilled')], 2);
    assert.deepEqual(kinds(other), ['updated']);
  });

  it('a pod that is well for less than the hold-down has not recovered', () => {
    const engine = open();
    engine.set(podSubject('p'), [trouble('p', 'Error')], 0);
    engine.set(podSubject('p'), [], 1000);
    assert.deepEqual(engine.tick(30_000), []);
    assert.deepEqual(engine.set(podSubject('p'), [trouble('p', 'Error')], 30_500), []);
    assert.deepEqual(engine.tick(200_000), []);
    assert.equal(engine.openCount, 1);
  });

  it('says that it got worse with ten pods, and with fifty', () => {
    const engine = open();
    const told: IncidentChange[] = [];
    for (let i = 0; i < 60; i++) {
      told.push(...engine.set(podSubject(`p${i}`), [trouble(`p${i}`, 'ErrImagePull')], i));
    }
    assert.deepEqual(
      told.map((change) => (change.kind === 'updated' ? change.incident.severity : change.kind)),
      ['created', 'high', 'critical'],
    );
  });

  it('pods of a node that is down belong to the node', () => {
    const engine = open();
    const node = nodeSubject('n1');
    const down: Trouble = {
      ...trouble('', 'NodeNotReady', { severity: 'critical' }),
      subject: node,
      owner: node,
    };
    assert.deepEqual(kinds(engine.set(node, [down], 0)), ['created']);
    for (const name of ['a', 'b']) {
      const more = { of: name, node: 'n1' };
      assert.deepEqual(engine.set(podSubject(name), [trouble(name, 'NotReady', more)], 1), []);
    }
    const elsewhere = trouble('c', 'NotReady', { of: 'c', node: 'n2' });
    assert.deepEqual(kinds(engine.set(podSubject('c'), [elsewhere], 2)), ['created']);
    assert.equal(engine.openCount, 2);
  });

  it('what was wrong before the node went down stays where it is', () => {
    const engine = open();
    engine.set(podSubject('a'), [trouble('a', 'OOMKilled', { of: 'a', node: 'n1' })], 0);
    const node = nodeSubject('n1');
    const down: Trouble = { ...trouble('', 'NodeNotReady'), subject: node, owner: node };
    engine.set(node, [down], 1);
    engine.set(podSubject('a'), [trouble('a', 'NotReady', { of: 'a', node: 'n1' })], 2);
    const found = engine.open().map(({ owner, members }) => `${owner.name} ${members.length}`);
    assert.deepEqual(found.sort(), ['a 1', 'n1 1']);
  });

  it('one image that several owners cannot pull is one incident', () => {
    const engine = open();
    const image = { shares: ['image shop/web:2'] };
    engine.set(podSubject('a'), [trouble('a', 'ErrImagePull', { of: 'a', ...image })], 0);
    const second = engine.set(
      podSubject('b'),
      [trouble('b', 'ErrImagePull', { of: 'b', ...image })],
      1,
    );
    assert.deepEqual(second, []);
    assert.equal(engine.openCount, 1);
  });

  it('tells of a storm together', () => {
    const engine = open();
    const told: IncidentChange[] = [];
    for (let i = 0; i < 30; i++) {
      told.push(
        ...engine.set(podSubject(`p${i}`), [trouble(`p${i}`, 'Error', { of: `d${i}` })], i),
      );
    }
    assert.deepEqual([told.filter(({ kind }) => kind === 'created').length, told.length], [9, 30]);
    const [digest, ...rest] = engine.tick(300_010);
    assert.deepEqual(rest, []);
    assert.ok(digest?.kind === 'digest');
    assert.equal(digest.incidents.length, 21);
  });

  it('what was wrong at the first start is one summary', () => {
    const engine = new IncidentEngine(rules, { newId: () => crypto.randomUUID() });
    for (const name of ['a', 'b', 'c']) {
      assert.deepEqual(engine.set(podSubject(name), [trouble(name, 'Error', { of: name })], 0), []);
    }
    const [baseline, ...rest] = engine.begin(1);
    assert.deepEqual(rest, []);
    assert.ok(baseline?.kind === 'baseline');
    assert.equal(baseline.incidents.length, 3);
  });

  it('a restart repeats nothing, and ends what ended meanwhile', () => {
    const first = open();
    first.set(podSubject('a'), [trouble('a', 'Error', { of: 'a' })], 0);
    first.set(podSubject('b'), [trouble('b', 'Error', { of: 'b' })], 0);
    const second = new IncidentEngine(rules, { newId: () => crypto.randomUUID() });
    second.restore(first.open());
    assert.deepEqual(second.set(podSubject('a'), [trouble('a', 'Error', { of: 'a' })], 1000), []);
    assert.deepEqual(second.begin(1000), []);
    const changes = second.tick(40_000);
    assert.deepEqual(kinds(changes), ['resolved']);
    assert.ok(changes[0]?.kind === 'resolved' && changes[0].incident.owner.name === 'b');
    assert.equal(second.openCount, 1);
  });

  it('reminds of what is critical, and not for ever', () => {
    const engine = open();
    engine.set(podSubject('p'), [trouble('p', 'Error', { severity: 'critical' })], 0);
    const hours = [1, 2, 3, 4, 5].map((hour) => kinds(engine.tick(hour * 3_600_000)));
    assert.deepEqual(hours, [['updated'], ['updated'], [], [], []]);
  });

  it('after any changes: open incidents are those of objects in trouble, each told once more at most', () => {
    const step = fc.record({
      pod: fc.nat({ max: 5 }),
      owner: fc.nat({ max: 2 }),
      reason: fc.constantFrom('', 'Error', 'ErrImagePull', 'OOMKilled'),
      waitMs: fc.nat({ max: 40_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const storm = { ...rules.storm, enabled: false };
        const engine = open({ storm, windowMs: 0 });
        const wrong = new Map<string, string>();
        const told = new Map<string, string[]>();
        let nowMs = 0;
        const hear = (changes: readonly IncidentChange[]): void => {
          for (const change of changes) {
            if (!('incident' in change)) continue;
            const { id } = change.incident;
            told.set(id, [...(told.get(id) ?? []), change.kind]);
          }
        };
        for (const { pod, owner, reason, waitMs } of steps) {
          nowMs += waitMs;
          hear(engine.tick(nowMs));
          const name = `p${pod}-${owner}`;
          if (reason === '') wrong.delete(name);
          else wrong.set(name, reason);
          const troubles = reason === '' ? [] : [trouble(name, reason, { of: `d${owner}` })];
          hear(engine.set(podSubject(name), troubles, nowMs));
        }
        hear(engine.tick(nowMs + 30_000));
        const members = engine
          .open()
          .flatMap((one) => one.members.map(({ subject }) => subject.name));
        assert.deepEqual(members.sort(), [...wrong.keys()].sort());
        for (const list of told.values()) {
          assert.equal(list[0], 'created');
          assert.equal(list.filter((kind) => kind === 'created').length, 1);
          assert.ok(list.filter((kind) => kind === 'resolved').length <= 1);
          const end = list.indexOf('resolved');
          assert.ok(end < 0 || end === list.length - 1);
        }
      }),
    );
  });

  it('what comes back is the same incident, and is waited for longer each time', () => {
    const engine = open();
    const told: string[] = [];
    const ids = new Set<string>();
    const flapMs = 100_000;
    for (let round = 0; round < 20; round++) {
      const startMs = round * flapMs;
      const pass = (changes: readonly IncidentChange[]): void => {
        for (const change of changes) {
          if ('incident' in change) ids.add(change.incident.id);
          told.push(change.kind === 'updated' ? change.why : change.kind);
        }
      };
      pass(engine.set(podSubject('p'), [trouble('p', 'Error')], startMs));
      pass(engine.set(podSubject('p'), [], startMs + 1000));
      for (let ms = 2000; ms < flapMs; ms += 1000) pass(engine.tick(startMs + ms));
    }
    assert.deepEqual(told, ['created', 'resolved', 'again', 'resolved', 'again']);
    assert.equal(ids.size, 1);
    assert.equal(engine.open()[0]?.reopened, 2);
  });

  it('another kind of trouble of the owner is another incident', () => {
    const engine = open();
    engine.set(podSubject('p'), [trouble('p', 'ErrImagePull')], 0);
    engine.set(podSubject('p'), [], 1000);
    assert.deepEqual(kinds(engine.tick(40_000)), ['resolved']);
    assert.deepEqual(kinds(engine.set(podSubject('p'), [trouble('p', 'Error')], 50_000)), [
      'created',
    ]);
  });

  it('a restart knows what has just ended', () => {
    const first = open();
    first.set(podSubject('p'), [trouble('p', 'Error')], 0);
    first.set(podSubject('p'), [], 1000);
    const [ended] = first.tick(40_000);
    assert.ok(ended?.kind === 'resolved');
    const second = new IncidentEngine(rules, { newId: () => 'other' });
    second.restore([], [ended.incident]);
    second.begin(50_000);
    const [again] = second.set(podSubject('p'), [trouble('p', 'Error')], 60_000);
    assert.ok(again?.kind === 'updated' && again.why === 'again');
    assert.equal(again.incident.id, ended.incident.id);
  });

  it('restarts of one container make it worse', () => {
    const engine = open({ escalation: { mediumFrom: 2, highFrom: 3, criticalFrom: 10 } });
    const told: IncidentChange[] = [];
    // It had crashed before anybody looked.
    for (let restarts = 100; restarts <= 112; restarts++) {
      told.push(...engine.set(podSubject('p'), [trouble('p', 'Error', { restarts })], restarts));
    }
    assert.deepEqual(
      told.map((change) => ('incident' in change ? change.incident.severity : '')),
      ['medium', 'high', 'critical'],
    );
  });

  it('other messages do not use up reminders', () => {
    const engine = open();
    engine.set(podSubject('p'), [trouble('p', 'Error', { severity: 'critical' })], 0);
    engine.set(podSubject('q'), [trouble('q', 'Unschedulable')], 1);
    engine.set(podSubject('r'), [trouble('r', 'Evicted')], 2);
    const hours = [1, 2, 3, 4].map((hour) => kinds(engine.tick(hour * 3_600_000 + 10)));
    assert.deepEqual(hours, [['updated'], ['updated'], [], []]);
  });

  it('a severity without an interval of its own has that of default', () => {
    const engine = open({ reminders: { intervalMs: { default: 60_000 }, maxPerIncident: 1 } });
    engine.set(podSubject('p'), [trouble('p', 'Error')], 0);
    assert.deepEqual(kinds(engine.tick(59_000)), []);
    assert.deepEqual(kinds(engine.tick(60_000)), ['updated']);
    assert.deepEqual(kinds(engine.tick(600_000)), []);
  });

  it('objects beyond those that are named are counted once, and leave', () => {
    const engine = open();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 250; i++) {
        engine.set(podSubject(`p${i}`), [trouble(`p${i}`, 'Error')], round);
      }
    }
    assert.equal(engine.open()[0]?.peak, 250);
    for (let i = 0; i < 250; i++) engine.set(podSubject(`p${i}`), [], 10);
    assert.deepEqual(kinds(engine.tick(60_000)), ['resolved']);
  });
});

const noStorm = { storm: { ...rules.storm, enabled: false } };

describe('IncidentEngine, one cause of several owners', () => {
  const claim = { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data' };
  const full: Trouble = {
    ...trouble('', 'VolumeUsageHigh', { severity: 'high' }),
    subject: claim,
    owner: claim,
  };
  const onClaim = (pod: string): Trouble =>
    trouble(pod, 'Error', { of: pod, dependsOn: ['PersistentVolumeClaim/shop/data'] });

  it('what fails for want of something that fails itself belongs to that', () => {
    const engine = open(noStorm);
    engine.set(claim, [full], 0);
    for (const pod of ['a', 'b']) {
      assert.deepEqual(engine.set(podSubject(pod), [onClaim(pod)], 1), [], 'no news');
    }
    assert.deepEqual(
      engine.open().map(({ owner, members }) => [owner.name, members.length]),
      [['data', 3]],
    );
  });

  it('who does not recover when the cause has is an incident of its own', () => {
    const engine = open(noStorm);
    engine.set(claim, [full], 0);
    engine.set(podSubject('a'), [onClaim('a')], 1);
    engine.set(claim, [], 10_000);
    assert.deepEqual(engine.set(podSubject('a'), [onClaim('a')], 60_000), []);
    const late = engine.set(podSubject('a'), [onClaim('a')], 10_000 + 5 * 60_000);
    assert.deepEqual(kinds(late), ['created']);
    assert.deepEqual(kinds(engine.tick(500_000)), ['resolved']);
  });

  it('who never says a word again is one too, five minutes after the cause has recovered', () => {
    const engine = open(noStorm);
    engine.set(claim, [full], 0);
    engine.set(podSubject('a'), [onClaim('a')], 1);
    engine.set(claim, [], 10_000);
    assert.deepEqual(kinds(engine.tick(300_000)), []);
    assert.deepEqual(kinds(engine.tick(310_000)), ['created']);
    assert.deepEqual(kinds(engine.tick(345_000)), ['resolved']);
    assert.deepEqual(
      engine.open().map(({ owner, members }) => [owner.name, members.length]),
      [['a', 1]],
    );
    assert.deepEqual(kinds(engine.tick(900_000)), []);
  });

  it('what is shared goes on without the one that had it first', () => {
    const engine = open(noStorm);
    const shares = ['image shop/web:2'];
    for (const name of ['a', 'b']) {
      engine.set(podSubject(name), [trouble(name, 'ErrImagePull', { of: name, shares })], 0);
    }
    engine.set(podSubject('a'), [], 1000);
    for (let ms = 2000; ms < 900_000; ms += 60_000) assert.deepEqual(engine.tick(ms), []);
    assert.equal(engine.open()[0]?.members.length, 1);
  });

  const sharing = ['image shop/web:2', 'registry ghcr.io', 'Secret shop/login', 'room for cpu'];
  for (const shared of sharing) {
    it(`${shared}: one incident, which names it`, () => {
      const engine = open(noStorm);
      const told: IncidentChange[] = [];
      for (const [at, of] of ['a', 'b', 'c'].entries()) {
        told.push(
          ...engine.set(
            podSubject(of),
            [trouble(of, 'ErrImagePull', { of, shares: [shared] })],
            at,
          ),
        );
      }
      assert.deepEqual(kinds(told), ['created']);
      const [incident, ...others] = engine.open();
      assert.deepEqual(others, []);
      assert.equal(incident?.shared, shared);
      assert.equal(incident?.members.length, 3);
    });
  }

  it('an owner that joins long after the message is news, and so is one of another namespace', () => {
    const engine = open(noStorm);
    const shares = ['image shop/web:2'];
    engine.set(podSubject('a'), [trouble('a', 'ErrImagePull', { of: 'a', shares })], 0);
    const late = engine.set(
      podSubject('b'),
      [trouble('b', 'ErrImagePull', { of: 'b', shares })],
      3_600_000,
    );
    assert.ok(late[0]?.kind === 'updated' && late[0].why === 'spread');
    assert.equal(late[0].onlyNamespace, undefined);
    const subject = { kind: 'Pod', namespace: 'pay', name: 'c' };
    const owner = { kind: 'Deployment', namespace: 'pay', name: 'c' };
    const there = engine.set(
      subject,
      [{ ...trouble('c', 'ErrImagePull', { shares }), subject, owner }],
      3_600_001,
    );
    assert.ok(there[0]?.kind === 'updated' && there[0].onlyNamespace === 'pay');
    const more = { ...subject, name: 'd' };
    assert.deepEqual(
      engine.set(
        more,
        [{ ...trouble('d', 'ErrImagePull', { shares }), subject: more, owner }],
        3_600_002,
      ),
      [],
    );
  });

  it('pods that a node short of memory puts out belong to it, others do not', () => {
    const engine = open(noStorm);
    const node = nodeSubject('n1');
    engine.set(node, [{ ...trouble('', 'MemoryPressure'), subject: node, owner: node }], 0);
    const on = { node: 'n1', of: 'a' };
    assert.deepEqual(engine.set(podSubject('a'), [trouble('a', 'Evicted', on)], 1), []);
    const crash = engine.set(podSubject('b'), [trouble('b', 'Error', { node: 'n1', of: 'b' })], 2);
    assert.deepEqual(kinds(crash), ['created']);
  });

  it('consequences of a trouble are no news', () => {
    for (const reason of ['ProgressDeadlineExceeded', 'DaemonSetUnavailable', 'NewErrorPattern']) {
      const engine = open(noStorm);
      engine.set(podSubject('a'), [trouble('a', 'Error')], 0);
      const owner = deployment('web');
      const follows = engine.set(owner, [{ ...trouble('', reason), subject: owner, owner }], 1);
      assert.deepEqual(follows, [], reason);
    }
  });
});

describe('IncidentEngine, muted', () => {
  let muted: { kind: 'maintenance' | 'silence'; name: string } | undefined;
  const openMuted = (more: Partial<IncidentRules> = {}): IncidentEngine => {
    let ids = 0;
    const deps = { newId: () => `i${++ids}`, mutedBy: () => muted };
    const engine = new IncidentEngine({ ...rules, ...more }, deps);
    engine.begin(0);
    return engine;
  };
  const window = { kind: 'maintenance', name: 'patching' } as const;

  it('what happens in a window is noted, and told once when it is still there at the end', () => {
    muted = window;
    const engine = openMuted();
    assert.deepEqual(kinds(engine.set(podSubject('a'), [trouble('a', 'Error')], 0)), ['noted']);
    engine.set(podSubject('b'), [trouble('b', 'OOMKilled', { of: 'b' })], 1);
    assert.deepEqual(engine.set(podSubject('a'), [trouble('a', 'Unschedulable')], 2), []);
    assert.equal(engine.open()[0]?.mutedBy?.name, 'patching');
    engine.set(podSubject('b'), [], 3);
    const [over, ...rest] = engine.tick(40_000);
    assert.deepEqual(rest, []);
    assert.ok(over?.kind === 'resolved' && over.isQuiet, 'kept, and told to nobody');
    muted = undefined;
    const [told, ...others] = engine.tick(50_000);
    assert.deepEqual(others, []);
    assert.ok(told?.kind === 'created' && told.incident.owner.name === 'web');
    assert.deepEqual(engine.tick(51_000), []);
  });

  it('what was told of before and got worse in a window is told once at its end', () => {
    muted = undefined;
    const engine = openMuted();
    engine.set(podSubject('a'), [trouble('a', 'Error')], 0);
    muted = window;
    assert.deepEqual(engine.set(podSubject('b'), [trouble('b', 'Unschedulable')], 1), []);
    assert.deepEqual(engine.set(podSubject('c'), [trouble('c', 'Evicted')], 2), []);
    assert.deepEqual(engine.tick(10_000), []);
    muted = undefined;
    assert.deepEqual(kinds(engine.tick(20_000)), ['updated']);
    assert.deepEqual(engine.tick(21_000), []);
  });

  it('the end of what was told of is told at once', () => {
    muted = undefined;
    const engine = openMuted();
    engine.set(podSubject('a'), [trouble('a', 'Error')], 0);
    muted = window;
    engine.set(podSubject('a'), [], 1);
    const [over] = engine.tick(40_000);
    assert.ok(over?.kind === 'resolved' && !over.isQuiet);
  });

  it('what just recovers when the window closes is not told', () => {
    muted = window;
    const engine = openMuted();
    engine.set(podSubject('a'), [trouble('a', 'Error')], 0);
    engine.set(podSubject('a'), [], 10_000);
    muted = undefined;
    const [over, ...rest] = [...engine.tick(20_000), ...engine.tick(45_000)];
    assert.deepEqual(rest, []);
    assert.ok(over?.kind === 'resolved' && over.isQuiet);
  });

  it('a restart within a window is no baseline', () => {
    muted = window;
    const first = openMuted();
    first.set(podSubject('a'), [trouble('a', 'Error')], 0);
    const second = new IncidentEngine(rules, { newId: () => 'x', mutedBy: () => muted });
    second.restore(first.open());
    second.set(podSubject('a'), [trouble('a', 'Error')], 1000);
    assert.deepEqual(kinds(second.begin(1000)), ['noted']);
    muted = undefined;
    assert.deepEqual(kinds(second.tick(2000)), ['created']);
  });

  it('many that are left at the end are a storm', () => {
    muted = window;
    const engine = openMuted();
    for (let i = 0; i < 30; i++) {
      engine.set(podSubject(`p${i}`), [trouble(`p${i}`, 'Error', { of: `d${i}` })], i);
    }
    muted = undefined;
    const changes = engine.tick(1000);
    assert.equal(changes.filter(({ kind }) => kind === 'created').length, 9);
    const [digest] = engine.tick(400_000);
    assert.ok(digest?.kind === 'digest' && digest.incidents.length === 21);
  });

  it('ends of a storm are told together too', () => {
    muted = undefined;
    const engine = openMuted();
    for (let i = 0; i < 30; i++) {
      engine.set(podSubject(`p${i}`), [trouble(`p${i}`, 'Error', { of: `d${i}` })], i);
    }
    engine.tick(400_000);
    for (let i = 0; i < 30; i++) engine.set(podSubject(`p${i}`), [], 400_000);
    const ends = engine.tick(440_000);
    const loud = ends.filter((change) => change.kind === 'resolved' && !change.isQuiet);
    assert.equal(loud.length, 9);
    assert.equal(ends.length, 30);
    const [digest] = engine.tick(800_000);
    assert.ok(digest?.kind === 'digest');
    assert.deepEqual([digest.incidents.length, digest.resolved.length], [0, 21]);
  });
});
