import { type Document, isAlias, isMap, isScalar, isSeq, type Node, YAMLMap } from 'yaml';

/** Maps merged into each other deeper than this are no configuration. */
const maxMergeDepth = 8;

/** What an alias stands for, and of a map with `<<` one that has the keys of the maps that it names. */
export function resolveNode(node: Node, document: Document, depth = 0): Node {
  const target = isAlias(node) ? (node.resolve(document) ?? node) : node;
  if (!isMap(target) || depth > maxMergeDepth || !target.items.some(({ key }) => isMergeKey(key))) {
    return target;
  }
  const merged = new YAMLMap();
  merged.range = target.range ?? null;
  merged.items = target.items.filter(({ key }) => !isMergeKey(key));
  // A key of the map itself counts, then that of the first map which has it.
  const names = new Set(merged.items.map(({ key }) => keyText(key)));
  for (const { key, value } of target.items) {
    if (!isMergeKey(key)) continue;
    const named = resolveNode(value as Node, document, depth + 1);
    for (const each of isSeq(named) ? named.items : [named]) {
      const source = resolveNode(each as Node, document, depth + 1);
      for (const pair of isMap(source) ? source.items : []) {
        const name = keyText(pair.key);
        if (names.has(name)) continue;
        names.add(name);
        merged.items.push(pair);
      }
    }
  }
  return merged;
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.type !== 'PLAIN') return false;
  const { value } = key;
  return value === '<<' || (typeof value === 'symbol' && value.description === '<<');
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));
