import type { LoggingUpdate } from '#kubernetes/control-plane';
import type { Access, CallContext } from '../operation.ts';
import { type Infer, type Members, parseInput } from '../shape.ts';
import { pageOf } from '../tokens.ts';

/** A path parameter or query member: text; a list where it repeats. */
type Parameters = Readonly<Record<string, string | readonly string[]>>;

/** One operation of EKS: REST-JSON, told by method and path. */
export interface EksOperation {
  readonly name: string;
  readonly access: Access;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Fastify's form, `/clusters/:name`. */
  readonly path: string;
  /** @param body parsed JSON, unchecked @throws {AwsError}, {AppError} */
  run(parameters: Parameters, body: unknown, context: CallContext): Promise<object>;
}

/**
 * @param members of path, query and body together; those of `numbers` are numbers in the query
 */
export function eksOperation<M extends Members>(
  definition: Pick<EksOperation, 'name' | 'access' | 'method' | 'path'> & {
    readonly members: M;
    readonly numbers?: readonly (keyof M & string)[];
    /** Members of the query that may repeat. */
    readonly lists?: readonly (keyof M & string)[];
  },
  handle: (input: Infer<M>, context: CallContext) => object | Promise<object>,
): EksOperation {
  const { members, numbers = [], lists = [], ...rest } = definition;
  return {
    ...rest,
    run: async (parameters, body, context) => {
      const given: Record<string, unknown> = { ...(body as Record<string, unknown>) };
      for (const [key, value] of Object.entries(parameters)) {
        const single = typeof value === 'string' ? value : value[0];
        if (lists.includes(key)) given[key] = typeof value === 'string' ? [value] : value;
        else given[key] = numbers.includes(key) ? Number(single) : single;
      }
      return await handle(parseInput(members, given), context);
    },
  };
}

/** Times travel as seconds since the epoch, with a fraction. */
export const secondsOf = (ms: number): number => ms / 1000;

const defaultPage = 100;

/** One page in the shape of EKS's lists: the token is null on the last. */
export function eksPage(
  member: string,
  items: readonly string[],
  input: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): object {
  const { page, nextToken } = pageOf(items, {
    keyOf: (item) => item,
    limit: input.maxResults ?? defaultPage,
    token: input.nextToken,
    question: member,
  });
  return { [member]: page, nextToken: nextToken ?? null };
}

/** An update as EKS shows it. */
export function updateBody(update: LoggingUpdate): object {
  return {
    id: update.id,
    status: update.status === 'successful' ? 'Successful' : 'InProgress',
    type: 'LoggingUpdate',
    params: [{ type: 'ClusterLogging', value: update.request }],
    createdAt: secondsOf(update.createdMs),
    errors: [],
  };
}
