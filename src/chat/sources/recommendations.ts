import type { Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { Ingress } from 'kubernetes-types/networking/v1.d.ts';
import type { KubernetesSource } from '../config/contract.ts';

type Wanted = KubernetesSource['recommendations'];

/** What Ingresses refer to; undefined: it is not known what there is, and nothing is said. */
export interface Referred {
  readonly service: (namespace: string, name: string) => Service | undefined;
  readonly hasSecret: (namespace: string, name: string) => boolean;
  readonly knowsServices: boolean;
  readonly knowsSecrets: boolean;
}

export function podRecommendations({ metadata, spec }: Pod, wanted: Wanted): string[] {
  const where = `${metadata?.namespace}/${metadata?.name}`;
  const found: string[] = [];
  if (wanted.labelsSet && Object.keys(metadata?.labels ?? {}).length === 0) {
    found.push(
      `Pod '${where}' created without labels. Consider defining them, to be able to use them as a selector e.g. in Service.`,
    );
  }
  if (!wanted.noLatestImageTag) return found;
  for (const { name, image = '' } of [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
  ]) {
    const tag =
      /:([^/:]+)$/.exec(image.split('@')[0] ?? '')?.[1] ?? (image.includes('@') ? '' : 'latest');
    if (tag === 'latest')
      found.push(
        `The 'latest' tag used in '${image}' image of Pod '${where}' container '${name}' should be avoided.`,
      );
  }
  return found;
}

export function ingressRecommendations(
  { metadata, spec }: Ingress,
  wanted: Wanted,
  referred: Referred,
): string[] {
  const namespace = metadata?.namespace ?? '';
  const where = `${namespace}/${metadata?.name}`;
  const found = new Set<string>();
  if (wanted.backendServiceValid && referred.knowsServices) {
    const backends = [
      spec?.defaultBackend,
      ...(spec?.rules ?? []).flatMap(({ http }) => http?.paths.map(({ backend }) => backend) ?? []),
    ];
    for (const backend of backends) {
      if (backend?.service === undefined) continue;
      const { name, port } = backend.service;
      const service = referred.service(namespace, name);
      if (service === undefined) {
        found.add(`Service '${name}' referred in Ingress '${where}' spec does not exist.`);
        continue;
      }
      const wantedPort = port?.number ?? port?.name;
      const ports = service.spec?.ports ?? [];
      if (wantedPort === undefined) continue;
      if (!ports.some((one) => one.port === wantedPort || one.name === wantedPort)) {
        found.add(
          `Service '${name}' referred in Ingress '${where}' spec does not expose port '${wantedPort}'.`,
        );
      }
    }
  }
  if (wanted.tlsSecretValid && referred.knowsSecrets) {
    for (const { secretName } of spec?.tls ?? []) {
      if (secretName === undefined || secretName === '') continue;
      if (!referred.hasSecret(namespace, secretName))
        found.add(`TLS secret '${secretName}' referred in Ingress '${where}' does not exist.`);
    }
  }
  return [...found];
}
