import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SectionBuilder } from '#logs/batch';
import { openLogStore } from '#logs/store';
import { lastPodLines } from './last-lines.ts';

const startMs = Date.UTC(2026, 2, 31);
const group = '/aws/containerinsights/prod/application';
const id = 'a'.repeat(64);
const streamOf = (pod: string, namespace: string, container: string): string =>
  `node-1-application.var.log.containers.${pod}_${namespace}_${container}-${id}.log`;

describe('lastPodLines()', () => {
  it('are those of the pod, and of a container of it', async (test) => {
    const directory = mkdtempSync(join(tmpdir(), 'nunchi-pod-lines-'));
    test.after(() => rmSync(directory, { recursive: true, force: true }));
    await using store = await openLogStore({ directory, reserveBytes: 0 });
    const section = (to: string, stream: string, lines: readonly string[]) => {
      const builder = new SectionBuilder(to, stream);
      for (const [at, line] of lines.entries()) builder.add(startMs + at * 1000, line);
      return builder.finish();
    };
    const record = (log: string): string =>
      JSON.stringify({ log, kubernetes: { pod_name: 'api' } });
    await store.append({
      sections: [
        section(group, streamOf('api', 'shop', 'main'), ['one', 'two', 'three'].map(record)),
        section(group, streamOf('api', 'shop', 'side'), ['side']),
        section(group, streamOf('api', 'other', 'main'), ['not this']),
        section(group, streamOf('api-2', 'shop', 'main'), ['nor this']),
        section('/aws/containerinsights/prod/host', streamOf('api', 'shop', 'main'), ['no']),
      ],
    });
    const { signal } = new AbortController();
    const range = { fromMs: startMs, toMs: startMs + 60_000, maxLines: 2 };
    const textsOf = async (pod: string, container?: string) => {
      const found = await lastPodLines(
        store,
        { namespace: 'shop', pod, container, ...range },
        signal,
      );
      return found?.lines.map(({ text }) => text);
    };
    assert.deepEqual(await textsOf('api', 'main'), ['two', 'three']);
    assert.deepEqual(await textsOf('api', 'side'), ['side']);
    assert.deepEqual(await textsOf('api'), ['two', 'three']);
    assert.equal(await textsOf('ap'), undefined);
    const ask = async (more: object) =>
      (await lastPodLines(store, { namespace: 'shop', pod: 'api', ...range, ...more }, signal))
        ?.lines;
    const ofWorkload = await ask({ isWorkload: true, maxLines: 10 });
    assert.deepEqual(
      ofWorkload?.map(({ pod, container, text }) => `${pod}/${container} ${text}`).sort(),
      ['api-2/main nor this', 'api/main one', 'api/main three', 'api/main two', 'api/side side'],
    );
    assert.deepEqual(
      (await ask({ contains: 'o' }))?.map(({ text }) => text),
      ['one', 'two'],
    );
    assert.equal(await ask({ contains: 'four' }), undefined);
    assert.equal(await textsOf('api', 'mai'), undefined);
  });
});
