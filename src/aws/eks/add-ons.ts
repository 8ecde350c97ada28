import { parse as parseYaml } from 'yaml';
import type {
  AddOnUpdate,
  ContainerInsightsAddOn,
  InsightsAddOn,
} from '#kubernetes/container-insights';
import type { ArnScope } from '../arn.ts';
import { AwsError, invalid, notFound } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { integer, list, map, required, struct, text } from '../shape.ts';
import { tagKey } from '../shapes.ts';
import { type EksOperation, eksOperation, eksPage, secondsOf } from './operation.ts';

/** The one add-on that there is here: Container Insights. */
const insightsName = 'amazon-cloudwatch-observability';
const publisher = 'nunchi';

const name = required(text({ min: 1, max: 100 }));
const addonName = required(text({ min: 1 }));
const paging = { maxResults: integer({ min: 1, max: 100 }), nextToken: text() };
const conflicts = text({ values: ['OVERWRITE', 'NONE', 'PRESERVE'] });
const associations = list(struct({ serviceAccount: text(), roleArn: text() }));
/** What CreateAddon and UpdateAddon have in common. */
const settings = {
  addonVersion: text(),
  serviceAccountRoleArn: text({ min: 1, max: 255 }),
  resolveConflicts: conflicts,
  clientRequestToken: text(),
  configurationValues: text(),
  podIdentityAssociations: associations,
};

const noAddOn = (addon: string, cluster: string): AwsError =>
  notFound(`No addon: ${addon} found in cluster: ${cluster}`);

/** An add-on that is installed, and its switch. @throws {AwsError} ResourceNotFoundException */
async function installed(
  { name: cluster, addonName: addon }: { readonly name: string; readonly addonName: string },
  { controlPlane, insightsAddOn }: CallContext,
): Promise<{ readonly addOn: InsightsAddOn; readonly control: ContainerInsightsAddOn }> {
  await controlPlane.get(cluster);
  const control = addon === insightsName ? insightsAddOn(cluster) : undefined;
  const addOn = await control?.find();
  if (control === undefined || addOn === undefined) throw noAddOn(addon, cluster);
  return { addOn, control };
}

/** Newest first. @throws {AwsError} ResourceNotFoundException */
export async function addOnUpdates(
  { cluster, addonName }: { readonly cluster: string; readonly addonName: string },
  context: CallContext,
): Promise<readonly AddOnUpdate[]> {
  return (await installed({ name: cluster, addonName }, context)).addOn.updates;
}

function addOnBody(
  addOn: InsightsAddOn,
  cluster: string,
  { scope, programVersion }: CallContext,
  status?: 'CREATING' | 'DELETING',
): object {
  return {
    addonName: insightsName,
    clusterName: cluster,
    status: status ?? (addOn.issues.length > 0 ? 'DEGRADED' : 'ACTIVE'),
    addonVersion: versionOf(programVersion),
    health: {
      issues: addOn.issues.map(({ code, message, resources }) => ({
        code,
        message,
        resourceIds: resources,
      })),
    },
    addonArn: addOnArn(scope, cluster, addOn.id),
    createdAt: secondsOf(addOn.createdMs),
    modifiedAt: secondsOf(addOn.modifiedMs),
    ...(addOn.serviceAccountRoleArn === undefined
      ? {}
      : { serviceAccountRoleArn: addOn.serviceAccountRoleArn }),
    tags: addOn.tags,
    publisher,
    owner: publisher,
  };
}

const addOnArn = ({ region, accountId }: ArnScope, cluster: string, id: string): string =>
  `arn:aws:eks:${region}:${accountId}:addon/${cluster}/${insightsName}/${id}`;

const versionOf = (programVersion: string): string => `v${programVersion}-nunchi`;

/** An update of an add-on as EKS shows it. It is done when it is known. */
export const addOnUpdateBody = ({ id, createdMs, params }: AddOnUpdate): object => ({
  id,
  status: 'Successful',
  type: 'AddonUpdate',
  params,
  createdAt: secondsOf(createdMs),
  errors: [],
});

/** @throws {AwsError} what is asked for cannot be had here; nothing is taken and then ignored */
function checkSettings(
  input: {
    readonly addonVersion?: string | undefined;
    readonly configurationValues?: string | undefined;
    readonly podIdentityAssociations?: readonly unknown[] | undefined;
  },
  { programVersion }: CallContext,
): void {
  const version = versionOf(programVersion);
  if (input.addonVersion !== undefined && input.addonVersion !== version) {
    throw invalid(
      `Addon version specified is not supported: ${input.addonVersion}. The version here is ${version}; leave it out to get that.`,
    );
  }
  const keys = keysOf(input.configurationValues ?? '');
  if (keys.length > 0) {
    throw invalid(
      `ConfigurationValue provided in request is not supported: ${keys.join(', ')}. What is collected is set in the configuration of Nunchi, under kubernetes.containerInsights and agent.`,
    );
  }
  if ((input.podIdentityAssociations ?? []).length > 0) {
    throw invalid('podIdentityAssociations are not supported: nothing here asks AWS for anything.');
  }
}

/** Keys of JSON or YAML. @throws {AwsError} it is neither, or no map */
function keysOf(source: string): readonly string[] {
  if (source.trim() === '') return [];
  let value: unknown;
  try {
    value = parseYaml(source, { maxAliasCount: 0 });
  } catch {
    throw invalid('ConfigurationValue provided in request is neither JSON nor YAML.');
  }
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalid('ConfigurationValue provided in request is not a map of keys.');
  }
  return Object.keys(value);
}

/** CreateAddon and its like: Container Insights, on and off. */
export const addOnOperations: readonly EksOperation[] = [
  eksOperation(
    {
      name: 'CreateAddon',
      access: 'write',
      method: 'POST',
      path: '/clusters/:name/addons',
      members: {
        name,
        addonName,
        ...settings,
        tags: map(tagKey, text({ max: 256 }), { max: 50 }),
        namespaceConfig: struct({ namespace: text() }),
      },
    },
    async (input, context) => {
      await context.controlPlane.get(input.name);
      if (input.addonName !== insightsName) {
        throw invalid(
          `Addon specified is not supported: ${input.addonName}. Here is ${insightsName}.`,
        );
      }
      const found = context.insightsAddOn(input.name);
      if (found === undefined) {
        throw new AwsError(
          'InvalidRequestException',
          `Nunchi does not watch the API server of cluster ${input.name}: ${insightsName} has nothing to tell of`,
        );
      }
      checkSettings(input, context);
      if (input.namespaceConfig?.namespace !== undefined) {
        throw invalid('namespaceConfig is not supported: the agent is where the chart has put it.');
      }
      const { tags, serviceAccountRoleArn, clientRequestToken: token } = input;
      const addOn = await found.create({ tags, serviceAccountRoleArn, token });
      return { addon: addOnBody(addOn, input.name, context, 'CREATING') };
    },
  ),
  eksOperation(
    {
      name: 'DescribeAddon',
      access: 'read',
      method: 'GET',
      path: '/clusters/:name/addons/:addonName',
      members: { name, addonName },
    },
    async (input, context) => {
      const { addOn } = await installed(input, context);
      return { addon: addOnBody(addOn, input.name, context) };
    },
  ),
  eksOperation(
    {
      name: 'UpdateAddon',
      access: 'write',
      method: 'POST',
      path: '/clusters/:name/addons/:addonName/update',
      members: { name, addonName, ...settings },
    },
    async (input, context) => {
      const { control } = await installed(input, context);
      checkSettings(input, context);
      const { addonVersion, serviceAccountRoleArn, resolveConflicts } = input;
      const params = Object.entries({
        AddonVersion: addonVersion,
        ServiceAccountRoleArn: serviceAccountRoleArn,
        ResolveConflicts: resolveConflicts,
      }).flatMap(([type, value]) => (value === undefined ? [] : [{ type, value }]));
      return { update: addOnUpdateBody(await control.update({ serviceAccountRoleArn }, params)) };
    },
  ),
  eksOperation(
    {
      name: 'DeleteAddon',
      access: 'write',
      method: 'DELETE',
      path: '/clusters/:name/addons/:addonName',
      members: { name, addonName, preserve: text({ values: ['true', 'false'] }) },
    },
    async (input, context) => {
      const { addOn, control } = await installed(input, context);
      await control.remove(input.preserve === 'true');
      return { addon: addOnBody(addOn, input.name, context, 'DELETING') };
    },
  ),
  eksOperation(
    {
      name: 'ListAddons',
      access: 'read',
      method: 'GET',
      path: '/clusters/:name/addons',
      members: { name, ...paging },
      numbers: ['maxResults'],
    },
    async (input, { controlPlane, insightsAddOn }) => {
      await controlPlane.get(input.name);
      const addOn = await insightsAddOn(input.name)?.find();
      return eksPage('addons', addOn === undefined ? [] : [insightsName], input);
    },
  ),
  eksOperation(
    {
      name: 'DescribeAddonVersions',
      access: 'read',
      method: 'GET',
      path: '/addons/supported-versions',
      members: {
        addonName: text(),
        kubernetesVersion: text(),
        types: list(text()),
        publishers: list(text()),
        owners: list(text()),
        ...paging,
      },
      numbers: ['maxResults'],
      lists: ['types', 'publishers', 'owners'],
    },
    async (input, { controlPlane, clusterFacts, programVersion }) => {
      const facts = await Promise.all(
        (await controlPlane.list()).map((cluster) => clusterFacts(cluster.name)),
      );
      const versions = [...new Set(facts.flatMap((fact) => fact?.version ?? []))].filter(
        (version) => (input.kubernetesVersion ?? version) === version,
      );
      const type = 'observability';
      const fits = (wanted: readonly string[] | undefined, value: string): boolean =>
        wanted === undefined || wanted.includes(value);
      const isWanted =
        (input.addonName ?? insightsName) === insightsName &&
        versions.length > 0 &&
        fits(input.types, type) &&
        fits(input.publishers, publisher) &&
        fits(input.owners, publisher);
      const addon = {
        addonName: insightsName,
        type,
        publisher,
        owner: publisher,
        addonVersions: [
          {
            addonVersion: versionOf(programVersion),
            architecture: ['amd64', 'arm64'],
            compatibilities: versions.map((clusterVersion) => ({
              clusterVersion,
              platformVersions: ['*'],
              defaultVersion: true,
            })),
            requiresConfiguration: false,
            requiresIamPermissions: false,
          },
        ],
      };
      return { addons: isWanted ? [addon] : [], nextToken: null };
    },
  ),
];
