import { AppError, describeError } from '#base';
import { encodeMsgpack, type MsgpackInput } from '#wire';
import type { Collector } from './collector.ts';
import type { ForwardRouter } from './forward-router.ts';

/**
 * Messages of the forward protocol in its JSON form, `[tag, time, record, option?]` and
 * `[tag, [[time, record], …], option?]`: gathers their events, gives the chunks to acknowledge.
 * @throws {AppError} WIRE_INVALID
 */
export function collectJsonForward(
  messages: readonly Buffer[],
  router: ForwardRouter,
  source: string,
  collector: Collector,
): string[] {
  const chunks: string[] = [];
  for (const bytes of messages) {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      throw invalid(`is not JSON: ${describeError(error)}`);
    }
    if (!Array.isArray(value) || typeof value[0] !== 'string' || value.length < 2) {
      throw invalid('is not [tag, time, record] or [tag, entries]');
    }
    const [tag, second] = value as [string, unknown];
    const isMany = Array.isArray(second);
    const entries = isMany ? second : [[second, value[2]]];
    const encoded = entries.map((entry: unknown) => {
      if (!Array.isArray(entry) || typeof entry[0] !== 'number' || !isObject(entry[1])) {
        throw invalid('has an entry that is not [time, record]');
      }
      return encodeMsgpack([entry[0], toInput(entry[1], 0)]);
    });
    router.collect(tag, source, Buffer.concat(encoded), collector);
    const option: unknown = value[isMany ? 2 : 3];
    if (isObject(option) && typeof option['chunk'] === 'string') chunks.push(option['chunk']);
  }
  return chunks;
}

const maxDepth = 100;

function toInput(value: unknown, depth: number): MsgpackInput {
  if (depth > maxDepth) throw invalid('is nested too deep');
  if (Array.isArray(value)) return value.map((item) => toInput(item, depth + 1));
  if (!isObject(value)) return value as string | number | boolean | null;
  return new Map(Object.entries(value).map(([key, item]) => [key, toInput(item, depth + 1)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const invalid = (what: string): AppError =>
  new AppError('WIRE_INVALID', `A JSON forward message ${what}`);
