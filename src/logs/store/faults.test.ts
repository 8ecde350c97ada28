import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ManualClock } from '#base';
import { SectionBuilder } from '#logs/batch';
import { type LocalLogStore, openLogStore } from './index.ts';
import type { LogStoreOptions } from './options.ts';

const root = mkdtempSync(join(tmpdir(), 'nunchi-faults-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));
const signal = new AbortController().signal;
const open = (directory: string, options: Partial<LogStoreOptions> = {}): Promise<LocalLogStore> =>
  openLogStore({ directory, maintenanceEveryMs: 0, reserveBytes: 0, queryThreads: 1, ...options });

async function put(
  store: LocalLogStore,
  group: string,
  messages: readonly string[],
): Promise<void> {
  const section = new SectionBuilder(group, 's');
  messages.forEach((message, i) => {
    section.add(i, message);
  });
  await store.append({ sections: [section.finish()] });
}

async function messages(store: LocalLogStore, group: string): Promise<string[]> {
  const page = await store.readEvents(
    { groups: [group], fromMs: 0, toMs: 1e12, direction: 'forward', maxEvents: 10_000 },
    signal,
  );
  return page.events.map((event) => event.message);
}

/** Random text, which does not compress. */
const noise = (bytes: number): string => {
  let text = '';
  while (text.length < bytes) text += Math.random().toString(36).slice(2);
  return text;
};

describe('a full disk', () => {
  it('refuses appends below the reserve, serves queries, and recovers by itself', async () => {
    let freeBytes = 1000;
    const clock = new ManualClock(1e6);
    const store = await open(newFolder(), {
      reserveBytes: 500,
      clock,
      diskFreeBytes: () => Promise.resolve(freeBytes),
    });
    await put(store, '/a', ['kept']);
    freeBytes = 400;
    await clock.advance(2000);
    await store.seal();
    assert.equal(store.stats().writable, false);
    await assert.rejects(put(store, '/a', ['refused']), { code: 'STORE_FULL' });
    assert.deepEqual(await messages(store, '/a'), ['kept']);
    freeBytes = 1000;
    await clock.advance(2000);
    await put(store, '/a', ['again']);
    assert.deepEqual(await messages(store, '/a'), ['kept', 'again']);
    await store[Symbol.asyncDispose]();
  });

  const mount = mountSmallDisk();
  it('that really has no room loses nothing acknowledged', {
    skip: mount === undefined ? 'no right to mount a small file system here' : false,
  }, async () => {
    const directory = join(mount!, 'store');
    let store = await open(directory, { freshBytes: 1024 * 1024 });
    const kept: string[] = [];
    let refused = 0;
    for (let i = 0; i < 400 && refused < 5; i++) {
      const message = `${i} ${noise(60_000)}`;
      try {
        await put(store, '/a', [message]);
        kept.push(message);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'STORE_FULL');
        refused++;
      }
    }
    assert.ok(refused > 0, 'the disk became full');
    assert.ok(kept.length > 10);
    await store[Symbol.asyncDispose]();
    // Room again, as when somebody removes other files.
    rmSync(join(mount!, 'ballast'));
    store = await open(directory);
    await put(store, '/a', ['again']);
    kept.push('again');
    await store.seal();
    assert.deepEqual((await messages(store, '/a')).sort(), kept.sort());
    await store[Symbol.asyncDispose]();
  });
});

/** A tmpfs of 24 MiB with 12 MiB of ballast in it; undefined where mounting is not allowed. */
function mountSmallDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'nunchi-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'nunchi-test', path], {
      stdio: 'ignore',
    });
  } catch {
    rmSync(path, { recursive: true, force: true });
    return undefined;
  }
  writeFileSync(join(path, 'ballast'), Buffer.alloc(12 * 1024 * 1024));
  after(() => {
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

describe('a damaged segment', () => {
  const damages: [string, (path: string) => void][] = [
    [
      'with a flipped byte',
      (path) => {
        const bytes = readFileSync(path);
        bytes[Math.floor(bytes.length / 3)]! ^= 0x10;
        writeFileSync(path, bytes);
      },
    ],
    ['without its end', (path) => truncateSync(path, 1000)],
    ['of zeros', (path) => writeFileSync(path, Buffer.alloc(5000))],
    ['that is empty', (path) => truncateSync(path, 0)],
    ['that is gone', (path) => rmSync(path)],
  ];
  for (const [what, damage] of damages) {
    for (const restarted of [false, true]) {
      it(`${what} is set aside and the rest serves${restarted ? ', after a restart' : ''}`, async () => {
        const directory = newFolder();
        let store = await open(directory);
        await put(
          store,
          '/a',
          Array.from({ length: 300 }, (_, i) => `first ${i} ${noise(40)}`),
        );
        await store.seal();
        await put(store, '/a', ['second']);
        await store.seal();
        if (restarted) await store[Symbol.asyncDispose]();
        const segments = join(directory, 'segments');
        const [first] = readdirSync(segments)
          .filter((name) => name.endsWith('.parquet'))
          .sort();
        damage(join(segments, first!));
        if (restarted) store = await open(directory);
        assert.deepEqual(await messages(store, '/a'), ['second']);
        const { damagedSegments } = store.stats();
        assert.equal(damagedSegments.length, 1);
        assert.match(damagedSegments[0]!.reason, /group "\/a"/);
        assert.equal(store.group('/a')?.events, 1);
        await put(store, '/a', ['third']);
        assert.deepEqual(await messages(store, '/a'), ['second', 'third']);
        await store[Symbol.asyncDispose]();
      });
    }
  }

  it('tells a scan how many events are missing', async () => {
    const directory = newFolder();
    const store = await open(directory);
    await put(store, '/a', ['one', 'two', 'three']);
    await store.seal();
    await using scan = await store.openScan({ groups: ['/a'], fromMs: 0, toMs: 10 }, signal);
    for (const name of readdirSync(join(directory, 'segments'))) {
      truncateSync(join(directory, 'segments', name), 20);
    }
    const sql = `SELECT count(*), max(message) FROM ${scan.relationOf(scan.parts)}`;
    for await (const rows of scan.run(sql, { signal })) assert.equal(rows.columns[0]![0], 0);
    assert.equal(scan.skippedEvents, 3);
    await store[Symbol.asyncDispose]();
  });

  it('without its search filter is searched whole', async () => {
    const directory = newFolder();
    const store = await open(directory);
    await put(store, '/a', ['a needle', 'straw']);
    await store.seal();
    for (const name of readdirSync(join(directory, 'segments'))) {
      if (name.endsWith('.filter')) rmSync(join(directory, 'segments', name));
    }
    const page = await store.readEvents(
      {
        groups: ['/a'],
        fromMs: 0,
        toMs: 10,
        direction: 'forward',
        maxEvents: 5,
        contains: ['needle'],
      },
      signal,
    );
    assert.equal(page.events.length, 1);
    await store[Symbol.asyncDispose]();
  });
});

describe('a damaged write-ahead log', () => {
  const walOf = (directory: string): string => {
    const [name] = readdirSync(join(directory, 'wal'));
    return join(directory, 'wal', name!);
  };
  const filled = async (): Promise<string> => {
    const directory = newFolder();
    const store = await open(directory);
    for (const message of ['one', 'two', 'three']) await put(store, '/a', [message]);
    await store[Symbol.asyncDispose]();
    return directory;
  };

  it('with a torn end is cut there', async () => {
    const directory = await filled();
    const path = walOf(directory);
    const bytes = readFileSync(path);
    for (const cut of [1, 10, Math.floor(bytes.length / 6)]) {
      writeFileSync(path, bytes.subarray(0, bytes.length - cut));
      const store = await open(directory);
      assert.deepEqual(await messages(store, '/a'), ['one', 'two']);
      assert.deepEqual(store.stats().damagedSegments, []);
      await store[Symbol.asyncDispose]();
      for (const name of readdirSync(join(directory, 'wal'))) rmSync(join(directory, 'wal', name));
    }
  });

  it('with a damaged frame in the middle keeps the others and sets that one aside', async () => {
    const directory = await filled();
    const path = walOf(directory);
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(path, bytes);
    const store = await open(directory);
    assert.deepEqual(await messages(store, '/a'), ['one', 'three']);
    const { damagedSegments } = store.stats();
    assert.equal(damagedSegments.length, 1);
    assert.match(damagedSegments[0]!.reason, /write-ahead log/);
    await store[Symbol.asyncDispose]();
  });
});

it('a second store in the same folder is refused', async () => {
  const directory = newFolder();
  const store = await open(directory);
  await assert.rejects(open(directory), { code: 'STORE_LOCKED' });
  await store[Symbol.asyncDispose]();
  const again = await open(directory);
  await again[Symbol.asyncDispose]();
});

describe('large and odd events', () => {
  it('of 1 MB and of many streams come back as they were', async () => {
    const store = await open(newFolder());
    const large = `한${noise(1_000_000)}글`;
    await put(store, '/a', [large, 'small', large]);
    const sections = Array.from({ length: 2000 }, (_, i) => {
      const section = new SectionBuilder('/many', `stream-${i}`);
      section.add(i, `event ${i}`);
      return section.finish();
    });
    await store.append({ sections });
    assert.equal((await messages(store, '/many')).length, 2000);
    assert.deepEqual(await messages(store, '/a'), [large, 'small', large]);
    await store.seal();
    assert.deepEqual(await messages(store, '/a'), [large, 'small', large]);
    assert.equal((await messages(store, '/many')).length, 2000);
    assert.equal(store.group('/many')?.streams, 2000);
    await store[Symbol.asyncDispose]();
  });
});
