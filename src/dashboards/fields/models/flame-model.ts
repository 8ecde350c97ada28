import { type DataFrame, type Field, formattedValueToString } from '@grafana/data';

/** More frames of stacks than a screen can tell apart; what is beyond is left out and said. */
const maxNodes = 100_000;

/** One function in one stack of callers. */
export interface FlameNode {
  readonly label: string;
  /** Depth: 0 is the root. */
  readonly level: number;
  /** With everything that it calls. */
  readonly value: number;
  /** Alone. */
  readonly self: number;
  /** Where it begins, in the unit of values, from the beginning of the root. */
  readonly start: number;
  /** Index of the caller; -1: there is none. */
  readonly parent: number;
}

export interface FlameModel {
  readonly nodes: readonly FlameNode[];
  /** Of all roots. */
  readonly total: number;
  readonly depth: number;
  readonly leftOut: number;
  readonly text: (value: number) => string;
}

/**
 * From a frame with `level`, `value`, `self` and `label`, whose rows are a walk through a tree: each
 * row follows its caller, one level below it. Undefined: no frame has these fields.
 */
export function flameModel(frames: readonly DataFrame[]): FlameModel | undefined {
  for (const frame of frames) {
    const [level, value, label] = ['level', 'value', 'label'].map((name) => fieldOf(frame, name));
    if (level === undefined || value === undefined || label === undefined) continue;
    return modelOf(frame, { level, value, label, self: fieldOf(frame, 'self') });
  }
  return undefined;
}

function fieldOf(frame: DataFrame, name: string): Field | undefined {
  return frame.fields.find((field) => field.name.toLowerCase() === name);
}

function modelOf(
  frame: DataFrame,
  fields: {
    readonly level: Field;
    readonly value: Field;
    readonly label: Field;
    readonly self: Field | undefined;
  },
): FlameModel {
  const nodes: FlameNode[] = [];
  /** From the root to the row before: index of the node, and where its next callee begins. */
  const callers: { readonly at: number; next: number }[] = [];
  let end = 0;
  let depth = 0;
  const count = Math.min(frame.length, maxNodes);
  for (let row = 0; row < count; row++) {
    const value = numberAt(fields.value, row);
    // No row is deeper than one below the row before it, whatever is written.
    const level = Math.max(0, Math.min(callers.length, numberAt(fields.level, row)));
    callers.length = level;
    const caller = callers.at(-1);
    const start = caller?.next ?? end;
    if (caller === undefined) end = start + value;
    else caller.next = start + value;
    callers.push({ at: nodes.length, next: start });
    depth = Math.max(depth, level + 1);
    nodes.push({
      label: textAt(fields.label, row),
      level,
      value,
      self: fields.self === undefined ? 0 : numberAt(fields.self, row),
      start,
      parent: caller?.at ?? -1,
    });
  }
  return {
    nodes: fields.self === undefined ? withSelf(nodes) : nodes,
    total: end,
    depth,
    leftOut: frame.length - count,
    text: (value) =>
      fields.value.display === undefined
        ? String(value)
        : formattedValueToString(fields.value.display(value)),
  };
}

function numberAt(field: Field, row: number): number {
  const value = Number(field.values[row]);
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}

/** Labels may be numbers of an enumeration that the field's config names. */
function textAt(field: Field, row: number): string {
  const value: unknown = field.values[row];
  const names = field.config.type?.enum?.text;
  return names === undefined || typeof value !== 'number' ? String(value) : (names[value] ?? '');
}

/** What callees do not explain is the function's own. */
function withSelf(nodes: readonly FlameNode[]): readonly FlameNode[] {
  const self = nodes.map(({ value }) => value);
  for (const { parent, value } of nodes) {
    if (parent >= 0) self[parent] = (self[parent] as number) - value;
  }
  return nodes.map((node, at) => ({ ...node, self: Math.max(0, self[at] as number) }));
}

export interface FlameSymbol {
  readonly label: string;
  readonly self: number;
  /** Recursion counts once. */
  readonly total: number;
}

/** Functions wherever they are called, the ones that cost most by themselves first. */
export function topSymbols(nodes: readonly FlameNode[], limit: number): readonly FlameSymbol[] {
  const found = new Map<string, { self: number; total: number }>();
  for (const node of nodes) {
    const entry = found.get(node.label) ?? { self: 0, total: 0 };
    entry.self += node.self;
    if (!isBelowItself(nodes, node)) entry.total += node.value;
    found.set(node.label, entry);
  }
  return [...found]
    .map(([label, sums]) => ({ label, ...sums }))
    .sort((a, b) => b.self - a.self || b.total - a.total)
    .slice(0, limit);
}

function isBelowItself(nodes: readonly FlameNode[], node: FlameNode): boolean {
  for (let at = node.parent; at >= 0; at = nodes[at]?.parent ?? -1) {
    if (nodes[at]?.label === node.label) return true;
  }
  return false;
}

/** The part of a name that says whose code it is: `net/http.(*Server).Serve` is of `net/http`. */
export function packageOf(label: string): string {
  const path = /^(.*\/)?([^/]*)$/.exec(label);
  const [, folder = '', last = label] = path ?? [];
  const name = /^[^.:(<]+/.exec(last)?.[0] ?? last;
  return folder + name;
}
