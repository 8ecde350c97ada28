import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arena, byteOf, pageBytes, pageOf } from './arena.ts';

interface Piece {
  readonly address: number;
  readonly size: number;
  readonly mark: number;
}

const fill = (arena: Arena, { address, size, mark }: Piece): void => {
  const start = byteOf(address);
  arena.views[pageOf(address)]!.fill(mark, start, start + size);
};

const isWhole = (arena: Arena, { address, size, mark }: Piece): boolean => {
  const start = byteOf(address);
  return arena.views[pageOf(address)]!.subarray(start, start + size).every((each) => each === mark);
};

describe('Arena', () => {
  it('joins what is freed beside other free memory', () => {
    const arena = new Arena();
    const small = Array.from({ length: 1000 }, () => arena.allocate(64));
    arena.allocate(pageBytes - 64_000);
    for (const address of small) arena.free(address, 64);
    for (let count = 0; count < 200; count++) arena.allocate(320);
    assert.equal(arena.reservedBytes, pageBytes);
  });

  it('needs little more than what is in use when pieces grow in step', () => {
    const arena = new Arena();
    const count = 60_000;
    const sizes = [64, 96, 128, 160, 192, 224, 256];
    let addresses = Array.from({ length: count }, () => arena.allocate(sizes[0]!));
    for (let step = 1; step < sizes.length; step++) {
      addresses = addresses.map((from) => {
        const to = arena.allocate(sizes[step]!);
        arena.free(from, sizes[step - 1]!);
        return to;
      });
    }
    assert.equal(arena.usedBytes, count * 256);
    assert.ok(arena.reservedBytes < arena.usedBytes * 1.25, `${arena.reservedBytes} are reserved`);
  });

  it('takes what is left at the end of a page', () => {
    const arena = new Arena();
    arena.allocate(pageBytes - 4096);
    arena.allocate(8192);
    for (let count = 0; count < 4; count++) arena.allocate(1024);
    assert.equal(arena.reservedBytes, 2 * pageBytes);
  });

  it('gives memory again when the last reader that saw it is gone', () => {
    const arena = new Arena();
    const address = arena.allocate(1000);
    const leave = arena.enter();
    arena.free(address, 1000);
    const leaveLater = arena.enter();
    assert.notEqual(arena.allocate(1000), address);
    leave();
    assert.equal(arena.allocate(1000), address);
    leaveLater();
  });

  it('never gives one byte twice, whatever is freed in whatever order', () => {
    let state = 7;
    const below = (limit: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % limit;
    };
    const arena = new Arena();
    let pieces: Piece[] = [];
    let used = 0;
    const leaves: (() => void)[] = [];
    for (let round = 0; round < 40_000; round++) {
      const what = below(100);
      if (what < 52) {
        const size = 1 + below(what < 2 ? 200_000 : what < 8 ? 9000 : 700);
        const piece = { address: arena.allocate(size), size, mark: 1 + (round % 255) };
        fill(arena, piece);
        pieces.push(piece);
        used += Math.ceil(size / 16) * 16;
      } else if (what < 98 && pieces.length > 0) {
        const [piece] = pieces.splice(below(pieces.length), 1);
        assert.ok(isWhole(arena, piece!), `round ${round}: ${JSON.stringify(piece)}`);
        arena.free(piece!.address, piece!.size);
        used -= Math.ceil(piece!.size / 16) * 16;
      } else if (leaves.length < 3) leaves.push(arena.enter());
      else leaves.splice(below(3), 1)[0]!();
      assert.equal(arena.usedBytes, used);
    }
    for (const piece of pieces) assert.ok(isWhole(arena, piece), JSON.stringify(piece));
    for (const leave of leaves) leave();
    for (const { address, size } of pieces) arena.free(address, size);
    pieces = [];
    // All of it is free, in whole pages.
    const before = arena.reservedBytes;
    for (let page = 0; page + 1 < before / pageBytes; page++) arena.allocate(pageBytes);
    assert.equal(arena.reservedBytes, before);
  });
});
