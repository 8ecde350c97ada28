import type { Principal } from '#server';
import type { ArnScope } from './arn.ts';
import type { AwsDeps } from './contract.ts';
import { type Infer, type Members, parseInput } from './shape.ts';

/** One call: who, where, and until when. */
export interface CallContext extends AwsDeps {
  /** Region of the caller's signature, and the account: what ARNs are made of. */
  readonly scope: ArnScope;
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborts when the client goes away or the server stops. */
  readonly signal: AbortSignal;
}

/** A reply that is not one JSON document: an event stream. */
export class StreamReply {
  readonly contentType: string;
  readonly chunks: AsyncIterable<Uint8Array>;

  constructor(contentType: string, chunks: AsyncIterable<Uint8Array>) {
    this.contentType = contentType;
    this.chunks = chunks;
  }
}

/** JSON document, stream, or nothing (an empty 200). */
export type OperationOutput = object | StreamReply | undefined;

/** `ingest`: what an agent needs to ship logs. */
export type Access = 'read' | 'write' | 'ingest';

export interface Operation {
  readonly name: string;
  readonly access: Access;
  /** @param body parsed JSON, unchecked @throws {AwsError} */
  run(body: unknown, context: CallContext): Promise<OperationOutput>;
}

/** An operation from its members and what it does with a checked input. */
export function operation<M extends Members>(
  name: string,
  access: Access,
  members: M,
  handle: (
    input: Infer<M>,
    context: CallContext,
  ) => OperationOutput | undefined | Promise<OperationOutput | undefined>,
): Operation {
  return { name, access, run: async (body, context) => handle(parseInput(members, body), context) };
}

/** A number that must show a decimal point, as clients print `1.0` where AWS has a double. */
export function doubleLiteral(value: number): unknown {
  const text = String(value);
  // From 1e21 on numbers are written with an exponent, which is a double as it stands.
  const written = /^-?\d+$/.test(text) ? `${text}.0` : text;
  // In Node since 22; not in TypeScript's library yet.
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(written);
}
