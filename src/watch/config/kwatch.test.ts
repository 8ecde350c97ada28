import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkKwatchConfig, readKwatchConfig } from './kwatch.ts';

const read = (text: string, env = {}) => readKwatchConfig('config.yaml', text, env);

describe('config.yaml of kwatch', () => {
  it('reads the one that people copy', () => {
    const config = read(`
alert:
  slack:
    webhook: 'https://hooks.slack.com/services/T/B/X'
    title: joonhan-EKS
    # text:
pvcMonitor:
  enabled: true
  interval: 5
  threshold: 70
`);
    assert.deepEqual(config.problems, []);
    assert.deepEqual(config.warnings, []);
    assert.deepEqual(config.providers, [
      {
        type: 'slack',
        settings: { webhook: 'https://hooks.slack.com/services/T/B/X', title: 'joonhan-EKS' },
        headers: [],
        routes: [],
        templates: {},
        retry: { maxAttempts: 1, delayMs: 1000, maxBackoffMs: 120_000 },
        fallback: undefined,
      },
    ]);
    assert.equal(config.volumes.threshold, 70);
    assert.equal(config.volumes.clearThreshold, 70);
    assert.equal(config.volumes.intervalMs, 300_000);
    assert.equal(config.tellsStart, true);
    assert.equal(config.pods.ignoreGracefulStop, true);
  });

  it('an empty one is all defaults', () => {
    const config = read('');
    assert.equal(config.maxRecentLogLines, 50);
    assert.equal(config.volumes.threshold, 80);
    assert.deepEqual(config.providers, []);
    assert.deepEqual(config.problems, []);
  });

  it('takes numbers where texts are meant, and names in any case', () => {
    const config = read(`
alert:
  Telegram: {token: abc, chatId: -100123}
  EMAIL: {form: a@b.c, to: 'd@e.f', password: pw, host: smtp, port: 587}
`);
    assert.deepEqual(config.problems, []);
    assert.equal(config.providers[0]?.settings['chatid'], '-100123');
    assert.equal(config.providers[1]?.settings['port'], '587');
    assert.equal(config.providers[1]?.settings['from'], 'a@b.c');
  });

  it('says what is wrong with file, line and key, and uses the rest', () => {
    const config = read(`maxRecentLogLines: many
alert:
  slak: {webhook: x}
  discord: {title: only}
  webhook: {url: 'http://here'}
ignorePodNames: ['ok-.*', '(']
namespaces: [default, '!kube-system']
severityByReason: {OOMKilled: bad}
unheardOf: 1
namespaceSelector: 'a b'
`);
    assert.deepEqual(
      config.providers.map(({ type }) => type),
      ['webhook'],
    );
    assert.deepEqual(config.ignorePodNames, ['ok-.*']);
    assert.deepEqual(config.warnings, ['config.yaml:9: unheardOf: is not known and has no effect']);
    const problems = config.problems.join('\n');
    assert.match(problems, /config\.yaml:1: maxRecentLogLines: "many" is no number/);
    assert.match(problems, /config\.yaml:3: alert\.slak: no such provider; there are slack, /);
    assert.match(problems, /config\.yaml:4: alert\.discord: is left out: it needs webhook/);
    assert.match(problems, /config\.yaml:6: ignorePodNames: "\(" is no regular expression/);
    assert.match(problems, /namespaces: Either allowed or forbidden namespaces must be set/);
    assert.match(problems, /config\.yaml:10: namespaceSelector: "a b" is no label selector/);
    assert.match(problems, /severityByReason: "bad" of OOMKilled is not one of normal/);
    assert.throws(() => checkKwatchConfig('config.yaml', 'a: [', {}), {
      code: 'WATCH_CONFIG_INVALID',
    });
    assert.throws(() => read('- a'), { code: 'WATCH_CONFIG_INVALID' });
  });

  it('a provider may have a language of its own', () => {
    const config = read(`alert:
  slack: {webhook: 'https://a', language: KO}
  discord: {webhook: 'https://b'}
  teams: {webhook: 'https://c', language: korean}
`);
    assert.deepEqual(
      config.providers.map(({ language }) => language),
      ['ko', undefined, undefined],
    );
    assert.deepEqual(config.problems, [
      'config.yaml:4: alert.teams.language: "korean" is not one of en, ko',
    ]);
  });

  it('puts in the environment', () => {
    const config = read('alert: {slack: {webhook: "${HOOK}"}}', { HOOK: 'https://hook' });
    assert.equal(config.providers[0]?.settings['webhook'], 'https://hook');
  });
});
