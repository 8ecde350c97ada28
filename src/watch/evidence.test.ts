import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import { type KubernetesClient, KubernetesError } from '#kubernetes/client';
import { containerFacts } from './container-facts.ts';
import type { Trouble } from './contract.ts';
import { type EvidenceDeps, gatherEvidence } from './evidence.ts';

const subject = { kind: 'Pod', namespace: 'shop', name: 'web-1' };
const crashed: Trouble = {
  reason: 'Error',
  severity: 'high',
  subject,
  owner: subject,
  container: 'main',
  message: '',
  exitCode: 1,
  restarts: 2,
  sinceMs: 0,
  uid: 'u1',
};
const options = { maxLogLines: 50, includeEvents: true, includeLogs: true };

interface Asked {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/** A cluster with this pod, these events and these logs; a log that is undefined is refused. */
function depsOf(
  has: {
    readonly events?: readonly object[];
    readonly previous?: string;
    readonly current?: string;
    readonly pod?: object;
  },
  more: Partial<EvidenceDeps> = {},
): EvidenceDeps & { readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const client = {
    json: async (request: Asked) => {
      asked.push(request);
      return request.path.endsWith('/events') ? { items: has.events ?? [] } : (has.pod ?? {});
    },
    text: async (request: Asked) => {
      asked.push(request);
      const isPrevious = request.query?.['previous'] === 'true';
      const text = isPrevious ? has.previous : has.current;
      if (text !== undefined) return text;
      throw refusal('previous terminated container "main" in pod "web-1" not found');
    },
  } as unknown as KubernetesClient;
  return { client, clock: new ManualClock(0), log: silentLogger, ...more, asked };
}

const refusal = (message: string): Error =>
  new KubernetesError({ status: 400, reason: 'BadRequest', message });

const event = (type: string, reason: string, second: number, count = 1): object => ({
  type,
  reason,
  message: `${reason} ${second}`,
  count,
  lastTimestamp: new Date(second * 1000).toISOString(),
});

describe('evidence of a trouble', () => {
  it('has the log of the run that crashed, masked, and of this one where there is none', async () => {
    const masked = await gatherEvidence(
      crashed,
      options,
      depsOf({ previous: 'password=hunter22 gave up\n', current: 'starting' }),
    );
    assert.equal(masked.log, 'password=•••• gave up');
    const fresh = await gatherEvidence(crashed, options, depsOf({ current: 'starting' }));
    assert.equal(fresh.log, 'starting');
  });

  it('has the stored lines of a pod that is gone, or says why there are none', async () => {
    const gone = depsOf({}, { storedLines: async () => ['one', 'two'] });
    assert.equal((await gatherEvidence(crashed, options, gone)).log, 'one\ntwo');
    const none = await gatherEvidence(crashed, options, depsOf({}));
    assert.equal(none.log, '');
    assert.match(none.logProblem ?? '', /previous terminated container/);
  });

  it('asks for no log of a container that never ran', async () => {
    const deps = depsOf({ current: 'x' });
    const { exitCode: _none, ...rest } = crashed;
    const pull = { ...rest, reason: 'ErrImagePull', restarts: 0 };
    assert.equal((await gatherEvidence(pull, options, deps)).log, '');
    assert.ok(deps.asked.every(({ path }) => !path.endsWith('/log')));
  });

  it('has the events that say most, in their order, of this pod alone', async () => {
    const events = [
      event('Normal', 'Scheduled', 1),
      ...Array.from({ length: 9 }, (_, at) => event('Warning', 'Unhealthy', 10 + at)),
      event('Normal', 'Pulled', 5),
      event('Warning', 'BackOff', 30, 12),
    ];
    const deps = depsOf({ events, current: '' });
    const found = (await gatherEvidence(crashed, options, deps)).events;
    assert.equal(found.length, 10);
    assert.match(found[0] ?? '', /Unhealthy 10$/);
    assert.equal(found.at(-1), '[1970-01-01 00:00:30 +0000 UTC] BackOff BackOff 30 (12 times)');
    assert.match(
      deps.asked.find(({ path }) => path.endsWith('/events'))?.query?.['fieldSelector'] ?? '',
      /involvedObject\.name=web-1,.*uid=u1/,
    );
  });

  it('waits for the event that says why an image is not there', async () => {
    const events: object[] = [event('Normal', 'Pulling', 1)];
    const deps = depsOf({ events });
    const trouble = { ...crashed, reason: 'ErrImagePull', restarts: 0 };
    const gathered = gatherEvidence(trouble, options, deps);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(event('Warning', 'Failed', 2));
    assert.match((await gathered).events.join('\n'), /Pulling 1\n.*Failed 2$/);
  });

  it('never fails, whatever the API server does', async () => {
    const client = {
      json: () => Promise.reject(new Error('away')),
      text: () => Promise.reject(new Error('away')),
    } as unknown as KubernetesClient;
    const found = await gatherEvidence(crashed, options, {
      client,
      clock: new ManualClock(0),
      log: silentLogger,
    });
    assert.deepEqual(found.events, []);
    assert.equal(found.log, '');
  });

  it('knows limits and probes of the container, of this pod alone', async () => {
    const spec = {
      containers: [
        {
          name: 'main',
          resources: { limits: { memory: '64Mi' } },
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { port: 'http', path: '/ready' } },
          livenessProbe: { exec: { command: ['cat', '/tmp/healthy'] } },
        },
      ],
    };
    const pod = { metadata: { uid: 'u1' }, spec };
    const { container } = await gatherEvidence(crashed, options, depsOf({ pod, current: '' }));
    assert.deepEqual(container, {
      isInit: false,
      memoryLimit: '64Mi',
      cpuLimit: undefined,
      probes: { readiness: 'GET :8080/ready', liveness: 'cat /tmp/healthy' },
    });
    const other = { ...pod, metadata: { uid: 'another' } };
    const found = await gatherEvidence(crashed, options, depsOf({ pod: other, current: '' }));
    assert.equal(found.container, undefined);
  });

  it('tells init containers from those that stand beside the others', () => {
    const pod = {
      spec: {
        containers: [],
        initContainers: [
          { name: 'migrate', image: 'x' },
          { name: 'proxy', image: 'x', restartPolicy: 'Always' },
        ],
      },
    };
    assert.equal(containerFacts(pod, 'migrate')?.isInit, true);
    assert.equal(containerFacts(pod, 'proxy')?.isInit, false);
    assert.equal(containerFacts(pod, 'other'), undefined);
  });
});
