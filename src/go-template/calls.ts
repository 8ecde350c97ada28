import type { Node, TemplateTree } from './tree.ts';

/** Every `{{ template "name" }}` of a tree, those in what it defines included. */
export function* templateCalls({
  body,
  defined,
}: TemplateTree): Iterable<{ readonly name: string; readonly line: number }> {
  yield* callsOf(body);
  for (const nodes of defined.values()) yield* callsOf(nodes);
}

function* callsOf(
  nodes: readonly Node[],
): Iterable<{ readonly name: string; readonly line: number }> {
  for (const node of nodes) {
    if (node.kind === 'template') yield { name: node.name, line: node.line };
    else if (node.kind === 'if' || node.kind === 'with' || node.kind === 'range') {
      yield* callsOf(node.body);
      yield* callsOf(node.otherwise);
    }
  }
}
