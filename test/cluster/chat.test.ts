import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FakeSlack } from '../clients/fake-slack.ts';
import { type NunchiProcess, startNunchi } from '../clients/nunchi-process.ts';
import { eventually } from '../eventually.ts';
import { Cluster, podOf, withoutCluster } from './cluster.ts';

const namespace = 'chatted';
const channel = 'C1';
const channelName = '알림-채널';
const arrivalMs = 120_000;

type Message = Readonly<Record<string, unknown>>;

describe('the bot in a chat about a real cluster', {
  skip: withoutCluster(),
  timeout: 600_000,
}, () => {
  let cluster: Cluster;
  let slack: FakeSlack;
  let nunchi: NunchiProcess;
  let folder: string;
  let writeValues: (more: object) => void;

  before(
    async () => {
      cluster = await Cluster.up();
      slack = await FakeSlack.open({ C1: channelName, C2: 'elsewhere' });
      await cluster.kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=true');
      await cluster.apply(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        ...readers(),
        podOf({
          name: 'speaker',
          namespace: 'default',
          labels: { app: 'speaker' },
          shell: 'echo hello; sleep 2147483647',
        }),
      );
      folder = mkdtempSync(join(tmpdir(), 'nunchi-chat-'));
      const values = join(folder, 'values.yaml');
      // As `helm install --set` and the values file of the chart give it.
      writeValues = (more) =>
        writeFileSync(
          values,
          JSON.stringify({
            ...more,
            settings: { clusterName: 'myeks' },
            communications: {
              'default-group': {
                socketSlack: {
                  enabled: 'true',
                  appToken: 'xapp-1-A1-1',
                  botToken: 'xoxb-1-2-3',
                  apiUrl: `${slack.url}/api/`,
                  channels: {
                    default: {
                      name: channelName,
                      bindings: {
                        sources: ['k8s-err-events', 'k8s-recommendation-events', 'deployments'],
                        executors: ['k8s-default-tools'],
                      },
                    },
                  },
                },
              },
            },
            executors: {
              'k8s-default-tools': {
                'botkube/kubectl': { enabled: 'true' },
                'botkube/helm': { enabled: 'true' },
              },
            },
            sources: { deployments: { 'nunchi/webhook': { enabled: true } } },
            actions: { 'show-logs-on-error': { enabled: true } },
          }),
        );
      writeValues({});
      nunchi = await startNunchi({
        config: JSON.stringify({
          agent: { enabled: false },
          server: { clusterName: 'myeks' },
          kubernetes: {
            enabled: 'on',
            kubeconfig: join(cluster.folder, 'admin.kubeconfig'),
            stateMetrics: { enabled: false },
          },
          chat: { botkubeConfig: [values] },
          watch: {
            kwatch: {
              app: { disableStartupMessage: true },
              namespaces: [namespace],
              reportStartupBaseline: false,
              alert: {
                slack: { token: 'xoxb-1-2-3', channel: channelName, apiUrl: `${slack.url}/api` },
              },
            },
          },
        }),
      });
      await eventually(
        () => (slack.messages(channelName).length >= 2 ? true : undefined),
        arrivalMs,
      );
    },
    { timeout: 240_000 },
  );
  after(
    async () => {
      await nunchi?.[Symbol.asyncDispose]();
      await slack?.[Symbol.asyncDispose]();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      await cluster
        ?.kubectl('delete', 'pod', 'speaker', '-n', 'default', '--wait=false')
        .catch(() => {});
      await cluster
        ?.kubectl('delete', 'secret', `${namespace}-communications`, '-n', 'default')
        .catch(() => {});
      await cluster
        ?.kubectl('delete', 'clusterrole,clusterrolebinding', '-l', `test=${namespace}`)
        .catch(() => {});
      await cluster?.kubectl('delete', 'namespace', namespace, '--wait=false').catch(() => {});
      await cluster?.[Symbol.asyncDispose]();
    },
    { timeout: 120_000 },
  );

  const textOf = (message: Message): string => String(message['text'] ?? '');
  /** Each person may ask 30 times a minute. */
  const another = { user: 'U3' };
  /** Asks, and waits for the answer that fits. */
  const ask = async (text: string, wanted: RegExp, more: Message = {}): Promise<Message> => {
    const before = slack.messages(channelName).length;
    await eventually(() => (slack.connections > 0 ? true : undefined), arrivalMs);
    slack.mention(channel, text, more);
    return eventually(
      () =>
        slack
          .messages(channelName)
          .slice(before)
          .find((message) => wanted.test(textOf(message))),
      arrivalMs,
    ).catch(() => {
      throw new Error(
        `no answer to ${text}: ${JSON.stringify(slack.messages(channelName).slice(before), null, 1)}`,
      );
    });
  };

  it('says that it watches, and what it can do', () => {
    const [start, help] = slack.messages(channelName);
    assert.equal(textOf(start ?? {}), "My watch begins for cluster 'myeks'! :crossed_swords:");
    assert.match(textOf(help ?? {}), /Botkube is now active for "myeks" cluster/);
    const buttons = JSON.stringify(help?.['blocks']);
    assert.match(buttons, /"value":"<@U0BOT> kubectl get pods"/);
    assert.deepEqual(slack.late, []);
  });

  it('answers `kubectl get pod` with the table of the default namespace', async () => {
    const answer = await ask('kubectl get pod', /speaker/);
    const text = textOf(answer);
    assert.match(text, /^`kubectl get pod` on `myeks`\n```\nNAME +READY +STATUS/);
    assert.match(text, /\n```$/);
    assert.equal(answer['blocks'], undefined);
    await eventually(
      () =>
        slack.calls.some(
          ({ method, args }) => method === 'reactions.add' && args['name'] === 'white_check_mark',
        ) || undefined,
      arrivalMs,
    );
  });

  it('knows aliases, filters, threads, and who was meant', async () => {
    await ask('k get ns', /chatted/);
    const filtered = await ask('kubectl get ns --filter "chatted"', /chatted/);
    assert.doesNotMatch(textOf(filtered), /kube-system/);
    const inThread = await ask('ping', /^pong\n\nK8s Server Version: v1\./, { thread_ts: '1.5' });
    assert.equal(inThread['thread_ts'], '1.5');
    const before = slack.calls.length;
    slack.mention(channel, 'ping --cluster-name other');
    slack.mention('C2', 'ping');
    // The next answer comes after both were heard.
    await ask('version', /Botkube version/);
    const said = slack.calls.slice(before).filter(({ method }) => method === 'chat.postMessage');
    assert.equal(said.length, 1);
  });

  it('runs what a button and a list say, once for one delivery', async () => {
    const before = slack.messages(channelName).length;
    slack.act(
      channel,
      {
        type: 'button',
        action_id: 'cmd:list actions',
        block_id: 'b',
        value: '<@U0BOT> list actions',
      },
      '1.7',
    );
    const listed = await eventually(
      () =>
        slack
          .messages(channelName)
          .slice(before)
          .find((one) => /show-logs-on-error +true/.test(textOf(one))),
      arrivalMs,
    );
    assert.equal(listed['thread_ts'], '1.7');
    slack.act(
      channel,
      {
        type: 'static_select',
        action_id: '<@U0BOT> kubectl',
        block_id: 'b',
        selected_option: { value: 'describe pods speaker --namespace default' },
      },
      '1.8',
    );
    const described = await eventually(
      () =>
        slack.files.find(({ comment }) => /describe pods speaker/.test(comment)) ??
        slack
          .messages(channelName)
          .slice(before)
          .find((one) => /describe pods speaker/.test(textOf(one))),
      arrivalMs,
    );
    assert.match(JSON.stringify(described), /by <@U2>/);
    const mention = {
      type: 'event_callback',
      team_id: 'T1',
      api_app_id: 'A1',
      event_id: 'EvTwice',
      event_time: 1,
      event: {
        type: 'app_mention',
        user: 'U2',
        text: '<@U0BOT> ping',
        ts: '9.1',
        channel,
        event_ts: '9.1',
      },
      authorizations: [{ team_id: 'T1', user_id: 'U0BOT', is_bot: true }],
    };
    const pongs = (): number =>
      slack.messages(channelName).filter((one) => textOf(one).startsWith('pong')).length;
    const pongsBefore = pongs();
    slack.send('events_api', mention);
    slack.send('events_api', mention, crypto.randomUUID(), 1);
    await ask('version', /Botkube version/);
    assert.equal(pongs(), pongsBefore + 1);
  });

  it('a long answer is a file', async () => {
    slack.mention(channel, 'kubectl get pods -A -o yaml');
    const file = await eventually(
      () => slack.files.find(({ comment }) => comment.includes('-o yaml')),
      arrivalMs,
    );
    assert.equal(file.name, 'Response.txt');
    assert.match(file.content, /kind: List/);
    assert.match(file.comment, /^`kubectl get pods -A -o yaml` on `myeks`$/);
  });

  it('builds a command of what the cluster has, and runs it for all to see', async () => {
    slack.mention(channel, 'kubectl', { user: 'U3' });
    const form = await eventually(() => slack.whispers.at(-1), arrivalMs);
    const change = async (field: string, value: string): Promise<string> => {
      const { replaced } = form;
      slack.actOnWhisper(form, `form:${field}`, { selected_option: { value } });
      await eventually(() => form.replaced > replaced || undefined, arrivalMs);
      return JSON.stringify(form.blocks);
    };
    await change('verb', 'get');
    assert.match(await change('resource', 'pods'), /"value":"speaker"/);
    assert.match(await change('namespace', 'kube-system'), /kubectl get pods -n kube-system/);
    await change('namespace', 'default');
    await change('name', 'speaker');
    const before = slack.messages(channelName).length;
    slack.actOnWhisper(form, 'cmd:kubectl get pods speaker -n default');
    const answer = await eventually(() => slack.messages(channelName)[before], arrivalMs);
    assert.match(
      textOf(answer),
      /^`kubectl get pods speaker -n default` on `myeks` by <@U3>\n```\nNAME +READY[\s\S]*speaker/,
    );
    await change('verb', 'get');
    assert.match(await change('resource', 'nodes'), /kubectl get nodes/);
    assert.deepEqual(slack.problems, []);
  });

  it('may do what its group may, and nothing more', async () => {
    const denied = await ask('kubectl delete pod speaker', /speaker/);
    assert.match(
      textOf(denied),
      /Error from server \(Forbidden\)[\s\S]*botkube-internal-static-user[\s\S]*exit status 1/,
    );
    await ask(
      'kubectl get pod --as system:admin',
      /The "as" flag is not supported by the Botkube kubectl plugin/,
    );
    await ask('kubectl config view', /The "config" command is not supported/);
    await ask('kubectl get secret -A -o yaml', /Values of Secrets are not shown/);
    await ask('rm -rf /', /Command not supported/);
    await ask('kubectl get pod; cat /etc/passwd', /not found|Error|resource/);
    await ask(
      'kubectl exec speaker -- id',
      /cannot create resource "pods\/exec" in the namespace "default"/,
    );
    await ask(
      'helm install web nginx --repo https://charts.example.com',
      /cannot create resource "secrets" in the namespace "default"/,
    );
    await ask('kubectl get secrets -A -o yaml --sort-by -oname', /Values of Secrets are not shown/);
    await ask('helm list', /NAME\s+NAMESPACE/);
    const { items } = await cluster.get<{ items: unknown[] }>(
      'pods',
      '-n',
      'default',
      '-l',
      'app=speaker',
    );
    assert.equal(items.length, 1, 'the pod lives');
  });

  it('answers what only Nunchi knows', async () => {
    await ask('incidents', /Nothing is wrong|INCIDENT/);
    await ask('alerts', /No alerts fire|ALERT/);
    await ask('logs --help', /logs deploy\/web/);
    await ask('events nothing-like-that', /No such events|No events/);
    await ask('help explain', /what an incident is about/);
    slack.mention(channel, 'promql up');
    const picture = await eventually(
      () =>
        slack.files.find(({ name }) => name === 'promql.png') ??
        slack.messages(channelName).find((one) => /promql up/.test(textOf(one))),
      arrivalMs,
    );
    assert.ok(picture);
    await ask('silence namespace=chatted 2h', /^`silence[\s\S]*Silenced namespace="chatted" until/);
    const silences = (await (await fetch(`${nunchi.url}/api/v2/silences`)).json()) as {
      createdBy: string;
    }[];
    assert.equal(silences[0]?.createdBy, 'U2');
    await ask('silence namespace=chatted soon', /"soon" is no duration/);
  });

  it('writes down who asked what', async () => {
    const list = await fetch(`${nunchi.url}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Logs_20140328.FilterLogEvents',
      },
      body: JSON.stringify({
        logGroupName: '/nunchi/myeks/chat-audit',
        filterPattern: '{ $.result = "refused" }',
      }),
    });
    const { events } = (await list.json()) as { events: { message: string }[] };
    const records = events.map(
      ({ message }) => JSON.parse(message) as { command: string; user: string; channel: string },
    );
    assert.ok(
      records.some(
        ({ command, user, channel: where }) =>
          command.includes('config view') && user === 'U2' && where === channelName,
      ),
      JSON.stringify(records),
    );
  });

  it('tells of a failing pod, shows its logs, and outlives a cut line and a limit', async () => {
    slack.disconnect('cut');
    await eventually(() => (slack.connections > 0 ? true : undefined), arrivalMs);
    slack.nextAnswers.push({
      method: 'chat.postMessage',
      status: 429,
      headers: { 'retry-after': '1' },
      body: { ok: false, error: 'ratelimited' },
    });
    const before = slack.messages(channelName).length;
    await cluster.apply(
      podOf({
        name: 'unlucky',
        namespace,
        labels: { app: 'unlucky' },
        shell: 'echo no order book; exit 1',
      }),
    );
    const told = await eventually(
      () =>
        slack
          .messages(channelName)
          .slice(before)
          .find(
            (one) => /v1\/pods error/.test(textOf(one)) && JSON.stringify(one).includes('unlucky'),
          ),
      arrivalMs,
    );
    const blocks = JSON.stringify(told['blocks']);
    assert.match(blocks, /\*❗ v1\/pods error\*/);
    assert.match(blocks, /\*Name:\* unlucky/);
    assert.match(blocks, /\*Reason:\* BackOff/);
    assert.match(blocks, /Run command\.\.\./);
    assert.match(blocks, /"value":"describe pods unlucky --namespace chatted"/);
    const logs = await eventually(
      () =>
        slack
          .messages(channelName)
          .slice(before)
          .find((one) => /by Automation "Show logs on error"/.test(textOf(one))),
      arrivalMs,
    );
    assert.match(textOf(logs), /^`kubectl logs pod\/unlucky -n chatted` on `myeks` by Automation/);
    assert.match(textOf(logs), /no order book/);
    await ask(
      'disable notifications',
      /Sure! I won't send you notifications from cluster 'myeks' here\./,
      another,
    );
    await ask('status notifications', /are disabled here/, another);
    await ask('enable notifications', /Brace yourselves/, another);
    assert.deepEqual(slack.late, []);
  });

  it('hears what others post to a source, and names those that there are not', async () => {
    const post = (source: string): Promise<Response> =>
      fetch(`${nunchi.url}/sources/v1/${source}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'Out of sync', message: 'web differs', app: 'web' }),
      });
    assert.equal((await post('k8s-err-events')).status, 404);
    assert.equal((await post('deployments')).status, 200);
    const told = await eventually(
      () => slack.messages(channelName).find((one) => /Out of sync/.test(textOf(one))),
      arrivalMs,
    );
    assert.match(JSON.stringify(told['blocks']), /web differs/);
  });

  it('takes a changed file, and the Secret that it names, without a restart', async () => {
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${namespace}-communications`, namespace: 'default' },
      stringData: {
        'comm_config.yaml':
          'communications: {default-group: {socketSlack: {channels: {second: {name: elsewhere}}}}}',
      },
    });
    writeValues({
      existingCommunicationsSecretName: `${namespace}-communications`,
      aliases: { kgn: { command: 'kubectl get namespace' } },
    });
    const begins = await eventually(
      () => slack.messages('C2').find((one) => /My watch begins/.test(textOf(one))),
      arrivalMs,
    );
    assert.ok(begins);
    await ask(
      `kgn ${namespace}`,
      /^`kubectl get namespace chatted` on `myeks`[\s\S]*Active/,
      another,
    );
  });
});

/** What the chart of Botkube lets its plugins do: read. */
function readers(): readonly unknown[] {
  const labels = { test: namespace };
  const name = 'botkube-plugins-default';
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'watch', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'Group', name, apiGroup: 'rbac.authorization.k8s.io' }],
    },
  ];
}
