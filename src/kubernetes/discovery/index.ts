/** Targets out of a cluster's objects: `kubernetes_sd_configs` with every label of Prometheus 3. */
export { type KubernetesDiscoveryDeps, kubernetesDiscovery } from './discovery.ts';
