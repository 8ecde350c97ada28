import { systemClock } from '#base';
import type { DashboardResource } from '#config';
import type { Catalogue } from '#dashboards/catalogue';
import type { DataSources } from '#dashboards/data-sources';
import type { Provisioner } from '#dashboards/provisioning';
import type { DashboardStore } from '#dashboards/store';
import type { KubernetesView } from '#kubernetes/api';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import type { ServerRoleOptions } from './server-role.ts';

export interface DashboardsParts {
  readonly state: StateStore;
  readonly kubernetes: KubernetesView;
  readonly dataSources: DataSources;
  readonly version: string;
}

export interface DashboardsRole {
  readonly store: DashboardStore;
  readonly edges: readonly Edge[];
}

/** The state store takes no larger object; a dashboard stands there with some facts about it. */
const maxStoredBytes = 7 * 1024 * 1024;
const allResources: readonly DashboardResource[] = ['configmaps', 'secrets', 'grafanadashboards'];

/** Dashboards, what provides them, and Grafana's API over them. */
export async function openDashboards(
  options: ServerRoleOptions,
  { state, kubernetes, dataSources, version }: DashboardsParts,
  parts: AsyncDisposableStack,
): Promise<DashboardsRole> {
  const { config, log, metrics } = options;
  const clock = systemClock;
  const { openDashboardStore } = await import('#dashboards/store');
  const { Catalogue: CatalogueClass } = await import('#dashboards/catalogue');
  const { Provisioner: ProvisionerClass } = await import('#dashboards/provisioning');
  const { dashboardsEdge } = await import('#dashboards/api');
  const { maxCount, maxSizeBytes: wantedBytes, maxVersions } = config().dashboards;
  const maxSizeBytes = Math.min(wantedBytes, maxStoredBytes);
  const store = await openDashboardStore({ maxCount, maxSizeBytes, maxVersions }, { state, clock });
  metrics.collected('nunchi_dashboards', 'Dashboards that are kept', 'gauge', () => [
    { value: store.dashboards.size },
  ]);
  const { bundledDashboard } = await import('#dashboards/shipped');
  const catalogue = new CatalogueClass(() => config().dashboards.catalogue, {
    clock,
    bundled: bundledDashboard,
  });
  const provisioningLog = log.child('dashboards/provisioning');
  const provisioner = new ProvisionerClass({ store, log: provisioningLog, metrics });
  const provisioning = { provisioner, maxSizeBytes };
  await provideShipped(config().dashboards.shipped, provisioner);
  const reload = await provideFiles(options, provisioning, parts);
  await provideObjects(options, { ...provisioning, kubernetes, catalogue }, parts);
  return {
    store,
    edges: [
      dashboardsEdge({
        store,
        catalogue,
        clock,
        log,
        version,
        maxSizeBytes,
        dataSources: () => dataSources.list(),
        defaultTimeZone: () => {
          const { timeZone } = config().server;
          return timeZone === 'local' ? 'browser' : timeZone;
        },
        provisioning: { statuses: () => provisioner.statuses(), reload },
      }),
    ],
  };
}

interface Provisioning {
  readonly provisioner: Provisioner;
  readonly maxSizeBytes: number;
}

/** Source of the dashboards that come with the program, and uid of their folder. */
const shippedSource = 'nunchi';

async function provideShipped(isWanted: boolean, provisioner: Provisioner): Promise<void> {
  const { documentsOf } = await import('#dashboards/provisioning');
  const { shippedDashboards, shippedFolder } = await import('#dashboards/shipped');
  const documents = shippedDashboards.map((document) => ({ uid: document.uid!, document }));
  const folder = { uid: shippedSource, title: shippedFolder };
  await provisioner.apply(documentsOf(shippedSource, folder, isWanted ? documents : []), []);
}

/** @returns looks at the files now */
async function provideFiles(
  { config, env = {}, log }: ServerRoleOptions,
  { provisioner, maxSizeBytes }: Provisioning,
  parts: AsyncDisposableStack,
): Promise<() => Promise<void>> {
  const { provisioningDir } = config().dashboards;
  if (provisioningDir === undefined) {
    // Nobody provides them any more: they belong to people.
    await provisioner.forget((source) => source.startsWith('file:'), true);
    return async () => {};
  }
  const { FileProvisioning } = await import('#dashboards/provisioning');
  const files = parts.use(
    new FileProvisioning(
      { directory: provisioningDir, maxSizeBytes },
      { provisioner, env, clock: systemClock, log: log.child('dashboards/provisioning') },
    ),
  );
  await files.start();
  return () => files.reload();
}

async function provideObjects(
  { config, log }: ServerRoleOptions,
  {
    provisioner,
    maxSizeBytes,
    kubernetes: { cluster },
    catalogue,
  }: Provisioning & {
    readonly kubernetes: KubernetesView;
    readonly catalogue: Catalogue;
  },
  parts: AsyncDisposableStack,
): Promise<void> {
  const { ClusterProvisioning, clusterSource } = await import('#dashboards/provisioning');
  const { enabled, resources, ...rest } = config().dashboards.kubernetes;
  const wanted = resources.length === 0 ? allResources : resources;
  const followed = enabled && cluster !== undefined ? wanted : [];
  const sources = new Set(followed.map(clusterSource));
  await provisioner.forget(
    (source) => source.startsWith('kubernetes/') && !sources.has(source),
    true,
  );
  if (cluster === undefined || followed.length === 0) return;
  parts.use(
    new ClusterProvisioning(
      { ...rest, resources: followed, maxSizeBytes },
      {
        cluster,
        catalogue,
        provisioner,
        clock: systemClock,
        log: log.child('dashboards/provisioning'),
      },
    ).start(),
  );
}
