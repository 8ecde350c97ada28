import {
  type ControlPlaneCluster,
  controlPlaneLogTypes,
  type LoggingChange,
} from '#kubernetes/control-plane';
import type { ArnScope } from '../arn.ts';
import { AwsError, invalid, notFound } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { flag, integer, list, required, struct, text } from '../shape.ts';
import { addOnUpdateBody, addOnUpdates } from './add-ons.ts';
import { type EksOperation, eksOperation, eksPage, secondsOf, updateBody } from './operation.ts';

const name = required(text({ min: 1, max: 100 }));
const paging = { maxResults: integer({ min: 1, max: 100 }), nextToken: text() };

export const clusterArn = ({ region, accountId }: ArnScope, cluster: string): string =>
  `arn:aws:eks:${region}:${accountId}:cluster/${cluster}`;

/** The switches as EKS shows them: an entry of those on and one of those off, where there are any. */
function clusterLogging({ enabled }: ControlPlaneCluster): readonly object[] {
  const disabled = controlPlaneLogTypes.filter((type) => !enabled.includes(type));
  return [
    ...(enabled.length > 0 ? [{ types: enabled, enabled: true }] : []),
    ...(disabled.length > 0 ? [{ types: disabled, enabled: false }] : []),
  ];
}

async function clusterBody(cluster: ControlPlaneCluster, context: CallContext): Promise<object> {
  const { scope, controlPlane } = context;
  const facts = await context.clusterFacts(cluster.name);
  return {
    name: cluster.name,
    arn: clusterArn(scope, cluster.name),
    createdAt: secondsOf(cluster.createdMs),
    ...(facts?.version === undefined ? {} : { version: facts.version }),
    // Clients take these for granted: they crash where one is missing.
    endpoint: facts?.endpoint ?? '',
    roleArn: `arn:aws:iam::${scope.accountId}:role/${cluster.name}`,
    resourcesVpcConfig: {
      subnetIds: [],
      securityGroupIds: [],
      endpointPublicAccess: true,
      endpointPrivateAccess: false,
      publicAccessCidrs: [],
    },
    logging: { clusterLogging: clusterLogging(cluster) },
    status: (await controlPlane.isUpdating(cluster.name)) ? 'UPDATING' : 'ACTIVE',
    certificateAuthority: { data: facts?.certificateAuthority ?? '' },
    tags: cluster.tags,
  };
}

const logTypes = text({ values: controlPlaneLogTypes });
const logging = struct({
  clusterLogging: list(struct({ types: list(logTypes), enabled: flag() })),
});

/** ListClusters, DescribeCluster, UpdateClusterConfig and the updates that come of it. */
export const clusterOperations: readonly EksOperation[] = [
  eksOperation(
    {
      name: 'ListClusters',
      access: 'read',
      method: 'GET',
      path: '/clusters',
      members: paging,
      numbers: ['maxResults'],
    },
    async (input, { controlPlane }) => {
      const clusters = await controlPlane.list();
      return eksPage(
        'clusters',
        clusters.map((cluster) => cluster.name),
        input,
      );
    },
  ),
  eksOperation(
    {
      name: 'DescribeCluster',
      access: 'read',
      method: 'GET',
      path: '/clusters/:name',
      members: { name },
    },
    async (input, context) => ({
      cluster: await clusterBody(await context.controlPlane.get(input.name), context),
    }),
  ),
  eksOperation(
    {
      name: 'UpdateClusterConfig',
      access: 'write',
      method: 'POST',
      path: '/clusters/:name/update-config',
      members: { name, logging, clientRequestToken: text() },
    },
    async (input, { controlPlane }) => {
      await controlPlane.get(input.name);
      if (input.logging === undefined) {
        throw invalid('Only the logging of a cluster can be changed here.');
      }
      const entries = input.logging.clusterLogging ?? [];
      const changes = entries.map(
        ({ types = [], enabled = false }): LoggingChange => ({ types, isEnabled: enabled }),
      );
      const update = await controlPlane.update(input.name, changes, {
        request: JSON.stringify({ clusterLogging: entries }),
        token: input.clientRequestToken,
      });
      return { update: updateBody(update) };
    },
  ),
  eksOperation(
    {
      name: 'ListUpdates',
      access: 'read',
      method: 'GET',
      path: '/clusters/:name/updates',
      members: { name, nodegroupName: text(), addonName: text(), ...paging },
      numbers: ['maxResults'],
    },
    async (input, context) => {
      const { name: cluster, nodegroupName, addonName } = input;
      const ofCluster = await context.controlPlane.updates(cluster);
      const updates =
        addonName === undefined ? ofCluster : await addOnUpdates({ cluster, addonName }, context);
      const ids = nodegroupName === undefined ? updates.map((update) => update.id).sort() : [];
      return eksPage('updateIds', ids, input);
    },
  ),
  eksOperation(
    {
      name: 'DescribeUpdate',
      access: 'read',
      method: 'GET',
      path: '/clusters/:name/updates/:updateId',
      members: {
        name,
        updateId: required(text()),
        nodegroupName: text(),
        addonName: text(),
        capabilityName: text(),
      },
    },
    async (input, context) => {
      const { name: cluster, addonName, updateId } = input;
      if (addonName === undefined) {
        return { update: updateBody(await context.controlPlane.findUpdate(cluster, updateId)) };
      }
      const updates = await addOnUpdates({ cluster, addonName }, context);
      const update = updates.find(({ id }) => id === updateId);
      if (update === undefined) throw notFound(`No update found for ID: ${updateId}`);
      return { update: addOnUpdateBody(update) };
    },
  ),
];

const emptyList = (operation: string, path: string, member: string): EksOperation =>
  eksOperation(
    {
      name: operation,
      access: 'read',
      method: 'GET',
      path: `/clusters/:name/${path}`,
      members: { name, ...paging },
      numbers: ['maxResults'],
    },
    async (input, { controlPlane }) => {
      await controlPlane.get(input.name);
      return eksPage(member, [], input);
    },
  );

const nothingThere = (
  operation: string,
  path: string,
  parameter: string,
  what: string,
): EksOperation =>
  eksOperation(
    {
      name: operation,
      access: 'read',
      method: 'GET',
      path: `/clusters/:name/${path}/:${parameter}`,
      members: { name, [parameter]: required(text()) },
    },
    async (input, { controlPlane }) => {
      // Both are required: the shape of members with a computed name does not tell.
      const { name: cluster = '', [parameter]: asked = '' } = input;
      await controlPlane.get(cluster);
      throw notFound(`No ${what}: ${asked} found in cluster: ${cluster}`);
    },
  );

/** Lists of what EKS manages for a cluster and nobody manages here. */
export const emptyClusterOperations: readonly EksOperation[] = [
  emptyList('ListNodegroups', 'node-groups', 'nodegroups'),
  emptyList('ListFargateProfiles', 'fargate-profiles', 'fargateProfileNames'),
  nothingThere('DescribeNodegroup', 'node-groups', 'nodegroupName', 'node group'),
  nothingThere(
    'DescribeFargateProfile',
    'fargate-profiles',
    'fargateProfileName',
    'Fargate profile',
  ),
];

/** What a version-less server says that it runs: tools want one version that is supported. */
const unknownVersion = '1.33';

const hasOr = (wanted: readonly string[] | undefined, version: string): boolean =>
  wanted === undefined || wanted.includes(version);

/** The versions that clusters here have. */
export const versionOperations: readonly EksOperation[] = [
  eksOperation(
    {
      name: 'DescribeClusterVersions',
      access: 'read',
      method: 'GET',
      path: '/cluster-versions',
      members: {
        clusterType: text(),
        defaultOnly: text(),
        includeAll: text(),
        clusterVersions: list(text()),
        status: text(),
        versionStatus: text(),
        ...paging,
      },
      numbers: ['maxResults'],
      lists: ['clusterVersions'],
    },
    async (input, { controlPlane, clusterFacts }) => {
      const facts = await Promise.all(
        (await controlPlane.list()).map((cluster) => clusterFacts(cluster.name)),
      );
      const known = new Set(facts.flatMap((fact) => fact?.version ?? []));
      if (known.size === 0) known.add(unknownVersion);
      const wanted = [...known].filter((version) => hasOr(input.clusterVersions, version));
      return {
        nextToken: null,
        clusterVersions: wanted.map((version, i) => ({
          clusterVersion: version,
          clusterType: 'eks',
          defaultVersion: i === 0,
          status: 'STANDARD_SUPPORT',
          versionStatus: 'STANDARD_SUPPORT',
          kubernetesPatchVersion: version,
        })),
      };
    },
  ),
];

export const unsupported = (method: string, path: string): AwsError =>
  new AwsError('InvalidRequestException', `${method} ${path} is not supported here`);
