import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { reflectorTimes } from '#kubernetes/client';
import { Cluster } from '#kubernetes/cluster';
import { answer, FakeApi, refusal } from '../src/kubernetes/client/testing/fake-api.ts';

export {
  answer,
  type FakeApi,
  type FakeObject,
  refusal,
} from '../src/kubernetes/client/testing/fake-api.ts';

/** Collections by their paths. */
export const paths = {
  events: '/api/v1/events',
  namespaces: '/api/v1/namespaces',
  services: '/api/v1/services',
  claims: '/api/v1/persistentvolumeclaims',
  controllers: '/api/v1/replicationcontrollers',
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  configmaps: '/api/v1/configmaps',
  secrets: '/api/v1/secrets',
  deployments: '/apis/apps/v1/deployments',
  replicasets: '/apis/apps/v1/replicasets',
  statefulsets: '/apis/apps/v1/statefulsets',
  daemonsets: '/apis/apps/v1/daemonsets',
  jobs: '/apis/batch/v1/jobs',
  cronjobs: '/apis/batch/v1/cronjobs',
  autoscalers: '/apis/autoscaling/v2/horizontalpodautoscalers',
} as const;

/** An API server that has these collections and tells nobody which versions it has. */
export async function openApi(): Promise<FakeApi> {
  const api = await FakeApi.open('http');
  for (const path of Object.values(paths)) {
    api.put(path, { metadata: { name: 'gone', namespace: 'gone' } });
    api.remove(path, 'gone', 'gone');
  }
  api.intercept = ({ path }, response) => {
    if (!/^\/api\/v1$|^\/apis$|^\/apis\/[^/]+\/[^/]+$/.test(path)) return false;
    answer(response, 403, refusal(403, 'Forbidden', 'discovery is not for you'));
    return true;
  };
  return api;
}

const quick = { baseMs: 5, maxMs: 20 };
const times = { ...reflectorTimes, backoff: quick, slowBackoff: quick };

export function openCluster(api: FakeApi): Cluster {
  const deps = { clock: systemClock, log: silentLogger, metrics: new MetricsRegistry() };
  return new Cluster({ access: api.access(), times }, deps);
}
