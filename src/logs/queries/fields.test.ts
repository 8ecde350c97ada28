import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { SectionBuilder } from '#logs/batch';
import { type LocalLogStore, openLogStore } from '#logs/store';
import { createQueryService, type QueryService } from './index.ts';

const group = '/aws/eks/demo/cluster';
const startMs = Date.parse('2026-01-15T00:00:00Z');
const agents = ['kubectl/v1.36', 'kubelet/v1.36', 'argo "cd"', '한국'];

const texts = [
  'fields userAgent, @message | filter @logStream ~= "audit" | stats count(userAgent) as count by userAgent | sort count desc',
  'filter verb = "list" | stats count(*) as n by responseStatus.code | sort n desc, responseStatus.code',
  'filter verb like /l[i]st/ and responseStatus.code >= 202 | stats count(*) as n, min(responseStatus.code), max(user.name) by verb, bin(5m)',
  'stats count(*) as n by ispresent(verb), level | sort n desc',
  'stats count(*) as n by ok | sort n desc',
  'stats count(*) as n by version | sort n desc',
  'stats count_distinct(userAgent), count(objectRef.name), count(*)',
  'filter userAgent in ["kubelet/v1.36", "한국"] | fields verb, userAgent | sort userAgent, verb | limit 7',
  'fields verb | filter ispresent(user.name) | limit 5',
  'filter strlen(userAgent) > 3 and @message like "list" | stats count(*) by userAgent',
  'stats count(*) by bin(1h)',
];

describe('queries over columns of JSON fields', () => {
  let directory: string;
  let store: LocalLogStore;
  let queries: QueryService;

  const append = async (from: number, to: number): Promise<void> => {
    for (const stream of ['audit-1', 'api-1']) {
      const section = new SectionBuilder(group, stream);
      for (let i = from; i < to; i++) {
        const message =
          stream === 'api-1'
            ? i % 2 === 0
              ? `I0115 text ${i}`
              : `{"level":"${i % 3 === 0 ? 'warn' : 'info'}","version":"${i % 2}","ok":${i % 4 === 1}}`
            : JSON.stringify({
                verb: i % 3 === 0 ? 'list' : 'get',
                userAgent: agents[i % agents.length],
                user: i % 10 === 0 ? null : { name: `u${i % 5}`, id: `id-${i}` },
                responseStatus: { code: 200 + (i % 4) },
                ok: i % 2 === 0,
              });
        section.add(startMs + i * 1000, message);
      }
      await store.append({ sections: [section.finish()] });
    }
  };

  const answers = async (): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (const text of texts) {
      const run = queries.start({
        text,
        language: 'CWLI',
        groups: [group],
        fromMs: startMs,
        toMs: startMs + 7_200_000,
        maxRows: 10_000,
      });
      await run.done;
      assert.equal(run.error, undefined, text);
      const { columns, rowCount } = run.rows(0, 10_000);
      const { recordsMatched, recordsScanned } = run.statistics;
      found.push({ text, columns, rowCount, recordsMatched, recordsScanned });
    }
    return found;
  };

  const fieldsFiles = (): string[] =>
    readdirSync(join(directory, 'segments'))
      .filter((name) => name.endsWith('.fields'))
      .map((name) => join(directory, 'segments', name));

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nunchi-fields-'));
    store = await openLogStore({ directory, maintenanceEveryMs: 0 });
    queries = createQueryService({
      store,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      accountId: '123456789012',
    });
  });

  after(async () => {
    await queries[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives the same answers from messages, from columns, and from both', async () => {
    await append(0, 3000);
    const fromMessages = await answers();
    assert.equal(fieldsFiles().length, 0);
    await store.seal();
    assert.equal(fieldsFiles().length, 1);
    assert.deepEqual(await answers(), fromMessages);
    await append(3000, 3500);
    const fromBoth = await answers();
    await store.seal();
    assert.equal(fieldsFiles().length, 2);
    assert.deepEqual(await answers(), fromBoth);
  });

  for (const [what, damage] of [
    ['missing', (path: string) => rmSync(path)],
    ['cut short', (path: string) => truncateSync(path, 100)],
    ['something else', (path: string) => writeFileSync(path, 'PAR1 and nothing of the kind PAR1')],
  ] as const) {
    it(`answers when a file of fields is ${what}, and makes it again`, async () => {
      const wanted = await answers();
      await queries[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      store = await openLogStore({ directory, maintenanceEveryMs: 0 });
      queries = createQueryService({
        store,
        clock: systemClock,
        log: silentLogger,
        metrics: new MetricsRegistry(),
        accountId: '123456789012',
      });
      damage(fieldsFiles()[0]!);
      assert.deepEqual(await answers(), wanted);
      await store.seal();
      assert.equal(fieldsFiles().length, 2);
      assert.deepEqual(await answers(), wanted);
      assert.deepEqual(store.stats().damagedSegments, []);
    });
  }
});
