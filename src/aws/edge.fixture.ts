import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import type { Degradation } from '#kubernetes/cluster';
import { ContainerInsightsAddOn } from '#kubernetes/container-insights';
import { ControlPlaneClusters } from '#kubernetes/control-plane';
import { openLookupTables } from '#logs/lookup-tables';
import type { QueryRequest, QueryRun, QueryService } from '#logs/queries';
import { type NunchiServer, startServer } from '#server';
import { openStateStore, type StateStore } from '#state';
import type { AwsDeps, ClusterFacts } from './contract.ts';
import { awsEdge } from './edge.ts';
import { type MemoryLogStore, memoryLogStore } from './memory-store.fixture.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `{}` when it is empty. */
  readonly json: Record<string, unknown>;
}

/** A server with nothing but the AWS edge, over a store in memory and a clock that stands still. */
export interface EdgeFixture extends AsyncDisposable {
  readonly server: NunchiServer;
  readonly clock: ManualClock;
  readonly store: MemoryLogStore;
  readonly controlPlane: ControlPlaneClusters;
  readonly addOn: ContainerInsightsAddOn;
  readonly state: StateStore;
  readonly metrics: MetricsRegistry;
  /** Runs that StartQuery has made, to be filled by the test. */
  readonly runs: FakeRun[];
  call(operation: string, input?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Calls, must succeed, and gives the parsed body. */
  ok(operation: string, input?: unknown): Promise<Reply['json']>;
  /** Calls, must fail with this code and message. */
  fails(operation: string, input: unknown, code: string, message?: string | RegExp): Promise<Reply>;
  post(body: string | Uint8Array, headers: Record<string, string>): Promise<Reply>;
}

export type FakeRun = { -readonly [K in keyof QueryRun]: QueryRun[K] };

export const nowMs: number = Date.parse('2024-03-26T12:00:00Z');

/** Events a millisecond apart, from `nowMs` on. */
export const events = (...messages: string[]): { timestamp: number; message: string }[] =>
  messages.map((message, i) => ({ timestamp: nowMs + i, message }));

/** A list member of a reply. */
export const listOf = (reply: Reply['json'], member: string): Record<string, unknown>[] =>
  reply[member] as Record<string, unknown>[];

export async function openEdge(
  options: Partial<Pick<AwsDeps, 'verifySignatures'>> & {
    readonly facts?: ClusterFacts;
    /** What is wrong with the cluster's mirror. */
    readonly degraded?: readonly Degradation[];
    readonly isInsightsOff?: boolean;
  } = {},
): Promise<EdgeFixture> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nunchi-aws-'));
  const clock = new ManualClock(nowMs);
  const metrics = new MetricsRegistry();
  const store = memoryLogStore(() => clock.nowMs());
  const state = await openStateStore({ dataDir }, { clock });
  const runs: FakeRun[] = [];
  const controlPlane = await ControlPlaneClusters.open(['myeks'], {
    state,
    store,
    clock,
    metrics,
  });
  const addOn = new ContainerInsightsAddOn(
    { clusterName: 'myeks', isEnabled: options.isInsightsOff !== true },
    { state, clock, degraded: () => options.degraded ?? [] },
  );
  const edge = awsEdge({
    store,
    insightsAddOn: (cluster) => (cluster === 'myeks' ? addOn : undefined),
    programVersion: '1.2.3',
    controlPlane,
    clusterFacts: async (cluster) => (cluster === 'myeks' ? options.facts : undefined),
    lookupTables: await openLookupTables({ state, clock }),
    queries: fakeQueries(runs, clock),
    state,
    accountId: '123456789012',
    region: 'us-east-1',
    clock,
    logger: silentLogger,
    metrics,
    verifySignatures: options.verifySignatures ?? 'auto',
  });
  const server = await startServer(
    { listen: '127.0.0.1:0' },
    { state, log: silentLogger, metrics: new MetricsRegistry() },
    [edge],
  );
  const post: EdgeFixture['post'] = async (body, headers) => {
    const reply = await fetch(`${server.url}/`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    const text = await reply.text();
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: reply.status, headers: reply.headers, text, json };
  };
  const call: EdgeFixture['call'] = (operation, input = {}, headers = {}) =>
    post(JSON.stringify(input), {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${operation}`,
      ...headers,
    });
  return {
    server,
    clock,
    store,
    controlPlane,
    addOn,
    state,
    metrics,
    runs,
    post,
    call,
    ok: async (operation, input) => {
      const reply = await call(operation, input);
      assert.equal(reply.status, 200, reply.text);
      return reply.json;
    },
    fails: async (operation, input, code, message) => {
      const reply = await call(operation, input);
      assert.equal(reply.json['__type'], code, reply.text);
      assert.equal(reply.headers.get('x-amzn-errortype'), code);
      if (typeof message === 'string') assert.equal(reply.json['message'], message);
      if (message instanceof RegExp) assert.match(String(reply.json['message']), message);
      return reply;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true });
    },
  };
}

function fakeQueries(runs: FakeRun[], clock: ManualClock): QueryService {
  const unused = (): never => {
    throw new Error('Not part of the fixture');
  };
  const start = (request: QueryRequest): QueryRun => {
    const run: FakeRun = {
      id: `query-${runs.length + 1}`,
      request,
      createdMs: clock.nowMs(),
      status: 'Complete',
      statistics: {
        recordsMatched: 2,
        recordsScanned: 3,
        bytesScanned: 40,
        recordsTotal: 3,
        bytesTotal: 40,
        groupsScanned: 1,
        elapsedMs: 5,
      },
      histogram: undefined,
      columns: [],
      diagnostics: [],
      error: undefined,
      endedMs: clock.nowMs() + 5,
      rowCount: 0,
      rows: () => ({ columnNames: [], columns: [], rowCount: 0, pointers: undefined }),
      watch: unused,
      stop: () => {
        run.status = 'Cancelled';
      },
      done: Promise.resolve(),
    };
    runs.push(run);
    return run;
  };
  return {
    check: () => [],
    start,
    get: (id) => runs.find((run) => run.id === id),
    list: () => runs.toReversed(),
    export: unused,
    exportParquet: unused,
    discoverFields: async () => [
      { name: '@timestamp', percent: 100 },
      { name: 'verb', percent: 33.4 },
      { name: '@message', percent: 100 },
    ],
    [Symbol.asyncDispose]: async () => {},
  };
}
