import { syntaxTree } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { hoverTooltip } from '@codemirror/view';
import type { WireMetadata } from '../api/metrics.ts';
import { metricMetadata } from './completion.ts';
import { explain } from './vocabulary.ts';

interface Words {
  readonly title: string;
  readonly text: string;
}

/** What stands under the pointer, in words: a function, an aggregation, or a metric with its help. */
export const promqlHover: Extension = hoverTooltip(async (view, position) => {
  const node = syntaxTree(view.state).resolveInner(position, 1);
  const word = view.state.sliceDoc(node.from, node.to);
  if (!/^[\w:.]{1,200}$/.test(word)) return null;
  const words = node.name === 'Identifier' ? await metricWords(word) : explain(word);
  if (words === undefined) return null;
  return { pos: node.from, end: node.to, above: true, create: () => ({ dom: card(words) }) };
});

async function metricWords(name: string): Promise<Words | undefined> {
  const all = await metricMetadata().catch(
    (): Readonly<Record<string, readonly WireMetadata[]>> => ({}),
  );
  // Buckets, sums and counts are described under the name of their family.
  const entry = (all[name] ?? all[name.replace(/_(?:bucket|sum|count|total)$/, '')])?.[0];
  return entry === undefined ? undefined : { title: `${name}  ${entry.type}`, text: entry.help };
}

function card({ title, text }: Words): HTMLElement {
  const dom = document.createElement('div');
  dom.className = 'cm-diagnostic';
  const head = document.createElement('code');
  head.textContent = title;
  const body = document.createElement('div');
  body.textContent = text;
  dom.append(head, body);
  return dom;
}
