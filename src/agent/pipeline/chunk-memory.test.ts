import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChunkMemory } from './chunk-memory.ts';

interface Item {
  readonly bytes: number;
  readonly order: number;
}

/** Lets everything go on that waits for nothing but a turn. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const inMemory = async (order: number): Promise<readonly [string, Item[]]> => {
  const loads: Item[] = [];
  const memory = new ChunkMemory<Item, string>(10, async (item) => {
    loads.push(item);
    return 'read back';
  });
  const [first, second, third] = [1, 2, 3].map((n) => ({ bytes: 5, order: n })) as [
    Item,
    Item,
    Item,
  ];
  memory.offer(first, 'at hand');
  memory.offer(second, 'at hand');
  memory.offer(third, 'at hand');
  await memory.take({ bytes: 4, order: 9 });
  return [await memory.take([first, second, third][order - 1]!), loads];
};

describe('ChunkMemory', () => {
  it('keeps what fits, and what is needed last makes room', async () => {
    assert.equal((await inMemory(1))[0], 'at hand');
    assert.equal((await inMemory(2))[0], 'read back');
    assert.equal((await inMemory(3))[0], 'read back');
  });

  it('reads an item once for all who ask, and lets one that is too large in alone', async () => {
    let loads = 0;
    const memory = new ChunkMemory<Item, number>(10, async () => ++loads);
    const large = { bytes: 100, order: 1 };
    const small = { bytes: 1, order: 2 };
    assert.deepEqual(await Promise.all([memory.take(large), memory.take(large)]), [1, 1]);
    const waiting = memory.take(small);
    memory.release(large);
    await settle();
    assert.equal(memory.bytes, 100);
    memory.release(large);
    assert.equal(await waiting, 2);
    assert.equal(memory.bytes, 1);
  });

  it('an item that cannot be read takes no room and can be asked for again', async () => {
    let isBroken = true;
    const memory = new ChunkMemory<Item, string>(10, async () => {
      if (isBroken) throw new Error('broken');
      return 'whole';
    });
    const item = { bytes: 8, order: 1 };
    await assert.rejects(memory.take(item), /broken/);
    assert.equal(memory.bytes, 0);
    isBroken = false;
    assert.equal(await memory.take(item), 'whole');
  });

  it('tells those who wait for room when it is closed', async () => {
    const memory = new ChunkMemory<Item, string>(10, async () => '');
    await memory.take({ bytes: 8, order: 1 });
    const waiting = memory.take({ bytes: 8, order: 2 });
    await settle();
    memory.close();
    await assert.rejects(waiting, /stopped/);
  });

  it('stays within its bound and serves everyone, whatever comes', async () => {
    const step = fc.record({
      kind: fc.constantFrom('take', 'take', 'offer', 'release'),
      index: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const items = Array.from({ length: 10 }, (_, order) => ({ bytes: 1 + (order % 4), order }));
        const memory = new ChunkMemory<Item, number>(8, async ({ order }) => order);
        const known = new Set<Item>();
        const held: Item[] = [];
        const taking: Promise<void>[] = [];
        for (const { kind, index } of steps) {
          const item = items[index]!;
          if (kind === 'offer' && !known.has(item)) memory.offer(item, item.order);
          else if (kind === 'take') {
            taking.push(
              memory.take(item).then((order) => {
                assert.equal(order, item.order);
                held.push(item);
              }),
            );
          } else if (kind === 'release' && held.length > 0) memory.release(held.shift()!);
          if (kind !== 'release') known.add(item);
          await settle();
          assert.ok(memory.bytes <= 8, `${memory.bytes}`);
        }
        // Everyone who asked is served once the others are done.
        for (let turns = 0; turns < 200 && taking.length > 0; turns++) {
          for (const item of held.splice(0)) memory.release(item);
          await settle();
        }
        await Promise.all(taking);
        for (const item of held.splice(0)) memory.release(item);
        for (const item of items) memory.forget(item);
        assert.equal(memory.bytes, 0);
      }),
      { numRuns: 200 },
    );
  });
});
