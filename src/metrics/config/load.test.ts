// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isAppError } from '#base';
import { loadPrometheusConfig, type PrometheusConfig } from './load.ts';
import { printConfig } from './print.ts';
import { configKey, Secret } from './secret.ts';
import { formatPrometheusDuration, parseBase2Bytes, parsePrometheusDurationMs } from './units.ts';

const folder = join(import.meta.dirname, 'testdata');
const filesIn = (suffix: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith(suffix));

const parse = (text: string, env: Record<string, string> = {}): PrometheusConfig =>
  loadPrometheusConfig({ text, file: 'f.yml', firstLine: 1, key: '' }, env).config;

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isAppError(error)) return error.message;
    throw error;
  }
  return 'nothing thrown';
}

describe('loadPrometheusConfig()', () => {
  for (const name of filesIn('.good.yml')) {
    it(`takes ${name}`, () => void loadPrometheusConfig({ path: join(folder, name) }, {}));
  }
  for (const name of filesIn('.bad.yml')) {
    it(`refuses ${name}`, () => {
      const file = join(folder, name);
      const want = readFileSync(file, 'utf8').split('\n')[0]!.replace(/^# /, '');
      const message = messageOf(() => loadPrometheusConfig({ path: file }, {}));
      assert.ok(message.includes(want), `${message}\nlacks\n${want}`);
    });
  }

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  it('promtool takes the same files', { skip: hasPromtool ? false : 'needs promtool' }, () => {
    for (const name of ['minimal', 'empty', 'full', 'odd']) {
      // Only the syntax: the files that it names are not here.
      const file = join(folder, `${name}.good.yml`);
      const { status, stderr } = spawnSync('promtool', ['check', 'config', '--syntax-only', file]);
      assert.equal(status, 0, stderr.toString());
    }
  });

  it('gives every value its type, unit and default', () => {
    const { config } = loadPrometheusConfig({ path: join(folder, 'full.good.yml') }, {});
    const [node, x, z] = config.scrapeConfigs;
    assert.equal(config.global.scrapeIntervalMs, 15_000);
    assert.equal(node?.scrapeIntervalMs, 60_000);
    assert.equal(node?.sampleLimit, 1000);
    assert.equal(node?.fileSdConfigs[0]?.files[0], join(folder, 'foo/*.slow.json'));
    assert.equal(node?.fileSdConfigs[1]?.refreshIntervalMs, 300_000);
    assert.deepEqual({ ...node?.staticConfigs[0]?.labels }, { my: 'label', your: 'label' });
    assert.equal(node?.relabelConfigs[3]?.pattern.source, '(.*)');
    assert.equal(x?.basicAuth?.password?.reveal(), 'multiline\nmysecret\ntest');
    assert.equal(x?.scrapeTimeoutMs, 5000);
    assert.equal(z?.scrapeTimeoutMs, 10_000);
    assert.equal(z?.tlsConfig?.certFile, join(folder, 'valid_cert_file'));
    assert.equal(z?.honorTimestamps, true);
    assert.deepEqual(config.ruleFiles, [
      join(folder, 'rules/*.rules.yml'),
      '/etc/nunchi/rules/*.yml',
    ]);
    assert.equal(config.remoteWrite[0]?.queueConfig.retryOnHttp_429, true);
    assert.equal(config.remoteWrite[0]?.queueConfig.capacity, 10_000);
    assert.equal(config.remoteRead[0]?.requiredMatchers['job'], 'special');
    assert.equal(config.alerting.alertmanagers[0]?.staticConfigs[0]?.targets.length, 2);
    assert.equal(config.storage.tsdb.outOfOrderTimeWindowMs, 1_800_000);
  });

  it('reads what YAML allows: words for true and false, aliases, merged maps', () => {
    const { config } = loadPrometheusConfig({ path: join(folder, 'odd.good.yml') }, {});
    const [first, second, third] = config.scrapeConfigs;
    assert.deepEqual(
      [first?.honorLabels, first?.honorTimestamps, first?.enableHttp2, first?.scrapeIntervalMs],
      [true, false, false, 15_000],
    );
    assert.equal(second?.tlsConfig?.insecureSkipVerify, true);
    assert.deepEqual([second?.scheme, second?.honorLabels], ['http', true]);
    assert.deepEqual(
      { ...second?.staticConfigs[0]?.labels },
      { shift: 'night', team: 'x', tier: '1.0' },
    );
    assert.equal(first?.relabelConfigs[1]?.replacement, 'seoul');
    assert.deepEqual([third?.jobName, third?.scrapeIntervalMs], ['third', 60_000]);
    assert.equal(third?.metricRelabelConfigs.length, 2);
  });

  it('jobs inherit limits of global', () => {
    const { config } = loadPrometheusConfig({ path: join(folder, 'kubernetes.good.yml') }, {});
    const [job] = config.scrapeConfigs;
    assert.equal(job?.bodySizeLimitBytes, 15 * 1024 * 1024);
    assert.equal(job?.targetLimit, 30);
    assert.equal(job?.kubernetesSdConfigs[0]?.role, 'endpoints');
  });

  it('lowers the time-out to the interval where only the interval is given', () => {
    const config = parse(
      'global: {scrape_interval: 4s}\nscrape_configs: [{job_name: a, scrape_interval: 3s}]',
    );
    assert.equal(config.global.scrapeTimeoutMs, 4000);
    assert.equal(config.scrapeConfigs[0]?.scrapeTimeoutMs, 3000);
  });

  it('puts the environment into external labels, and nowhere else', () => {
    const config = parse(
      'global:\n  external_labels: {a: "${FOO}-$BAR-$$x-$NONE"}\nscrape_configs:\n  - job_name: $FOO\n',
      { FOO: 'foo', BAR: 'bar' },
    );
    assert.deepEqual(config.global.externalLabels, { a: 'foo-bar-$x-' });
    assert.equal(config.scrapeConfigs[0]?.jobName, '$FOO');
  });

  it('native histograms put protobuf first', () => {
    const config = parse('scrape_configs: [{job_name: a, scrape_native_histograms: true}]');
    assert.equal(config.scrapeConfigs[0]?.scrapeProtocols[0], 'PrometheusProto');
  });

  it('names all problems at once, with the place in the file that holds them', () => {
    const text = 'scrape_configs:\n  - job_name: a\n    schema: x\n    scrape_interval: y\n';
    const message = messageOf(() =>
      loadPrometheusConfig(
        { text, file: 'nunchi.yaml', firstLine: 11, key: 'metrics.prometheus' },
        {},
      ),
    );
    assert.match(
      message,
      /nunchi\.yaml:13: metrics\.prometheus\.scrape_configs\[0\]\.schema: unknown key "schema", did you mean "scheme"/,
    );
    assert.match(message, /nunchi\.yaml:14: .*scrape_interval: not a valid duration string: "y"/);
  });

  it('reads scrape_config_files, whose jobs count like others', () => {
    const dir = mkdtempSync(join(tmpdir(), 'nunchi-config-'));
    try {
      mkdirSync(join(dir, 'jobs'));
      writeFileSync(
        join(dir, 'p.yml'),
        'scrape_config_files: [jobs/*.yml]\nscrape_configs: [{job_name: a}]\n',
      );
      writeFileSync(
        join(dir, 'jobs/b.yml'),
        'scrape_configs:\n  - job_name: b\n    file_sd_configs: [{files: [x.json]}]\n',
      );
      const { config, files } = loadPrometheusConfig({ path: join(dir, 'p.yml') }, {});
      assert.deepEqual(
        config.scrapeConfigs.map(({ jobName }) => jobName),
        ['a', 'b'],
      );
      assert.equal(config.scrapeConfigs[1]?.fileSdConfigs[0]?.files[0], join(dir, 'jobs/x.json'));
      assert.equal(files.length, 2);
      writeFileSync(join(dir, 'jobs/c.yml'), 'scrape_configs: [{job_name: a}]\nglobal: {}\n');
      const message = messageOf(() => loadPrometheusConfig({ path: join(dir, 'p.yml') }, {}));
      assert.match(message, /c\.yml:1: .*multiple scrape configs with job name "a"/);
      assert.match(message, /c\.yml:2: global: unknown key "global"/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('warns of mechanisms that give no targets', () => {
    const { warnings } = loadPrometheusConfig({ path: join(folder, 'prometheus3.good.yml') }, {});
    assert.match(
      warnings.join(),
      /prometheus3\.good\.yml:\d+: .*consul_sd_configs gives no targets/,
    );
  });
});

describe('printConfig()', () => {
  for (const name of filesIn('.good.yml')) {
    it(`prints ${name} without secrets, and reads it again`, () => {
      const { config } = loadPrometheusConfig({ path: join(folder, name) }, {});
      const text = printConfig(config);
      assert.doesNotMatch(text, /mysecret|hunter2/);
      const again = parse(text.replaceAll('<secret>', 's'));
      assert.equal(printConfig(again), text);
    });
  }
});

it('secrets are not printed by any way, and count when configurations are compared', () => {
  const secret = new Secret('hush');
  assert.equal(`${secret} ${JSON.stringify({ secret })}`, '<secret> {"secret":"<secret>"}');
  assert.notEqual(configKey({ a: secret }), configKey({ a: new Secret('other') }));
});

describe('units', () => {
  const f = (text: string, ms: number, shown = text): void =>
    void it(text, () => {
      assert.equal(parsePrometheusDurationMs(text), ms);
      assert.equal(formatPrometheusDuration(ms), shown);
    });
  f('0s', 0);
  f('0', 0, '0s');
  f('15s', 15_000);
  f('1h30m', 5_400_000);
  f('90m', 5_400_000, '1h30m');
  f('1d', 86_400_000);
  f('8d', 691_200_000);
  f('7d', 604_800_000, '1w');
  f('1s500ms', 1500);
  for (const text of ['', '1', '1.5h', '30m1h', '-1s', '1 s']) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => parsePrometheusDurationMs(text)));
  }
  it('sizes have base 1024', () => {
    assert.deepEqual(
      ['0', '10B', '1KB', '1MiB', '2GB'].map(parseBase2Bytes),
      [0, 10, 1024, 1_048_576, 2_147_483_648],
    );
  });
});
