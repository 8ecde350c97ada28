import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ItemFilter, textsOf, timelineItem } from './items.ts';

const event = (
  kind: string,
  name: string,
  owners: readonly object[] = [],
  more: object = {},
): string =>
  JSON.stringify({
    type: 'Warning',
    reason: 'BackOff',
    message: 'm',
    count: 2,
    occurrences: 1,
    involvedObject: { kind, namespace: 'shop', name },
    owners,
    workload: owners.at(-1) ?? { kind, name },
    metadata: { uid: 'u', name: 'e', namespace: 'shop' },
    ...more,
  });
const change = (kind: string, name: string): string =>
  JSON.stringify({
    id: 'rollout:u:2',
    change: 'rollout',
    severity: 'info',
    message: 'm',
    object: { kind, namespace: 'shop', name, uid: 'u' },
    owners: [],
    workload: { kind, name },
    by: { actor: 'client', manager: 'kubectl' },
  });

const all: ItemFilter = {
  kind: undefined,
  namespace: undefined,
  name: undefined,
  owners: [],
  sources: new Set(['event', 'change']),
  minSeverity: 'info',
  types: undefined,
};
const web = [
  { kind: 'ReplicaSet', name: 'web-7f' },
  { kind: 'Deployment', name: 'web' },
];

describe('timelineItem()', () => {
  const f = (what: string, message: string, filter: Partial<ItemFilter>, want: unknown): void =>
    void it(what, () => {
      const item = timelineItem(message, { ...all, ...filter });
      const texts = textsOf({ ...all, ...filter });
      // The texts that records are looked for by are in all that are let through.
      if (item !== undefined) assert.ok(texts?.some((text) => message.includes(text)) ?? true);
      assert.deepEqual(item === undefined ? undefined : (item.relation ?? item.source), want);
    });
  const deployment = { kind: 'Deployment', name: 'web', namespace: 'shop' };
  f('everything', event('Pod', 'web-7f-x', web), {}, 'event');
  f('everything, a change', change('Deployment', 'web'), {}, 'change');
  f('the object itself', change('Deployment', 'web'), deployment, 'self');
  f('what it owns', event('Pod', 'web-7f-x', web), deployment, 'owned');
  f(
    'what owns it',
    change('Deployment', 'web'),
    { kind: 'Pod', name: 'web-7f-x', owners: web },
    'owner',
  );
  f(
    'not its siblings',
    event('Pod', 'web-7f-y', web),
    { kind: 'Pod', name: 'web-7f-x', owners: web },
    undefined,
  );
  f('not another of the name', event('Pod', 'web', []), deployment, undefined);
  f('not another namespace', event('Pod', 'web-7f-x', web), { namespace: 'other' }, undefined);
  f('not another source', event('Pod', 'a'), { sources: new Set(['change']) }, undefined);
  f('not what is less severe', change('Deployment', 'web'), { minSeverity: 'warning' }, undefined);
  f('not another type', event('Pod', 'a'), { types: new Set(['rollout']) }, undefined);
  f('not what is no record', '{"level":"info"}', {}, undefined);
});
