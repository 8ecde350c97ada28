import type { ResourceAnswer } from './contract.ts';

/** An answer of our own to a resource. */
export function jsonAnswer(value: unknown): ResourceAnswer {
  return {
    status: 200,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(value), 'utf8'),
  };
}
