import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { checkText, filterRecord } from '../../fluentbit/testing.ts';

const id = 'c'.repeat(64);
const tag = `kube.var.log.containers.web-1_default_web-${id}.log`;

const pod = {
  metadata: {
    name: 'web-1',
    namespace: 'default',
    uid: 'u-1',
    labels: { app: 'web' },
    annotations: { 'fluentbit.io/parser_stdout-web': 'kv', 'fluentbit.io/exclude_stderr': 'true' },
  },
  spec: { nodeName: 'ip-10-0-1-5' },
  status: {
    podIP: '10.0.1.9',
    containerStatuses: [
      {
        name: 'web',
        containerID: `containerd://${id}`,
        image: 'nginx:1',
        imageID: 'nginx@sha256:ab',
      },
    ],
  },
};

async function serve() {
  const paths: string[] = [];
  const server = http.createServer((request, response) => {
    paths.push(request.url!);
    const answers: Record<string, unknown> = {
      '/api/v1/namespaces/default/pods/web-1': pod,
      '/pods': { items: [pod] },
      '/api/v1/namespaces/default': { metadata: { labels: { team: 'a' } } },
    };
    const answer = answers[request.url!];
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    paths,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const parsers = {
  'p.conf': '[PARSER]\n  Name kv\n  Format regex\n  Regex ^(?<k>[^=]+)=(?<v>.*)$\n',
};

const configOf = (port: number, lines: string) => {
  const section = lines
    .split('\n')
    .map((line) => `  ${line.trim()}\n`)
    .join('');
  const { config, problems } = checkText(
    `[SERVICE]\n  Parsers_File p.conf\n[FILTER]\n  Name kubernetes\n  Match *\n  Kube_URL http://127.0.0.1:${port}\n${section}`,
    { files: parsers },
  );
  assert.deepEqual(problems, []);
  return config;
};

const full = `"kubernetes":{"pod_name":"web-1","namespace_name":"default","pod_id":"u-1","labels":{"app":"web"},"annotations":{"fluentbit.io/parser_stdout-web":"kv","fluentbit.io/exclude_stderr":"true"},"host":"ip-10-0-1-5","pod_ip":"10.0.1.9","container_name":"web","docker_id":"${id}","container_hash":"nginx@sha256:ab","container_image":"nginx:1"}`;
const short = full.replace(/"labels".*?"true"},/, '');
const bare = `"kubernetes":{"pod_name":"web-1","namespace_name":"default","container_name":"web","docker_id":"${id}"}`;

describe('kubernetes filter', () => {
  const f = (lines: string, input: string, want: string | undefined, asked: string[]): void =>
    void it(`${lines.replaceAll('\n', '; ')} on ${input}`, async () => {
      await using server = await serve();
      const config = configOf(
        server.port,
        lines.replace(
          'KUBELET',
          `Use_Kubelet On\nKubelet_Host http://127.0.0.1\nKubelet_Port ${server.port}`,
        ),
      );
      const first = await filterRecord(config, input, tag);
      assert.equal(first.out, want);
      assert.equal((await filterRecord(config, input, tag)).out, want);
      assert.deepEqual(server.paths, asked);
    });
  const podPath = ['/api/v1/namespaces/default/pods/web-1'];
  const off = 'Labels Off\nAnnotations Off';
  f('Merge_Log Off', '{"log":"x"}', `{"log":"x",${full}}`, podPath);
  f(`KUBELET\n${off}`, '{"log":"x"}', `{"log":"x",${short}}`, ['/pods']);
  f(
    `${off}\nMerge_Log On`,
    '{"log":"{\\"a\\":1.0,\\"log\\":2}"}',
    `{"log":"{\\"a\\":1.0,\\"log\\":2}","a":1.0,${short}}`,
    podPath,
  );
  f(
    `${off}\nMerge_Log On\nKeep_Log Off`,
    '{"log":"{\\"a\\":\\"b\\\\n\\"}\\n"}',
    `{"a":"b",${short}}`,
    podPath,
  );
  f(`${off}\nMerge_Log On\nMerge_Log_Key p`, '{"log":"{}"}', `{"log":"{}",${short}}`, podPath);
  f(`${off}\nMerge_Log On\nMerge_Log_Key p`, '{"log":"[1]"}', `{"log":"[1]",${short}}`, podPath);
  f(
    `${off}\nMerge_Log On\nMerge_Log_Key p\nK8S-Logging.Parser On`,
    '{"log":"x=y","stream":"stdout"}',
    `{"log":"x=y","stream":"stdout","p":{"k":"x","v":"y"},${short}}`,
    podPath,
  );
  f(`${off}\nK8S-Logging.Exclude On`, '{"log":"x","stream":"stderr"}', undefined, podPath);
  f(
    `${off}\nK8S-Logging.Exclude Off`,
    '{"log":"x","stream":"stderr"}',
    `{"log":"x","stream":"stderr",${short}}`,
    podPath,
  );
  f(
    `${off}\nNamespace_Labels On`,
    '{"log":"x"}',
    `{"log":"x",${short},"kubernetes_namespace":{"name":"default","labels":{"team":"a"}}}`,
    [...podPath, '/api/v1/namespaces/default'],
  );
  f('Use_Tag_For_Meta On', '{"log":"x"}', `{"log":"x",${bare}}`, []);

  it('gives what the tag says when the API cannot be reached, and does not ask for each event', async () => {
    const config = configOf(1, 'Merge_Log On');
    assert.equal((await filterRecord(config, '{"log":"x"}', tag)).out, `{"log":"x",${bare}}`);
    assert.equal((await filterRecord(config, '{"log":"x"}', tag)).out, `{"log":"x",${bare}}`);
  });
  it('lets events of other tags pass', async () => {
    const config = configOf(1, 'Merge_Log On');
    assert.equal((await filterRecord(config, '{"log":"x"}', 'host.messages')).out, '{"log":"x"}');
  });
});
