import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '#base';
import type { KubernetesClient } from '#kubernetes/client';
import { KubernetesIdentity } from './identity.ts';

const known = { username: 'system:serviceaccount:nunchi:agent', uid: 'u1', groups: ['g'] };

/** An API server that knows one token and lets one user read pods. */
function serverOf() {
  const asked: string[] = [];
  const state = { isBroken: false };
  const create = async (type: { resource: string }, object: unknown): Promise<unknown> => {
    asked.push(type.resource);
    if (state.isBroken) throw new Error('away');
    // biome-ignore lint/suspicious/noExplicitAny: what was posted
    const { spec } = object as any;
    if (type.resource === 'tokenreviews') {
      const isKnown = spec.token === 'good' || (spec.token === 'late' && asked.length > 1);
      return {
        status: isKnown
          ? { authenticated: true, user: known, audiences: spec.audiences && ['other'] }
          : { authenticated: false, error: 'unknown' },
      };
    }
    const { verb, resource } = spec.resourceAttributes ?? spec.nonResourceAttributes;
    const allowed = spec.user === known.username && verb === 'get' && resource === 'pods';
    return { status: { allowed, reason: allowed ? '' : 'no rule' } };
  };
  const client = { create } as unknown as KubernetesClient;
  return { client, asked, state };
}

describe('KubernetesIdentity', () => {
  it('asks once for a token, and again when the answer is a minute old', async () => {
    const clock = new ManualClock();
    const server = serverOf();
    const identity = new KubernetesIdentity({ client: server.client, clock });
    const [one, two] = await Promise.all([identity.ofToken('good'), identity.ofToken('good')]);
    assert.equal(one?.user, known.username);
    assert.equal(one, two);
    assert.equal(server.asked.length, 1);
    await clock.advance(61_000);
    await identity.ofToken('good');
    assert.equal(server.asked.length, 2);
  });

  it('forgets a no sooner than a yes', async () => {
    const clock = new ManualClock();
    const server = serverOf();
    const identity = new KubernetesIdentity({ client: server.client, clock });
    assert.equal(await identity.ofToken('late'), undefined);
    assert.equal(await identity.ofToken('late'), undefined);
    assert.equal(server.asked.length, 1);
    await clock.advance(11_000);
    assert.equal((await identity.ofToken('late'))?.user, known.username);
  });

  it('takes no token that is meant for somebody else', async () => {
    const { client } = serverOf();
    const identity = new KubernetesIdentity({ client, clock: new ManualClock() });
    assert.equal(await identity.ofToken('good', ['nunchi']), undefined);
    assert.equal((await identity.ofToken('good', ['other']))?.user, known.username);
  });

  it('never takes a failure for an answer', async () => {
    const server = serverOf();
    const identity = new KubernetesIdentity({ client: server.client, clock: new ManualClock() });
    server.state.isBroken = true;
    await assert.rejects(identity.ofToken('good'), /away/);
    server.state.isBroken = false;
    assert.equal((await identity.ofToken('good'))?.user, known.username);
  });

  it('asks what somebody may do, with the reason of a no', async () => {
    const server = serverOf();
    const identity = new KubernetesIdentity({ client: server.client, clock: new ManualClock() });
    const who = await identity.ofToken('good');
    assert.ok(who);
    const question = { kind: 'resource', verb: 'get', group: '', resource: 'pods' } as const;
    assert.deepEqual(await identity.mayAccess(who, question), { allowed: true, reason: undefined });
    assert.equal((await identity.mayAccess(who, question)).allowed, true);
    assert.deepEqual(await identity.mayAccess(who, { kind: 'path', verb: 'get', path: '/x' }), {
      allowed: false,
      reason: 'no rule',
    });
    assert.equal(server.asked.length, 3);
  });
});
