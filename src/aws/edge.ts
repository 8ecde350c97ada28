import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError, isAbortError } from '#base';
import type { Edge } from '#server';
import { type Caller, identify, mustBeAllowed } from './authorize.ts';
import { CallsInFlight } from './calls.ts';
import type { AwsDeps } from './contract.ts';
import { unsupported } from './eks/clusters.ts';
import { eksErrorOf, eksStatusOf } from './eks/errors.ts';
import type { EksOperation } from './eks/operation.ts';
import { eksOperations } from './eks/operations.ts';
import { AwsError, toAwsError } from './errors.ts';
import { type OperationOutput, StreamReply } from './operation.ts';
import { logsOperations } from './operations.ts';
import {
  bodyTooLarge,
  decodeBody,
  jsonContentType,
  maxBodyBytes,
  parseJsonBody,
  targetPrefix,
} from './protocol.ts';
import { answerSts, stsContentType, stsErrorXml } from './sts.ts';

/** An operation that hangs must not hold its connection for ever; clients give up after 60 s. */
const maxCallMs = 55_000;

/**
 * The AWS edge: `POST /` for CloudWatch Logs (AWS JSON 1.1, by `X-Amz-Target`) and STS (query
 * protocol, by `Action` in a form body or in a presigned URL), `/clusters…` and some more for EKS
 * (REST-JSON, by path).
 */
export function awsEdge(deps: AwsDeps): Edge {
  return {
    name: 'aws',
    register: async (app) => {
      await app.register(async (scope) => registerRoutes(scope, deps));
    },
  };
}

/** How errors are written. */
type Protocol = 'json' | 'sts' | 'rest';

/** One request on its way through the edge. */
interface Call {
  readonly requestId: string;
  /** For metrics: a known operation, or `unknown`. */
  readonly label: string;
  readonly protocol: Protocol;
  /** The reply is a stream that lasts. */
  readonly isStream: boolean;
  /** Sends one reply with what was asked. */
  readonly answer: (caller: Caller, signal: AbortSignal) => Promise<Answer>;
}

interface Answer {
  readonly contentType: string;
  readonly body: Buffer | Readable;
}

function registerRoutes(app: FastifyInstance, deps: AwsDeps): void {
  const requests = deps.metrics.counter(
    'nunchi_aws_requests_total',
    'Requests to the AWS API, by operation and error code.',
  );
  const seconds = deps.metrics.histogram(
    'nunchi_aws_request_seconds',
    'Duration of requests to the AWS API until the reply starts.',
  );
  const calls = new CallsInFlight();
  app.addHook('preClose', async () => calls.stop());
  // Before the body is read, and so before anybody is known: whoever can connect can send.
  app.addHook('onRequest', async (request, reply) => {
    const weight = Number(request.headers['content-length'] ?? maxBodyBytes);
    const release = calls.admit(Math.min(weight, maxBodyBytes));
    reply.raw.once('close', release);
  });
  // Bodies are signed as they were sent: nobody may parse or decode them before us.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => {
    const isTooLarge = (error as { statusCode?: number }).statusCode === 413;
    const awsError = isTooLarge ? bodyTooLarge() : toAwsError(error);
    if (awsError.status === 500) {
      deps.logger.error('AWS request failed before it was read', { err: error });
    }
    const hasTarget = request.headers['x-amz-target'] !== undefined;
    const isRoot = new URL(request.url, 'http://host').pathname === '/';
    const protocol = !isRoot ? 'rest' : hasTarget ? 'json' : 'sts';
    return sendError(reply, awsError, { requestId: randomUUID(), protocol });
  });

  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    read: (request: FastifyRequest, raw: Buffer, deps: AwsDeps) => Call,
  ): Promise<FastifyReply> => {
    const startMs = deps.clock.monotonicMs();
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const call = read(request, raw, deps);
    const finish = (code: string): void => {
      requests.add(1, { operation: call.label, code });
      seconds.observe((deps.clock.monotonicMs() - startMs) / 1000, { operation: call.label });
    };
    const { signal, end } = calls.start(call.isStream ? undefined : maxCallMs);
    reply.raw.once('close', end);
    try {
      const caller = await identify(
        {
          method: request.method,
          url: request.raw.url ?? '/',
          headers: request.headers,
          body: raw,
        },
        request.principal,
        deps,
      );
      request.principal = caller.principal;
      const answer = await call.answer(caller, signal);
      finish('ok');
      return reply
        .code(200)
        .header('x-amzn-requestid', call.requestId)
        .header('content-type', answer.contentType)
        .send(answer.body);
    } catch (error) {
      const awsError = isAbortError(error)
        ? callEnded(error, calls)
        : (eksErrorOf(error) ?? toAwsError(error));
      finish(awsError.code);
      if (awsError.status === 500) {
        deps.logger.error('AWS request failed', {
          operation: call.label,
          requestId: call.requestId,
          err: error,
        });
      }
      return sendError(reply, awsError, call);
    }
  };

  const config = { auth: 'self', maxBodyBytes } as const;
  const handle = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    answer(request, reply, readCall);
  app.post('/', { config, bodyLimit: maxBodyBytes }, handle);
  for (const operation of eksOperations) {
    const { method, path: url } = operation;
    const read = (request: FastifyRequest, raw: Buffer): Call =>
      readEksCall(operation, request, raw, deps);
    app.route({
      method,
      url,
      config: eksConfig,
      bodyLimit: maxEksBodyBytes,
      handler: (request, reply) => answer(request, reply, read),
    });
  }
  // What EKS has and we have not: a client is told in its own words.
  for (const url of ['/clusters', '/clusters/*', '/addons/*']) {
    app.route({
      method: ['GET', 'POST', 'DELETE'].filter(
        (method) => url !== '/clusters' || method !== 'GET',
      ) as ('GET' | 'POST' | 'DELETE')[],
      url,
      config: eksConfig,
      bodyLimit: maxEksBodyBytes,
      handler: (request, reply) => answer(request, reply, refuseEksCall),
    });
  }
  // A presigned call of STS: what `aws eks get-token` makes, and what may go to others as a proof.
  app.addConstraintStrategy({
    name: presigned,
    storage: () => {
      const handlers = new Map<unknown, unknown>();
      return {
        get: (key) => (handlers.get(key) as never) ?? null,
        set: (key, handler) => void handlers.set(key, handler),
      };
    },
    validate: () => {},
    deriveConstraint: (request) => isPresigned(request.url ?? '/'),
  });
  app.get('/', { config, constraints: { [presigned]: true } }, handle);
}

/** Its requests are small. */
const maxEksBodyBytes = 256 * 1024;
const eksConfig = { auth: 'self', maxBodyBytes: maxEksBodyBytes } as const;

const presigned = 'awsPresigned';

/** Told apart from a page of the UI by its parameters; all other addresses are left alone. */
const isPresigned = (url: string): boolean =>
  url.startsWith('/?') && /[?&]X-Amz-Algorithm=/.test(url) && /[?&]Action=/.test(url);

/** Our own time limit, a server that stops, or a client that has left and reads no reply. */
function callEnded(error: unknown, calls: CallsInFlight): AwsError {
  const reason = calls.isStopping ? 'The server is stopping.' : 'The request took too long.';
  return new AwsError('ServiceUnavailableException', reason, { status: 503, cause: error });
}

function readCall(request: FastifyRequest, raw: Buffer, deps: AwsDeps): Call {
  const requestId = randomUUID();
  const encoding = request.headers['content-encoding'];
  const target = request.method === 'POST' ? request.headers['x-amz-target'] : undefined;
  if (typeof target !== 'string') {
    return {
      requestId,
      label: 'sts',
      protocol: 'sts',
      isStream: false,
      answer: async ({ principal, accessKeyId }) => {
        const text =
          request.method === 'POST'
            ? (await decodeBody(raw, encoding)).toString('utf8')
            : request.url.slice(request.url.indexOf('?') + 1);
        const form = new URLSearchParams(text);
        const { accountId } = deps;
        return {
          contentType: stsContentType,
          body: Buffer.from(answerSts(form, { accountId, principal, accessKeyId, requestId })),
        };
      },
    };
  }
  const operation = target.startsWith(targetPrefix)
    ? logsOperations.get(target.slice(targetPrefix.length))
    : undefined;
  return {
    requestId,
    label: operation?.name ?? 'unknown',
    protocol: 'json',
    isStream: operation?.name === 'StartLiveTail',
    answer: async (caller, signal) => {
      if (operation === undefined) {
        throw new AwsError(
          'UnknownOperationException',
          `The operation is not supported: ${target}`,
        );
      }
      mustBeAllowed(operation, caller, deps.accountId);
      const body = parseJsonBody(await decodeBody(raw, encoding));
      const output = await operation.run(body, {
        ...deps,
        scope: { region: caller.region, accountId: deps.accountId },
        principal: caller.principal,
        requestId,
        signal,
      });
      return answerOf(output);
    },
  };
}

function readEksCall(
  operation: EksOperation,
  request: FastifyRequest,
  raw: Buffer,
  deps: AwsDeps,
): Call {
  const requestId = randomUUID();
  return {
    requestId,
    label: operation.name,
    protocol: 'rest',
    isStream: false,
    answer: async (caller, signal) => {
      mustBeAllowed(operation, caller, deps.accountId, 'eks');
      const body = parseJsonBody(await decodeBody(raw, request.headers['content-encoding']));
      const parameters = {
        ...(request.query as Record<string, string | string[]>),
        ...(request.params as Record<string, string>),
      };
      const output = await operation.run(parameters, body, {
        ...deps,
        scope: { region: caller.region, accountId: deps.accountId },
        principal: caller.principal,
        requestId,
        signal,
      });
      return { contentType: 'application/json', body: Buffer.from(JSON.stringify(output)) };
    },
  };
}

function refuseEksCall(request: FastifyRequest): Call {
  return {
    requestId: randomUUID(),
    label: 'unknown',
    protocol: 'rest',
    isStream: false,
    answer: async () => {
      throw unsupported(request.method, request.url.replace(/\?.*$/, ''));
    },
  };
}

function answerOf(output: OperationOutput): Answer {
  if (output instanceof StreamReply) {
    return { contentType: output.contentType, body: Readable.from(output.chunks) };
  }
  return {
    contentType: jsonContentType,
    // Bytes, for a charset would be added to a string's content type, and AWS sends none.
    body: Buffer.from(output === undefined ? '' : JSON.stringify(output)),
  };
}

function sendError(
  reply: FastifyReply,
  error: AwsError,
  { requestId, protocol }: Pick<Call, 'requestId' | 'protocol'>,
): FastifyReply {
  const status = protocol === 'rest' ? eksStatusOf(error) : error.status;
  void reply.code(status).header('x-amzn-requestid', requestId);
  if (protocol === 'sts') {
    return reply
      .header('content-type', stsContentType)
      .send(Buffer.from(stsErrorXml(error, requestId)));
  }
  const message = error.message === '' ? describeError(error) : error.message;
  if (protocol === 'rest') {
    return reply
      .header('content-type', 'application/json')
      .header('x-amzn-errortype', error.code)
      .send(Buffer.from(JSON.stringify({ message, ...error.members })));
  }
  return reply
    .header('content-type', jsonContentType)
    .header('x-amzn-errortype', error.code)
    .send(Buffer.from(JSON.stringify({ __type: error.code, message, ...error.members })));
}
