import type { KubernetesAccess } from '#kubernetes/client';
import { type GlobalConfig, loadScrapeConfigs, type ScrapeConfig } from '#metrics/config';
import { annotationJobs, podsJob, servicesJob } from './annotations.ts';
import { controlPlaneJobs, controlPlaneNames, portOfJob } from './control-plane.ts';
import { kubeletJobs, scrapesKubelets } from './kubelet.ts';

export interface BuiltInOptions {
  /** Undefined: no jobs for the control plane. */
  readonly controlPlane:
    | { readonly access: KubernetesAccess; readonly hasEksMetrics: boolean }
    | undefined;
  /** Undefined: no jobs for kubelets. `left`: nodes whose kubelet an agent scrapes. */
  readonly kubelet:
    | { readonly access: KubernetesAccess; readonly left: ReadonlySet<string> }
    | undefined;
  readonly hasAnnotations: boolean;
  /** Names that are taken: no built-in job has one of them. */
  readonly taken: ReadonlySet<string>;
  readonly global: GlobalConfig;
}

/** All built-in jobs, in the order in which they leave targets to each other and to all other jobs. */
export const builtInNames: readonly string[] = [...controlPlaneNames, podsJob, servicesJob];

/** Jobs that a cluster has without anybody's configuration. */
export function builtInJobs(options: BuiltInOptions): readonly ScrapeConfig[] {
  const { controlPlane, kubelet, hasAnnotations, taken, global } = options;
  const sections = [
    ...(controlPlane === undefined
      ? []
      : controlPlaneJobs(controlPlane.access, controlPlane.hasEksMetrics)),
    ...(kubelet === undefined || scrapesKubelets(taken)
      ? []
      : kubeletJobs(kubelet.access, kubelet.left)),
    ...(hasAnnotations ? annotationJobs() : []),
  ].filter((job) => !taken.has(String(job['job_name'])));
  const text = JSON.stringify({ scrape_configs: sections });
  return loadScrapeConfigs(text, '/built-in', global).map(whereReachable);
}

/** Components that listen on their node's loopback only would be down for ever. */
function whereReachable(job: ScrapeConfig): ScrapeConfig {
  const reachablePort = portOfJob.get(job.jobName);
  if (reachablePort === undefined) return job;
  const kubernetesSdConfigs = job.kubernetesSdConfigs.map((one) => ({ ...one, reachablePort }));
  return { ...job, kubernetesSdConfigs };
}
