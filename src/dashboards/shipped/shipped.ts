import type { Dashboard } from '#dashboards/model';
import { agents } from './dashboards/agents.ts';
import { apiServer } from './dashboards/api-server.ts';
import { cluster } from './dashboards/cluster.ts';
import { coredns } from './dashboards/coredns.ts';
import { logsVolume } from './dashboards/logs-volume.ts';
import { namespaces } from './dashboards/namespaces.ts';
import { nginx } from './dashboards/nginx.ts';
import { nodes } from './dashboards/nodes.ts';
import { pods } from './dashboards/pods.ts';
import { self } from './dashboards/self.ts';
import { volumes } from './dashboards/volumes.ts';
import { workloads } from './dashboards/workloads.ts';

/** Title of the folder in which they are. */
export const shippedFolder = 'Nunchi';

/** Dashboards that come with the program, in their present form; their uids never change. */
export const shippedDashboards: readonly Dashboard[] = [
  cluster,
  nodes,
  namespaces,
  workloads,
  pods,
  apiServer,
  coredns,
  volumes,
  nginx,
  logsVolume,
  agents,
  self,
];

/** Numbers under which people know dashboards of grafana.com, and ours that answers the same questions. */
export const shippedByCatalogueId: ReadonlyMap<number, string> = new Map([
  [1860, 'nunchi-nodes'],
  [12708, 'nunchi-nginx'],
  [15757, 'nunchi-cluster'],
  [15758, 'nunchi-namespaces'],
  [15759, 'nunchi-nodes'],
  [15760, 'nunchi-pods'],
  [15761, 'nunchi-api-server'],
  [15762, 'nunchi-coredns'],
  [19105, 'nunchi-self'],
]);

/**
 * A dashboard of our own for a number of the catalogue, as a document to import: with a uid of its own, for
 * the shipped one is there too. Undefined: none.
 */
export function bundledDashboard(id: number): Readonly<Record<string, unknown>> | undefined {
  const uid = shippedByCatalogueId.get(id);
  const found = shippedDashboards.find((dashboard) => dashboard.uid === uid);
  return found === undefined ? undefined : { ...found, uid: `catalogue-${id}`, gnetId: id };
}
