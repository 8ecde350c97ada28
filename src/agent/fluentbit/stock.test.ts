import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { runPipeline } from '../pipeline/run.ts';
import { checkFluentBitConfig } from './load.ts';
import { formatProblem } from './problems.ts';

const id = 'a'.repeat(64);
const otherId = 'b'.repeat(64);

/** Groups, streams and messages as a CloudWatch Logs service gets them. */
interface FakeCloudwatch {
  readonly url: string;
  readonly streams: Map<string, string[]>;
  readonly calls: string[];
  close(): Promise<void>;
}

/** Groups do not exist until they are created; the first PutLogEvents is throttled. */
async function fakeCloudwatch(): Promise<FakeCloudwatch> {
  const streams = new Map<string, string[]>();
  const groups = new Set<string>();
  const calls: string[] = [];
  let throttled = false;
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.url?.startsWith('/latest/')) {
      const answers: Record<string, string> = {
        '/latest/api/token': 'token',
        '/latest/meta-data/placement/availability-zone': 'ap-northeast-2a',
        '/latest/meta-data/instance-id': 'i-0123456789abcdef0',
        '/latest/dynamic/instance-identity/document': '{"accountId":"123456789012"}',
      };
      const answer = answers[request.url];
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
      return;
    }
    // The agent asks first whether this is a Nunchi server.
    if (request.url !== '/' || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const body = JSON.parse(Buffer.concat(parts).toString('utf8'));
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    calls.push(operation);
    assert.match(
      String(request.headers['authorization']),
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d+\/ap-northeast-2\/logs\/aws4_request/,
    );
    assert.equal(request.headers['user-agent'], 'aws-fluent-bit-plugin-container-insights');
    const refuse = (type: string): void =>
      void response.writeHead(400).end(JSON.stringify({ __type: type, message: type }));
    const key = `${body.logGroupName} ${body.logStreamName}`;
    switch (operation) {
      case 'CreateLogGroup':
        groups.add(body.logGroupName);
        break;
      case 'CreateLogStream':
        if (!groups.has(body.logGroupName)) return refuse('ResourceNotFoundException');
        if (streams.has(key)) return refuse('ResourceAlreadyExistsException');
        streams.set(key, []);
        break;
      case 'PutLogEvents':
        if (!throttled) {
          throttled = true;
          return refuse('ThrottlingException');
        }
        streams
          .get(key)!
          .push(...body.logEvents.map((event: { message: string }) => event.message));
        break;
    }
    response.writeHead(200, { 'x-amzn-RequestId': '1' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const journal = [
  {
    __CURSOR: 'c1',
    __REALTIME_TIMESTAMP: '1711334519633035',
    _HOSTNAME: 'ip-10-0-1-5',
    _SYSTEMD_UNIT: 'kubelet.service',
    PRIORITY: '6',
    MESSAGE: 'Started 한글',
    SYSLOG_IDENTIFIER: 'kubelet',
    SYSLOG_PID: '77',
    _TRANSPORT: 'stdout',
  },
  {
    __CURSOR: 'c2',
    __REALTIME_TIMESTAMP: '1711334520000001',
    _HOSTNAME: 'ip-10-0-1-5',
    _TRANSPORT: 'kernel',
    PRIORITY: '4',
    SYSLOG_FACILITY: '0',
    MESSAGE: [79, 79, 77, 255],
    SYSLOG_IDENTIFIER: 'kernel',
  },
  {
    __CURSOR: 'c3',
    __REALTIME_TIMESTAMP: '1711334521000002',
    _HOSTNAME: 'ip-10-0-1-5',
    _SYSTEMD_UNIT: 'sshd.service',
    PRIORITY: '6',
    SYSLOG_FACILITY: '10',
    MESSAGE: 'Accepted publickey',
    SYSLOG_IDENTIFIER: 'sshd',
    SYSLOG_PID: '812',
  },
];

/** Does what journalctl does with the matches of these tests: fields are alternatives. */
const fakeJournalctl = `#!/usr/bin/env node
const fs = require('node:fs');
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-') && arg.includes('='));
const after = process.argv.find((arg) => arg.startsWith('--after-cursor='))?.slice(15);
const entries = fs.readFileSync(process.env.FAKE_JOURNAL, 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
for (const entry of entries) {
  if (after && entry.__CURSOR <= after) continue;
  if (wanted.some((match) => entry[match.slice(0, match.indexOf('='))] === match.slice(match.indexOf('=') + 1))) console.log(JSON.stringify(entry));
}
setInterval(() => {}, 1000);
`;

const cri = [
  '2024-03-25T02:41:59.633035943Z stdout F hello "world" 한글',
  '2024-03-25T02:41:59.7Z stdout F {"level":"info","n":9007199254740993,"f":1.0,"msg":"json\\n"}',
  '2024-03-25T02:42:00.1Z stderr P first half, ',
  '2024-03-25T02:42:00.2Z stdout F between',
  '2024-03-25T02:42:00.3Z stderr F second half',
  '2024-03-25T11:42:01+09:00 stdout F {}',
];

const kubernetes = (pod: string, namespace: string, container: string, docker: string): string =>
  `"kubernetes":{"pod_name":"${pod}","namespace_name":"${namespace}","container_name":"${container}","docker_id":"${docker}"}`;

function applicationMessages(entity: string): string[] {
  const meta = kubernetes('web-1', 'default', 'web', id).replace(
    '"container_name"',
    `${entity}"container_name"`,
  );
  return [
    `{"time":"2024-03-25T02:41:59.633035943Z","stream":"stdout","_p":"F","log":"hello \\"world\\" 한글",${meta}}`,
    `{"time":"2024-03-25T02:41:59.7Z","stream":"stdout","_p":"F","log":"{\\"level\\":\\"info\\",\\"n\\":9007199254740993,\\"f\\":1.0,\\"msg\\":\\"json\\\\n\\"}","log_processed":{"level":"info","n":9007199254740993,"f":1.0,"msg":"json"},${meta}}`,
    `{"time":"2024-03-25T02:42:00.1Z","stream":"stderr","_p":"P","log":"first half, second half",${meta}}`,
    `{"time":"2024-03-25T02:42:00.2Z","stream":"stdout","_p":"F","log":"between",${meta}}`,
    `{"time":"2024-03-25T11:42:01+09:00","stream":"stdout","_p":"F","log":"{}",${meta}}`,
  ];
}

const data = process.env['NUNCHI_TEST_DATA'];
const generations = [
  { name: 'eks-addon', folder: data && join(data, 'fluent-bit/eks-addon') },
  { name: 'container-insights', folder: data && join(data, 'fluent-bit/container-insights') },
  { name: 'own testdata', folder: join(import.meta.dirname, 'testdata/eks') },
];

describe('stock EKS files', () => {
  for (const { name, folder } of generations) {
    const skip = folder === undefined || folder === '' ? 'NUNCHI_TEST_DATA is not set' : false;
    it(`${name}: groups, streams and messages are those of Fluent Bit`, {
      skip,
      timeout: 200_000,
    }, async () => {
      await runGeneration(folder as string);
    });
  }
});

let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'nunchi-stock-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

async function runGeneration(folder: string): Promise<void> {
  const home = mkdtempSync(join(root, 'run-'));
  const logs = join(home, 'log');
  mkdirSync(join(logs, 'containers'), { recursive: true });
  mkdirSync(join(logs, 'journal'), { recursive: true });
  mkdirSync(join(home, 'bin'));
  cpSync(folder, join(home, 'etc'), { recursive: true });
  const etc = join(home, 'etc');
  chmodSync(etc, 0o755);
  // Only the places on the disk are others.
  for (const file of [
    'fluent-bit.conf',
    'application-log.conf',
    'dataplane-log.conf',
    'host-log.conf',
  ]) {
    const text = readFileSync(join(etc, file), 'utf8')
      .replaceAll('/var/log/', `${logs}/`)
      .replaceAll('/var/fluent-bit/state', join(home, 'state'));
    rmSync(join(etc, file), { force: true });
    const prefix = `${logs.slice(1).replaceAll('/', '.')}.containers.`;
    writeFileSync(
      join(etc, file),
      text
        .replace('application.var.log.containers.', `application.${prefix}`)
        .replace(/^(\s*Flush\s+).*$/m, '$10.2'),
    );
  }
  writeFileSync(
    join(logs, 'containers', `web-1_default_web-${id}.log`),
    cri.map((line) => `${line}\n`).join(''),
  );
  writeFileSync(
    join(logs, 'containers', `aws-node-x1_kube-system_aws-node-${otherId}.log`),
    '2024-03-25T02:41:59.5Z stdout F ipamd up\n',
  );
  writeFileSync(
    join(home, 'journal.json'),
    journal.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  );
  writeFileSync(join(home, 'bin', 'journalctl'), fakeJournalctl, { mode: 0o755 });
  const cloud = await fakeCloudwatch();
  const metrics = new MetricsRegistry();
  const env = {
    PATH: `${join(home, 'bin')}${delimiter}${process.env['PATH']}`,
    FAKE_JOURNAL: join(home, 'journal.json'),
    AWS_REGION: 'ap-northeast-2',
    CLUSTER_NAME: 'demo',
    HOST_NAME: 'ip-10-0-1-5',
    READ_FROM_HEAD: 'On',
    READ_FROM_TAIL: 'Off',
    HTTP_SERVER: 'Off',
    HTTP_PORT: '2020',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: cloud.url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: cloud.url,
  };
  const deps = {
    clock: systemClock,
    log: silentLogger,
    metrics,
    env,
    hostname: 'ip-10-0-1-5',
    random: () => 0,
  };
  const { config, problems } = checkFluentBitConfig(join(etc, 'fluent-bit.conf'), deps);
  assert.deepEqual(problems.problems.map(formatProblem), []);
  const stop = new AbortController();
  const pipeline = {
    ...config.pipeline,
    service: { ...config.pipeline.service, retryBaseMs: 20, retryCapMs: 50 },
  };
  const running = runPipeline(
    pipeline,
    { clock: systemClock, logger: silentLogger, metrics, folder: home },
    stop.signal,
  );
  const dotted = logs.slice(1).replaceAll('/', '.');
  const group = (kind: string): string => `/aws/containerinsights/demo/${kind}`;
  const aws = '"az":"ap-northeast-2a","ec2_instance_id":"i-0123456789abcdef0"';
  const want = new Map([
    [
      `${group('application')} ip-10-0-1-5-application.${dotted}.containers.web-1_default_web-${id}.log`,
      applicationMessages(''),
    ],
    [
      `${group('dataplane')} ip-10-0-1-5-dataplane.tail.${dotted}.containers.aws-node-x1_kube-system_aws-node-${otherId}.log`,
      [`{"time":"2024-03-25T02:41:59.5Z","stream":"stdout","_p":"F","log":"ipamd up",${aws}}`],
    ],
    [
      `${group('dataplane')} ip-10-0-1-5-dataplane.systemd.kubelet.service`,
      [
        `{"hostname":"ip-10-0-1-5","systemd_unit":"kubelet.service","message":"Started 한글",${aws}}`,
      ],
    ],
    [
      `${group('host')} ip-10-0-1-5.host.dmesg`,
      [`{"host":"ip-10-0-1-5","message":"OOM\ufffd","ident":"kernel",${aws}}`],
    ],
    [
      `${group('host')} ip-10-0-1-5.host.messages`,
      [
        `{"host":"ip-10-0-1-5","message":"Started 한글","ident":"kubelet","pid":"77",${aws}}`,
        `{"host":"ip-10-0-1-5","message":"OOM\ufffd","ident":"kernel",${aws}}`,
      ],
    ],
    [
      `${group('host')} ip-10-0-1-5.host.secure`,
      [`{"host":"ip-10-0-1-5","message":"Accepted publickey","ident":"sshd","pid":"812",${aws}}`],
    ],
  ]);
  const total = [...want.values()].flat().length;
  const deadline = Date.now() + 120_000;
  while ([...cloud.streams.values()].flat().length < total && Date.now() < deadline) {
    await systemClock.sleep(50);
  }
  stop.abort();
  await running;
  await cloud.close();
  const got = new Map([...cloud.streams].map(([key, messages]) => [key, messages.toSorted()]));
  const sorted = new Map([...want].map(([key, messages]) => [key, messages.toSorted()]));
  assert.deepEqual(new Map([...got].sort()), new Map([...sorted].sort()));
}
