import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { Rig } from './rig.ts';

const rounds = 3;
const writers = 4;

interface Saved {
  readonly version: number;
  readonly title: string;
}

describe('dashboards over kill -9', () => {
  it('keep every save that was acknowledged, with its place in the history', async () => {
    await using rig = await Rig.open();
    const call = async (path: string, body?: unknown): Promise<Response> =>
      fetch(`${rig.url}${path}`, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: { 'content-type': 'application/json' },
      });
    const up = (): Promise<unknown> =>
      eventually(
        async () => ((await call('/api/health')).ok ? true : undefined),
        60_000,
        () => rig.server.log,
      );
    const acknowledged = new Map<string, Saved>();
    for (let round = 0; round < rounds; round++) {
      rig.server.start();
      await up();
      for (const [uid, { version, title }] of acknowledged) {
        const { dashboard } = (await (await call(`/api/dashboards/uid/${uid}`)).json()) as {
          readonly dashboard: Saved;
        };
        // One more may have become durable without its answer getting through.
        assert.ok([version, version + 1].includes(dashboard.version), `${uid}: ${version}`);
        const kept = await call(`/api/dashboards/uid/${uid}/versions/${version}`);
        const { data } = (await kept.json()) as { readonly data: Saved };
        assert.equal(data.title, title);
        const found = await call(`/api/search?query=${uid}`);
        assert.equal(((await found.json()) as readonly unknown[]).length, 1);
      }
      const isDead = Promise.withResolvers<void>();
      let saves = 0;
      const write = async (writer: number): Promise<void> => {
        const uid = `uid${writer}`;
        for (let count = 0; ; count++) {
          const title = `${uid} ${round} ${count}`;
          const dashboard = { uid, title, panels: [{ text: 'x'.repeat(20_000) }] };
          try {
            const response = await call('/api/dashboards/db', { dashboard, overwrite: true });
            const { version } = (await response.json()) as Saved;
            acknowledged.set(uid, { version, title });
          } catch {
            return;
          }
          if (++saves === 30 + round * 7) isDead.resolve();
        }
      };
      const writing = Array.from({ length: writers }, (_, writer) => write(writer));
      await isDead.promise;
      await rig.server.kill();
      await Promise.all(writing);
    }
    assert.equal(acknowledged.size, writers);
  });
});
