import type { CharSet, ParsedRegex, RegexNode } from './ast.ts';

/**
 * How badly a backtracking engine can be made to work by a hostile text of length n: about
 * `n ** degree` steps, Infinity when it may be exponential. An upper bound: patterns that are better
 * than this says exist, worse ones do not.
 *
 * The idea: a repeat is harmless when what may follow it cannot be mistaken for one more round (the
 * engine never has a choice); each repeat with a choice is one factor of n; a choice inside a loop is
 * a choice per round. A pattern that may start anywhere is one more factor.
 */
export function backtrackingDegree(parsed: ParsedRegex): number {
  const state = { hasLoop: false };
  const degree = walk(parsed.root, nothing, false, state);
  return degree + (state.hasLoop && !startsAnchored(parsed.root) ? 1 : 0);
}

/** Bits 0 to 127: ASCII; bit 128: anything above; bit 129: the end of the text. */
type FirstSet = bigint;

const nonAscii = 1n << 128n;
const nothing: FirstSet = 1n << 129n;
const everything: FirstSet = (1n << 129n) - 1n;
const asciiMask: FirstSet = (1n << 128n) - 1n;

interface WalkState {
  hasLoop: boolean;
}

function walk(node: RegexNode, follow: FirstSet, inLoop: boolean, state: WalkState): number {
  switch (node.kind) {
    case 'set':
    case 'anchor':
      return 0;
    case 'backref':
      state.hasLoop = true;
      return 1;
    case 'capture':
    case 'ignoreCase':
    case 'atomic':
      return walk(node.body, follow, inLoop, state);
    case 'look':
      // What the look-around tries is thrown away and tried again at each place.
      return isSmall(node.body) ? 0 : 1 + walk(node.body, everything, inLoop, state);
    case 'sequence': {
      let degree = 0;
      let next = follow;
      for (let index = node.items.length - 1; index >= 0; index--) {
        const item = node.items[index]!;
        degree += walk(item, next, inLoop, state);
        if (isLineEnd(item)) next = nothing | (1n << 10n);
        else next = isNullable(item) ? next | first(item) : first(item);
      }
      return degree;
    }
    case 'alternatives': {
      let worst = 0;
      let seen: FirstSet = 0n;
      let overlaps = false;
      for (const branch of node.branches) {
        const own = isNullable(branch) ? first(branch) | follow : first(branch);
        if ((seen & own) !== 0n) overlaps = true;
        seen |= own;
        worst = Math.max(worst, walk(branch, follow, inLoop, state));
      }
      return worst + (inLoop && overlaps ? 1 : 0);
    }
    case 'repeat': {
      const own = first(node.body);
      const unbounded = node.max > 16;
      if (!unbounded) {
        const choice = node.min !== node.max && (own & follow) !== 0n;
        const inner = walk(node.body, node.max > 1 ? follow | own : follow, inLoop, state);
        return inner + (inLoop && choice ? 1 : 0);
      }
      state.hasLoop = true;
      const inner = walk(node.body, follow | own, true, state);
      if (inner > 0 || isNullable(node.body)) return Number.POSITIVE_INFINITY;
      return (own & follow) === 0n ? 0 : 1;
    }
  }
}

function first(node: RegexNode): FirstSet {
  switch (node.kind) {
    case 'set':
      return setBits(node.set);
    case 'anchor':
    case 'look':
      return 0n;
    case 'backref':
      return everything;
    case 'capture':
    case 'atomic':
    case 'repeat':
      return first(node.body);
    case 'ignoreCase':
      return foldCase(first(node.body));
    case 'alternatives':
      return node.branches.reduce((bits, branch) => bits | first(branch), 0n);
    case 'sequence': {
      let bits: FirstSet = 0n;
      for (const item of node.items) {
        bits |= first(item);
        if (!isNullable(item)) break;
      }
      return bits;
    }
  }
}

function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'anchor':
    case 'look':
    case 'backref':
      return true;
    case 'capture':
    case 'atomic':
    case 'ignoreCase':
      return isNullable(node.body);
    case 'alternatives':
      return node.branches.some(isNullable);
    case 'sequence':
      return node.items.every(isNullable);
    case 'repeat':
      return node.min === 0 || isNullable(node.body);
  }
}

/** Without loops inside: costs the same wherever it is tried. */
function isSmall(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
    case 'anchor':
      return true;
    case 'backref':
      return false;
    case 'capture':
    case 'atomic':
    case 'ignoreCase':
    case 'look':
      return isSmall(node.body);
    case 'alternatives':
      return node.branches.every(isSmall);
    case 'sequence':
      return node.items.every(isSmall);
    case 'repeat':
      return node.max <= 16 && isSmall(node.body);
  }
}

function isLineEnd(node: RegexNode): boolean {
  return node.kind === 'anchor' && (node.anchor === 'lineEnd' || node.anchor === 'textEnd');
}

function startsAnchored(node: RegexNode): boolean {
  switch (node.kind) {
    case 'anchor':
      return node.anchor === 'lineStart' || node.anchor === 'textStart';
    case 'capture':
    case 'atomic':
    case 'ignoreCase':
      return startsAnchored(node.body);
    case 'alternatives':
      return node.branches.every(startsAnchored);
    case 'sequence':
      return node.items.length > 0 && startsAnchored(node.items[0]!);
    default:
      return false;
  }
}

function setBits(set: CharSet): FirstSet {
  // Nested sets and intersections are rare; taking them for everything only makes us careful.
  if (set.nested !== undefined || set.intersect !== undefined) return everything;
  let bits: FirstSet = set.properties.length > 0 ? everything : 0n;
  for (const [from, to] of set.ranges) {
    if (to > 127) bits |= nonAscii;
    const last = Math.min(to, 127);
    if (from <= last) bits |= ((1n << BigInt(last - from + 1)) - 1n) << BigInt(from);
  }
  if (!set.negated) return bits;
  return set.properties.length > 0 ? everything : (~bits & asciiMask) | nonAscii;
}

function foldCase(bits: FirstSet): FirstSet {
  const letters = (1n << 26n) - 1n;
  const upper = (bits >> 65n) & letters;
  const lower = (bits >> 97n) & letters;
  return bits | ((upper | lower) << 65n) | ((upper | lower) << 97n) | nonAscii;
}
