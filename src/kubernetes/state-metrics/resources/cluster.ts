import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from 'kubernetes-types/admissionregistration/v1.d.ts';
import type { CertificateSigningRequest } from 'kubernetes-types/certificates/v1.d.ts';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type {
  ConfigMap,
  LimitRange,
  Namespace,
  ResourceQuota,
  Secret,
  ServiceAccount,
} from 'kubernetes-types/core/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import { quantityThousandths } from '#kubernetes/cluster';
import type { Family, Resource } from '../contract.ts';
import {
  conditions,
  created,
  deletionTimestamp,
  gauge,
  info,
  labelFamilies,
  nameOf,
  namespaceAndName,
  namespaceOf,
  owner,
  resourceVersion,
  uidOf,
  unixSeconds,
} from './common.ts';

export const namespaces: Resource<Namespace> = {
  name: 'namespaces',
  identity: ['namespace'],
  identify: (namespace) => [nameOf(namespace)],
  families: (allowed) => [
    created('kube_namespace'),
    ...labelFamilies<Namespace>('kube_namespace', allowed),
    {
      name: 'kube_namespace_status_phase',
      help: 'The phase of the namespace: one of the rows is 1.',
      emit: ({ status }, add) => {
        for (const phase of ['Active', 'Terminating'])
          add(status?.phase === phase ? 1 : 0, ['phase', phase]);
      },
    },
    conditions(
      'kube_namespace_status_condition',
      'Conditions of the namespace: one row of each is 1.',
      ({ status }) => status?.conditions,
    ),
  ],
};

export const configMaps: Resource<ConfigMap> = {
  name: 'configmaps',
  identity: ['namespace', 'configmap'],
  identify: namespaceAndName,
  families: (allowed) => [
    ...labelFamilies<ConfigMap>('kube_configmap', allowed),
    info('kube_configmap_info', 'The config map is there.', () => []),
    created('kube_configmap'),
    resourceVersion('kube_configmap'),
  ],
};

/** Of metadata alone there is no type; then there is no series of it. */
const secretType: Family<Secret> = {
  name: 'kube_secret_type',
  help: 'The type of the secret.',
  emit: ({ type }, add) => {
    if (type !== undefined) add(1, ['type', type]);
  },
};

export const secrets: Resource<Secret> = {
  name: 'secrets',
  identity: ['namespace', 'secret'],
  identify: namespaceAndName,
  families: (allowed) => [
    info('kube_secret_info', 'The secret is there.', () => []),
    secretType,
    ...labelFamilies<Secret>('kube_secret', allowed),
    created('kube_secret'),
    resourceVersion('kube_secret'),
    owner('kube_secret'),
  ],
};

export const resourceQuotas: Resource<ResourceQuota> = {
  name: 'resourcequotas',
  identity: ['namespace', 'resourcequota'],
  identify: namespaceAndName,
  families: (allowed) => [
    created('kube_resourcequota'),
    {
      name: 'kube_resourcequota',
      help: 'What the quota allows and what is used of it, by resource.',
      emit: ({ status }, add) => {
        for (const type of ['hard', 'used'] as const) {
          for (const [resource, quantity] of Object.entries(status?.[type] ?? {})) {
            add(quantityThousandths(quantity), ['resource', resource, 'type', type]);
          }
        }
      },
    },
    ...labelFamilies<ResourceQuota>('kube_resourcequota', allowed),
  ],
};

const constraints = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

export const limitRanges: Resource<LimitRange> = {
  name: 'limitranges',
  identity: ['namespace', 'limitrange'],
  identify: namespaceAndName,
  families: () => [
    {
      name: 'kube_limitrange',
      help: 'Bounds and defaults that the limit range sets, by resource.',
      emit: ({ spec }, add) => {
        for (const limits of spec?.limits ?? []) {
          for (const constraint of constraints) {
            for (const [resource, quantity] of Object.entries(limits[constraint] ?? {})) {
              add(quantityThousandths(quantity), [
                'resource',
                resource,
                'type',
                limits.type,
                'constraint',
                constraint,
              ]);
            }
          }
        }
      },
    },
    created('kube_limitrange'),
  ],
};

export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  name: 'poddisruptionbudgets',
  identity: ['namespace', 'poddisruptionbudget'],
  identify: namespaceAndName,
  families: (allowed) => [
    ...labelFamilies<PodDisruptionBudget>('kube_poddisruptionbudget', allowed),
    created('kube_poddisruptionbudget'),
    gauge(
      'kube_poddisruptionbudget_status_current_healthy',
      'Pods that are healthy.',
      ({ status }) => status?.currentHealthy ?? 0,
    ),
    gauge(
      'kube_poddisruptionbudget_status_desired_healthy',
      'Pods that have to stay healthy.',
      ({ status }) => status?.desiredHealthy ?? 0,
    ),
    gauge(
      'kube_poddisruptionbudget_status_pod_disruptions_allowed',
      'Pods that may be evicted now.',
      ({ status }) => status?.disruptionsAllowed ?? 0,
    ),
    gauge(
      'kube_poddisruptionbudget_status_expected_pods',
      'Pods that the budget counts.',
      ({ status }) => status?.expectedPods ?? 0,
    ),
    gauge(
      'kube_poddisruptionbudget_status_observed_generation',
      'The generation that the controller has seen.',
      ({ status }) => status?.observedGeneration ?? 0,
    ),
    deletionTimestamp('kube_poddisruptionbudget'),
  ],
};

export const leases: Resource<Lease> = {
  name: 'leases',
  identity: ['lease'],
  identify: (lease) => [nameOf(lease)],
  families: () => [
    {
      name: 'kube_lease_owner',
      help: 'Who owns and who holds the lease.',
      emit: (lease, add) => {
        const tail = [
          'namespace',
          namespaceOf(lease),
          'lease_holder',
          lease.spec?.holderIdentity ?? '',
        ];
        const owners = lease.metadata?.ownerReferences ?? [];
        if (owners.length === 0) add(1, ['owner_kind', '', 'owner_name', '', ...tail]);
        for (const { kind, name } of owners)
          add(1, ['owner_kind', kind, 'owner_name', name, ...tail]);
      },
    },
    {
      name: 'kube_lease_renew_time',
      help: 'When the holder last renewed the lease, Unix seconds.',
      emit: (lease, add) => {
        const time = unixSeconds(lease.spec?.renewTime);
        if (time !== undefined) add(time, ['namespace', namespaceOf(lease)]);
      },
    },
  ],
};

const named = (
  name: string,
  help: string,
  which: 'secrets' | 'imagePullSecrets',
): Family<ServiceAccount> => ({
  name,
  help,
  emit: (account, add) => {
    for (const secret of account[which] ?? []) add(1, ['name', secret.name ?? '']);
  },
});

export const serviceAccounts: Resource<ServiceAccount> = {
  name: 'serviceaccounts',
  identity: ['namespace', 'serviceaccount', 'uid'],
  identify: (account) => [namespaceOf(account), nameOf(account), uidOf(account)],
  families: (allowed) => [
    info(
      'kube_serviceaccount_info',
      'Whether pods get a token of the account.',
      ({ automountServiceAccountToken: isMounted }) => [
        'automount_token',
        isMounted === undefined ? '' : String(isMounted),
      ],
    ),
    created('kube_serviceaccount'),
    deletionTimestamp('kube_serviceaccount', 'deleted'),
    named('kube_serviceaccount_secret', 'Secrets that the account names.', 'secrets'),
    named(
      'kube_serviceaccount_image_pull_secret',
      'Secrets for pulling images that the account names.',
      'imagePullSecrets',
    ),
    ...labelFamilies<ServiceAccount>('kube_serviceaccount', allowed),
  ],
};

export const certificateSigningRequests: Resource<CertificateSigningRequest> = {
  name: 'certificatesigningrequests',
  identity: ['certificatesigningrequest', 'signer_name'],
  identify: (request) => [nameOf(request), request.spec?.signerName ?? ''],
  families: (allowed) => [
    ...labelFamilies<CertificateSigningRequest>('kube_certificatesigningrequest', allowed),
    created('kube_certificatesigningrequest'),
    {
      name: 'kube_certificatesigningrequest_condition',
      help: 'How often each condition is set on the request.',
      emit: ({ status }, add) => {
        for (const type of ['Approved', 'Denied', 'Failed']) {
          const count = (status?.conditions ?? []).filter(
            (condition) => condition.type === type,
          ).length;
          add(count, ['condition', type.toLowerCase()]);
        }
      },
    },
    gauge(
      'kube_certificatesigningrequest_cert_length',
      'Bytes of the issued certificate, 0 before that.',
      ({ status }) => Buffer.byteLength(status?.certificate ?? '', 'base64'),
    ),
  ],
};

type Webhooks = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

const webhookConfigurations = (kind: string): Resource<Webhooks> => ({
  name: `${kind}s`,
  identity: ['namespace', kind],
  identify: namespaceAndName,
  families: () => [
    info(`kube_${kind}_info`, 'The configuration is there.', () => []),
    created(`kube_${kind}`),
    resourceVersion(`kube_${kind}`),
    {
      name: `kube_${kind}_webhook_clientconfig_service`,
      help: 'Services that the API server calls.',
      emit: ({ webhooks }, add) => {
        for (const { name, clientConfig } of webhooks ?? []) {
          const service = clientConfig.service;
          add(1, [
            'webhook_name',
            name,
            'service_name',
            service?.name ?? '',
            'service_namespace',
            service?.namespace ?? '',
          ]);
        }
      },
    },
  ],
});

export const mutatingWebhookConfigurations: Resource<Webhooks> = webhookConfigurations(
  'mutatingwebhookconfiguration',
);
export const validatingWebhookConfigurations: Resource<Webhooks> = webhookConfigurations(
  'validatingwebhookconfiguration',
);
