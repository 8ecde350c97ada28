import type { SourceEvent } from './contract.ts';

const maxFields = 10;
const maxChars = 3000;

const titleKeys = ['title', 'Title', 'subject', 'summary', 'alertname', 'event'];
const textKeys = ['message', 'Message', 'text', 'msg', 'body', 'description'];

/**
 * What somebody posts, as an event: a title, a text, and what else is short beside it. Templates of actions see
 * the document itself.
 */
export function incomingEvent(
  source: { readonly name: string; readonly displayName: string },
  payload: Readonly<Record<string, unknown>>,
  { clusterName, timeMs }: { readonly clusterName: string; readonly timeMs: number },
): SourceEvent {
  const textOf = (keys: readonly string[]): readonly [key: string, text: string] | undefined => {
    const key = keys.find((one) => typeof payload[one] === 'string' && payload[one] !== '');
    return key === undefined ? undefined : [key, String(payload[key]).slice(0, maxChars)];
  };
  const title = textOf(titleKeys);
  const text = textOf(textKeys);
  const shown = new Set([title?.[0], text?.[0]]);
  const fields = Object.entries(payload)
    .filter(
      ([key, value]) => !shown.has(key) && ['string', 'number', 'boolean'].includes(typeof value),
    )
    .map(([key, value]) => [key, String(value).slice(0, 300)] as const)
    .filter(([, value]) => value !== '')
    .slice(0, maxFields - 1);
  return {
    message: {
      title: `💡 ${title?.[1].slice(0, 300) ?? source.displayName}`,
      ...(text === undefined ? {} : { text: text[1] }),
      fields: [...fields, ['Cluster', clusterName]],
      timeMs,
    },
    data: { ...payload, Cluster: clusterName, Source: source.name },
    timeMs,
  };
}
