import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';
import { findProgram, type ProgramResult, Programs, runProgram } from './prometheus-tool.ts';

const amtoolPath = findProgram('amtool');
const prometheusPath = findProgram('prometheus');

interface Hook {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

describe('amtool against the server', { skip: amtoolPath === undefined && 'no amtool' }, () => {
  let nunchi: NunchiProcess;
  let hookServer: Server;
  let folder: string;
  const hooks: Hook[] = [];
  const amtool = (...args: string[]): Promise<ProgramResult> =>
    runProgram(amtoolPath ?? '', [
      ...args,
      `--alertmanager.url=${nunchi.url}`,
      '--no-version-check',
    ]);
  const good = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await amtool(...args);
    assert.equal(code, 0, `amtool ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nunchi-amtool-'));
    hookServer = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      hooks.push({
        path: request.url ?? '',
        body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
      });
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(hookServer, 'listening');
    const { port } = hookServer.address() as AddressInfo;
    const file = join(folder, 'alertmanager.yml');
    await writeFile(
      file,
      `global: {slack_api_url: 'http://127.0.0.1:${port}/services/T/B/X'}
route:
  receiver: hook
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes:
    - {receiver: chat, matchers: ['team="chat"']}
    - {receiver: none, match_re: {team: 'quiet|silent'}, continue: true}
    - {receiver: db, matchers: ['service=~"db.*"', severity!=info]}
receivers:
  - {name: hook, webhook_configs: [{url: 'http://127.0.0.1:${port}/hook'}]}
  - {name: chat, slack_configs: [{channel: '#alerts', send_resolved: true}]}
  - {name: db, webhook_configs: [{url: 'http://127.0.0.1:${port}/db'}]}
  - {name: none}
inhibit_rules:
  - {source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}
`,
    );
    // The texts of the configuration, not messages with evidence.
    const messages = 'messages: {enabled: false}';
    nunchi = await startNunchi({
      config: `alerting: {alertmanagerConfig: ${file}, ${messages}}\n`,
    });
  });
  after(async () => {
    await nunchi?.[Symbol.asyncDispose]();
    hookServer?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('checks our file', async () => {
    const { code, stdout } = await runProgram(amtoolPath ?? '', [
      'check-config',
      join(folder, 'alertmanager.yml'),
    ]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /SUCCESS/);
  });

  it('shows the configuration without its secrets', async () => {
    const shown = await good('config', 'show');
    assert.match(shown, /slack_api_url: '?http:\/\/127\.0\.0\.1:\d+\/hidden/);
    assert.doesNotMatch(shown, /services\/T|\/hook/);
  });

  it('shows and tests routes', async () => {
    assert.match(await good('config', 'routes', 'show'), /receiver: db/);
    assert.equal((await good('config', 'routes', 'test', 'team=chat')).trim(), 'chat');
    assert.equal((await good('config', 'routes', 'test', 'a=b')).trim(), 'hook');
    const labels = ['team=quiet', 'service=db1', 'severity=error'];
    assert.equal((await good('config', 'routes', 'test', ...labels)).trim(), 'none,db');
  });

  it('adds alerts, which reach their receivers, and finds them', async () => {
    await good('alert', 'add', 'Late', 'severity=critical', '--annotation=summary=It is late');
    await good('alert', 'add', 'Late', 'severity=warning');
    await good('alert', 'add', 'Chatty', 'team=chat', '--annotation=summary=Hello <you>');
    const sent = await eventually(() => hooks.find(({ path }) => path === '/hook'));
    assert.equal(sent.body['groupKey'], '{}:{alertname="Late"}');
    assert.equal(sent.body['version'], '4');
    const chat = await eventually(() => hooks.find(({ path }) => path === '/services/T/B/X'));
    assert.equal(chat.body['channel'], '#alerts');
    const [attachment] = chat.body['attachments'] as Record<string, unknown>[];
    assert.equal(attachment?.['color'], 'danger');
    assert.equal(attachment?.['title'], '[FIRING:1] Chatty (chat)');

    assert.match(await good('alert', 'query', 'alertname=Late', 'severity=critical'), /It is late/);
    const inhibited = await good('alert', 'query', '-i', '-o', 'json', 'alertname=Late');
    const all = JSON.parse(inhibited) as { labels: object; status: { state: string } }[];
    assert.deepEqual(
      all.map(({ labels, status }) => ({ labels, state: status.state })),
      [{ labels: { alertname: 'Late', severity: 'warning' }, state: 'suppressed' }],
    );
    assert.match(await good('alert', 'query', '--receiver=chat'), /Chatty/);
    assert.doesNotMatch(await good('alert', 'query', '--receiver=chat'), /Late/);
  });

  it('adds, finds, changes, ends and takes over silences', async () => {
    const add = ['silence', 'add', '-a', 'me', '-c', 'deploy', '-d', '1h'];
    const id = (await good(...add, 'alertname=Quiet', 'severity=~"a|b"')).trim();
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.match(await good('silence', 'query', 'alertname=Quiet'), new RegExp(id));
    assert.equal((await good('silence', 'query', '-q', 'alertname=Other')).trim(), '');
    await good('alert', 'add', 'Quiet', 'severity=a');
    const silenced = await good('alert', 'query', '-s', '-o', 'json', 'alertname=Quiet');
    assert.deepEqual(
      (JSON.parse(silenced) as { status: unknown }[]).map(({ status }) => status),
      [{ state: 'suppressed', silencedBy: [id], inhibitedBy: [] }],
    );
    const updated = (await good('silence', 'update', '-c', 'longer', '-d', '3h', id)).trim();
    assert.match(updated, /longer/);
    const json = await good('silence', 'query', '-o', 'json', 'alertname=Quiet');
    const file = join(folder, 'silences.json');
    await writeFile(file, json.replaceAll('Quiet', 'Imported').replaceAll(/"id": ?"[^"]*",/g, ''));
    await good('silence', 'import', file);
    assert.match(await good('silence', 'query'), /Imported/);
    const ids = (await good('silence', 'query', '-q')).trim().split('\n');
    await good('silence', 'expire', ...ids);
    assert.equal((await good('silence', 'query', '-q')).trim(), '');
    assert.match(await good('silence', 'query', '--expired'), /longer/);
    const { code, stderr } = await amtool('silence', 'add', '-a', 'me', '-c', 'x', 'a=~".*"');
    assert.notEqual(code, 0);
    assert.match(stderr, /at least one matcher must not match the empty string/);
  });

  it('takes the alerts of a real Prometheus', {
    skip: prometheusPath === undefined && 'no prometheus',
  }, async () => {
    const config = join(folder, 'prometheus.yml');
    await writeFile(
      config,
      `global: {evaluation_interval: 1s}
rule_files: [${join(folder, 'rules.yml')}]
alerting: {alertmanagers: [{static_configs: [{targets: ['${new URL(nunchi.url).host}']}]}]}
`,
    );
    await writeFile(
      join(folder, 'rules.yml'),
      `groups: [{name: g, rules: [{alert: FromPrometheus, expr: 'vector(1)', annotations: {summary: 'value {{ $value }}'}}]}]\n`,
    );
    await using programs = new Programs();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    await programs.start(
      prometheusPath ?? '',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        // Its first alerts leave before it knows where to.
        '--rules.alert.resend-delay=2s',
      ],
      `${url}/-/ready`,
    );
    const sent = await eventually(() =>
      hooks.find(({ body }) => String(body['groupKey']).includes('FromPrometheus')),
    );
    assert.deepEqual(sent.body['commonAnnotations'], { summary: 'value 1' });
  });

  it('says what it is', async () => {
    assert.match(await good('cluster', 'show'), /disabled/);
    const old = await fetch(`${nunchi.url}/api/v2/silence/none`);
    assert.equal(old.status, 404);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
