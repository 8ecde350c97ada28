import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EdgeFixture, nowMs, openEdge } from '../edge.fixture.ts';

const addon = 'amazon-cloudwatch-observability';
const facts = { version: '1.31', endpoint: undefined, certificateAuthority: undefined };
type Body = Record<string, unknown>;

async function call(
  { server }: EdgeFixture,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly code: string | null; readonly body: Body }> {
  const answer = await fetch(server.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await answer.json()) as Body;
  return { status: answer.status, code: answer.headers.get('x-amzn-errortype'), body: json };
}

const create = (edge: EdgeFixture, body: object): ReturnType<typeof call> =>
  call(edge, 'POST', '/clusters/myeks/addons', { addonName: addon, ...body });
const describeAddOn = async (edge: EdgeFixture): Promise<Body> => {
  const { status, body } = await call(edge, 'GET', `/clusters/myeks/addons/${addon}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body['addon'] as Body;
};
const names = async (edge: EdgeFixture): Promise<unknown> =>
  (await call(edge, 'GET', '/clusters/myeks/addons')).body['addons'];

describe('add-ons of EKS', () => {
  it('have Container Insights, which is there from the start', async () => {
    await using edge = await openEdge({ facts });
    assert.deepEqual(await names(edge), [addon]);
    const { addonArn, ...rest } = await describeAddOn(edge);
    assert.match(
      String(addonArn),
      /^arn:aws:eks:us-east-1:123456789012:addon\/myeks\/amazon-cloudwatch-observability\/[0-9a-f-]{36}$/,
    );
    assert.deepEqual(rest, {
      addonName: addon,
      clusterName: 'myeks',
      status: 'ACTIVE',
      addonVersion: 'v1.2.3-nunchi',
      health: { issues: [] },
      createdAt: nowMs / 1000,
      modifiedAt: nowMs / 1000,
      tags: {},
      publisher: 'nunchi',
      owner: 'nunchi',
    });
    assert.equal(await edge.addOn.isOn(), true);
  });

  it('is deleted, and created with what the caller says', async () => {
    await using edge = await openEdge({ facts });
    const gone = await call(edge, 'DELETE', `/clusters/myeks/addons/${addon}`);
    assert.equal((gone.body['addon'] as Body)['status'], 'DELETING');
    assert.equal(await edge.addOn.isOn(), false);
    assert.deepEqual(await names(edge), []);
    const none = await call(edge, 'GET', `/clusters/myeks/addons/${addon}`);
    assert.deepEqual(
      [none.status, none.code, none.body['message']],
      [404, 'ResourceNotFoundException', `No addon: ${addon} found in cluster: myeks`],
    );
    const role = 'arn:aws:iam::123456789012:role/cw';
    const body = {
      tags: { team: 'shop' },
      serviceAccountRoleArn: role,
      resolveConflicts: 'OVERWRITE',
      configurationValues: '{}',
      clientRequestToken: 'one',
    };
    const made = await create(edge, body);
    const { status, tags, serviceAccountRoleArn } = made.body['addon'] as Body;
    assert.deepEqual(
      [status, tags, serviceAccountRoleArn],
      ['CREATING', { team: 'shop' }, role],
      JSON.stringify(made),
    );
    assert.equal(await edge.addOn.isOn(), true);
    // A client that tries the same again, and another one.
    const again = await create(edge, body);
    assert.equal(
      (again.body['addon'] as Body)['addonArn'],
      (made.body['addon'] as Body)['addonArn'],
    );
    const other = await create(edge, { clientRequestToken: 'two' });
    assert.deepEqual(
      [other.status, other.code, other.body['message']],
      [409, 'ResourceInUseException', 'Addon already exists.'],
    );
  });

  it('deleted with preserve it goes on, and can be taken up again', async () => {
    await using edge = await openEdge({ facts });
    await call(edge, 'DELETE', `/clusters/myeks/addons/${addon}?preserve=true`);
    assert.deepEqual(await names(edge), []);
    assert.equal(await edge.addOn.isOn(), true);
    assert.equal((await create(edge, {})).status, 200);
    await call(edge, 'DELETE', `/clusters/myeks/addons/${addon}`);
    assert.equal(await edge.addOn.isOn(), false);
  });

  it('keeps updates by their ids', async () => {
    await using edge = await openEdge({ facts });
    const path = `/clusters/myeks/addons/${addon}/update`;
    const role = 'arn:aws:iam::123456789012:role/cw';
    const { body } = await call(edge, 'POST', path, {
      serviceAccountRoleArn: role,
      resolveConflicts: 'PRESERVE',
    });
    const update = body['update'] as Body;
    assert.deepEqual(
      [update['status'], update['type'], update['params']],
      [
        'Successful',
        'AddonUpdate',
        [
          { type: 'ServiceAccountRoleArn', value: role },
          { type: 'ResolveConflicts', value: 'PRESERVE' },
        ],
      ],
    );
    assert.equal((await describeAddOn(edge))['serviceAccountRoleArn'], role);
    const updates = `/clusters/myeks/updates`;
    const found = await call(edge, 'GET', `${updates}/${update['id']}?addonName=${addon}`);
    assert.deepEqual(found.body['update'], update);
    const ids = await call(edge, 'GET', `${updates}?addonName=${addon}`);
    assert.deepEqual(ids.body['updateIds'], [update['id']]);
    const ofCluster = await call(edge, 'GET', updates);
    assert.deepEqual(ofCluster.body['updateIds'], []);
    const unknown = await call(edge, 'GET', `${updates}/none?addonName=${addon}`);
    assert.equal(unknown.code, 'ResourceNotFoundException');
  });

  it('is degraded while it does not see what it tells of', async () => {
    await using edge = await openEdge({
      facts,
      degraded: [
        { resource: '', reason: 'unreachable', message: 'no answer' },
        { resource: 'pods', reason: 'forbidden', message: 'no right' },
        { resource: 'secrets', reason: 'forbidden', message: 'of no use here' },
      ],
    });
    const { status, health } = await describeAddOn(edge);
    assert.equal(status, 'DEGRADED');
    assert.deepEqual(health, {
      issues: [
        { code: 'ClusterUnreachable', message: 'no answer', resourceIds: [] },
        { code: 'AccessDenied', message: 'no right', resourceIds: ['pods'] },
      ],
    });
  });

  it('tells its version to who asks for one', async () => {
    await using edge = await openEdge({ facts });
    const versions = async (query: string): Promise<readonly Body[]> => {
      const { body } = await call(edge, 'GET', `/addons/supported-versions${query}`);
      return body['addons'] as readonly Body[];
    };
    const [found] = await versions(`?addonName=${addon}&kubernetesVersion=1.31`);
    const [version] = (found?.['addonVersions'] ?? []) as Body[];
    assert.equal(version?.['addonVersion'], 'v1.2.3-nunchi');
    assert.deepEqual(version?.['compatibilities'], [
      { clusterVersion: '1.31', platformVersions: ['*'], defaultVersion: true },
    ]);
    assert.equal((await versions('')).length, 1);
    for (const query of [
      '?addonName=coredns',
      '?kubernetesVersion=1.20',
      '?types=networking',
      '?publishers=eks&publishers=aws',
    ]) {
      assert.deepEqual(await versions(query), [], query);
    }
  });

  describe('what cannot be had is refused', () => {
    const f = (what: string, body: object, code: string, message: RegExp): void =>
      void it(what, async () => {
        await using edge = await openEdge({ facts });
        await call(edge, 'DELETE', `/clusters/myeks/addons/${addon}`);
        const answer = await create(edge, body);
        assert.equal(answer.code, code);
        assert.match(String(answer.body['message']), message);
        assert.equal(await edge.addOn.isOn(), false);
      });
    const parameter = 'InvalidParameterException';
    f('another add-on', { addonName: 'coredns' }, parameter, /not supported: coredns/);
    f('a version of AWS', { addonVersion: 'v4.1.0-eksbuild.1' }, parameter, /v1\.2\.3-nunchi/);
    f(
      'settings of the CloudWatch agent',
      { configurationValues: '{"containerLogs":{"enabled":false},"agent":{}}' },
      parameter,
      /containerLogs, agent.*kubernetes\.containerInsights/,
    );
    f('settings in YAML', { configurationValues: 'agent: {}' }, parameter, /: agent\./);
    f('settings that are no map', { configurationValues: '[1]' }, parameter, /not a map/);
    f('settings that are nothing', { configurationValues: '{' }, parameter, /neither/);
    f(
      'identities of pods',
      { podIdentityAssociations: [{ serviceAccount: 'a', roleArn: 'b' }] },
      parameter,
      /podIdentityAssociations/,
    );
    f('a namespace', { namespaceConfig: { namespace: 'x' } }, parameter, /namespaceConfig/);
    f('an unknown word', { resolveConflicts: 'FORCE' }, parameter, /resolveConflicts/);
  });

  it('the configuration has the last word, and clusters that nobody watches have none', async () => {
    await using edge = await openEdge({ facts, isInsightsOff: true });
    assert.deepEqual(await names(edge), []);
    const off = await create(edge, {});
    assert.equal(off.code, 'InvalidRequestException');
    assert.match(String(off.body['message']), /kubernetes\.containerInsights\.enabled is false/);
    assert.equal(await edge.addOn.isOn(), false);
    await edge.controlPlane.isOn('other', 'api');
    const other = await call(edge, 'POST', '/clusters/other/addons', { addonName: addon });
    assert.equal(other.code, 'InvalidRequestException');
    assert.match(String(other.body['message']), /does not watch the API server of cluster other/);
    const unknown = await call(edge, 'POST', '/clusters/nope/addons', { addonName: addon });
    assert.deepEqual(
      [unknown.status, unknown.body['message']],
      [404, 'No cluster found for name: nope.'],
    );
  });

  it('what was switched is still so after a restart', async () => {
    await using edge = await openEdge({ facts });
    await call(edge, 'DELETE', `/clusters/myeks/addons/${addon}`);
    const { ContainerInsightsAddOn } = await import('#kubernetes/container-insights');
    const restarted = new ContainerInsightsAddOn(
      { clusterName: 'myeks', isEnabled: true },
      { state: edge.state, clock: edge.clock, degraded: () => [] },
    );
    assert.equal(await restarted.isOn(), false);
  });
});
