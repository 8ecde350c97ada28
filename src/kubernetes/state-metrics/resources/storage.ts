import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass, VolumeAttachment } from 'kubernetes-types/storage/v1.d.ts';
import { quantityUnits } from '#kubernetes/cluster';
import type { Family, Resource } from '../contract.ts';
import { mapPairs } from '../label-names.ts';
import {
  conditions,
  created,
  deletionTimestamp,
  gauge,
  info,
  labelFamilies,
  nameOf,
  namespaceAndName,
  phases,
  truth,
} from './common.ts';

/** Older claims name their class in an annotation, which goes first. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

const accessModes = <T extends { spec?: { accessModes?: string[] } }>(
  prefix: string,
): Family<T> => ({
  name: `${prefix}_access_mode`,
  help: 'How the volume may be mounted.',
  emit: ({ spec }, add) => {
    for (const mode of spec?.accessModes ?? []) add(1, ['access_mode', mode]);
  },
});

export const persistentVolumeClaims: Resource<PersistentVolumeClaim> = {
  name: 'persistentvolumeclaims',
  identity: ['namespace', 'persistentvolumeclaim'],
  identify: namespaceAndName,
  families: (allowed) => [
    ...labelFamilies<PersistentVolumeClaim>('kube_persistentvolumeclaim', allowed),
    info(
      'kube_persistentvolumeclaim_info',
      'Class, volume and mode of the claim.',
      ({ metadata, spec }) => [
        'storageclass',
        metadata?.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '',
        'volumename',
        spec?.volumeName ?? '',
        'volumemode',
        spec?.volumeMode ?? '',
      ],
    ),
    phases(
      'kube_persistentvolumeclaim_status_phase',
      'The phase of the claim: one of the rows is 1.',
      ['Lost', 'Bound', 'Pending'],
      ({ status }) => status?.phase,
    ),
    gauge(
      'kube_persistentvolumeclaim_resource_requests_storage_bytes',
      'Size that the claim asks for.',
      ({ spec }) => {
        const quantity = spec?.resources?.requests?.['storage'];
        return quantity === undefined ? undefined : quantityUnits(quantity);
      },
    ),
    accessModes('kube_persistentvolumeclaim'),
    conditions(
      'kube_persistentvolumeclaim_status_condition',
      'Conditions of the claim: one row of each is 1.',
      ({ status }) => status?.conditions,
    ),
    created('kube_persistentvolumeclaim'),
    deletionTimestamp('kube_persistentvolumeclaim'),
  ],
};

/** Labels of what a volume is made of; one of the groups has values. */
function sourceLabels({ spec }: PersistentVolume): readonly string[] {
  const { fc, iscsi, csi, local, hostPath, nfs } = spec ?? {};
  const has = {
    gce: spec?.gcePersistentDisk?.pdName ?? '',
    ebs: spec?.awsElasticBlockStore?.volumeID ?? '',
    azure: spec?.azureDisk?.diskName ?? '',
  };
  return [
    'storageclass',
    spec?.storageClassName ?? '',
    'gce_persistent_disk_name',
    has.gce,
    'ebs_volume_id',
    has.ebs,
    'azure_disk_name',
    has.azure,
    'fc_wwids',
    fc?.wwids?.join(',') ?? '',
    'fc_lun',
    fc?.lun === undefined ? '' : String(fc.lun),
    'fc_target_wwns',
    fc?.targetWWNs?.join(',') ?? '',
    'iscsi_target_portal',
    iscsi?.targetPortal ?? '',
    'iscsi_iqn',
    iscsi?.iqn ?? '',
    'iscsi_lun',
    iscsi === undefined ? '' : String(iscsi.lun),
    'iscsi_initiator_name',
    iscsi?.initiatorName ?? '',
    'nfs_server',
    nfs?.server ?? '',
    'nfs_path',
    nfs?.path ?? '',
    'csi_driver',
    csi?.driver ?? '',
    'csi_volume_handle',
    csi?.volumeHandle ?? '',
    'local_path',
    local?.path ?? '',
    'local_fs',
    local?.fsType ?? '',
    'host_path',
    hostPath?.path ?? '',
    'host_path_type',
    hostPath?.type ?? '',
    'reclaim_policy',
    spec?.persistentVolumeReclaimPolicy ?? '',
  ];
}

export const persistentVolumes: Resource<PersistentVolume> = {
  name: 'persistentvolumes',
  identity: ['persistentvolume'],
  identify: (volume) => [nameOf(volume)],
  families: (allowed) => [
    {
      name: 'kube_persistentvolume_claim_ref',
      help: 'The claim that has the volume.',
      emit: ({ spec }, add) => {
        const claim = spec?.claimRef;
        if (claim !== undefined)
          add(1, ['name', claim.name ?? '', 'claim_namespace', claim.namespace ?? '']);
      },
    },
    ...labelFamilies<PersistentVolume>('kube_persistentvolume', allowed),
    phases(
      'kube_persistentvolume_status_phase',
      'The phase of the volume: one of the rows is 1.',
      ['Pending', 'Available', 'Bound', 'Released', 'Failed'],
      ({ status }) => status?.phase,
    ),
    info('kube_persistentvolume_info', 'Class of the volume and what it is made of.', sourceLabels),
    gauge('kube_persistentvolume_capacity_bytes', 'Size of the volume.', ({ spec }) =>
      quantityUnits(spec?.capacity?.['storage'] ?? '0'),
    ),
    created('kube_persistentvolume'),
    deletionTimestamp('kube_persistentvolume'),
    {
      name: 'kube_persistentvolume_csi_attributes',
      help: 'Attributes of a CSI volume.',
      emit: ({ spec }, add) => {
        if (spec?.csi === undefined) return;
        const attributes = spec.csi.volumeAttributes ?? {};
        add(1, [
          'csi_mounter',
          attributes['mounter'] ?? '',
          'csi_map_options',
          attributes['mapOptions'] ?? '',
        ]);
      },
    },
    info(
      'kube_persistentvolume_volume_mode',
      'Whether the volume is a file system or a block device.',
      ({ spec }) => ['volumemode', spec?.volumeMode ?? 'Filesystem'],
    ),
    accessModes('kube_persistentvolume'),
  ],
};

export const storageClasses: Resource<StorageClass> = {
  name: 'storageclasses',
  identity: ['storageclass'],
  identify: (storageClass) => [nameOf(storageClass)],
  families: (allowed) => [
    info('kube_storageclass_info', 'Who makes volumes of the class, and how.', (storageClass) => [
      'provisioner',
      storageClass.provisioner,
      'reclaim_policy',
      storageClass.reclaimPolicy ?? 'Delete',
      'volume_binding_mode',
      storageClass.volumeBindingMode ?? 'Immediate',
    ]),
    created('kube_storageclass'),
    ...labelFamilies<StorageClass>('kube_storageclass', allowed),
  ],
};

export const volumeAttachments: Resource<VolumeAttachment> = {
  name: 'volumeattachments',
  identity: ['volumeattachment'],
  identify: (attachment) => [nameOf(attachment)],
  families: () => [
    // All labels: kube-state-metrics has no allow list for this kind.
    info('kube_volumeattachment_labels', 'Labels of the attachment.', ({ metadata }) =>
      mapPairs('label', metadata?.labels),
    ),
    info('kube_volumeattachment_info', 'Who attaches the volume, and where.', ({ spec }) => [
      'attacher',
      spec.attacher,
      'node',
      spec.nodeName,
    ]),
    created('kube_volumeattachment'),
    {
      name: 'kube_volumeattachment_spec_source_persistentvolume',
      help: 'The volume that is attached.',
      emit: ({ spec }, add) => {
        const name = spec.source.persistentVolumeName;
        if (name !== undefined) add(1, ['volumename', name]);
      },
    },
    gauge(
      'kube_volumeattachment_status_attached',
      'Whether the volume is attached.',
      ({ status }) => truth(status?.attached),
    ),
    info(
      'kube_volumeattachment_status_attachment_metadata',
      'What the attacher tells of the attachment.',
      ({ status }) => mapPairs('metadata', status?.attachmentMetadata),
    ),
  ],
};
