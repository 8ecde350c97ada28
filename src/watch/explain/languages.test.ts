import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Finding, NeedBy, Trouble } from '../contract.ts';
import { phrasesOf } from '../messages/phrases.ts';
import { adviceWords, advise } from './advice.ts';
import { autoscalerWords, evictedWords, jobWords, readyWords } from './elsewhere.ts';
import { exitWords, explainExit, signalWords } from './exit.ts';
import { languages, type Words } from './language.ts';
import { probeAnswers, probeWordsOf } from './probe.ts';
import { pullWords } from './pull.ts';
import { needWords, reasonWords, troubleWords } from './reasons.ts';
import { nodeWords, podWords } from './schedule.ts';
import { configWords, startWords, vagueWords, volumeWords } from './start.ts';
import { explainReason, explainTrouble } from './trouble.ts';

const tables: Readonly<Record<string, Words>> = {
  ...{ reasonWords, troubleWords, needWords, adviceWords, pullWords, nodeWords, podWords },
  ...{ configWords, startWords, volumeWords, vagueWords, readyWords, evictedWords },
  ...{ autoscalerWords, jobWords, probeAnswers, probeWordsOf, exitWords, signalWords },
};
const hangul = /[가-힣]/;
const parameters = (text: string): string => [...(text.match(/\$[\dc]/g) ?? [])].sort().join();

describe('sentences in both languages', () => {
  for (const [name, words] of Object.entries(tables)) {
    it(`${name}: each has words and the same parameters`, () => {
      for (const [code, { en, ko }] of Object.entries(words)) {
        assert.ok(en.trim() !== '' && !hangul.test(en), `${code}: ${en}`);
        assert.match(ko, hangul, code);
        assert.equal(parameters(ko), parameters(en), code);
      }
    });
  }

  it('every reason that the documentation names has words', () => {
    const text = readFileSync(new URL('../../../docs/incidents.md', import.meta.url), 'utf8');
    const table = text.slice(text.indexOf('## What is noticed'), text.indexOf('## What becomes'));
    const reasons = [...table.matchAll(/`([A-Z][a-z]*[A-Z]\w+|Evicted|Unschedulable)`/g)].map(
      ([, reason = '']) => reason,
    );
    assert.ok(reasons.length > 20);
    for (const reason of reasons) {
      for (const language of languages) assert.ok(explainReason(reason, language), reason);
    }
  });

  it('every exit code is a sentence in both', () => {
    for (let code = 1; code <= 255; code++) {
      const { en, ko } = explainExit(code, undefined);
      assert.ok(en !== ko && ko.startsWith(`종료 코드 ${code}`), ko);
    }
  });

  it('messages have both', () => {
    assert.deepEqual(Object.keys(phrasesOf.ko).sort(), Object.keys(phrasesOf.en).sort());
  });
});

const subject = { kind: 'Pod', namespace: 'shop', name: 'web-1' };
const trouble = (reason: string, message = '', more: Partial<Trouble> = {}): Trouble => ({
  ...{ reason, severity: 'high', subject, owner: subject, container: 'main', message, sinceMs: 0 },
  ...more,
});
const finding = (
  code: Finding['code'],
  ...parameters: Finding['parameters']
): Partial<Trouble> => ({
  finding: { code, parameters },
});
const need = (by: NeedBy, where: string): Partial<Trouble> => ({
  needs: {
    service: { kind: 'Service', namespace: 'shop', name: 'orders' },
    workload: { kind: 'Deployment', namespace: 'shop', name: 'orders' },
    ...{ by, where },
  },
});

describe('Korean sentences', () => {
  const f = (
    one: Trouble,
    want: string,
    events: readonly string[] = [],
    container: { readonly isInit?: boolean; readonly memoryLimit?: string } = {},
  ): void =>
    void it(want, () => {
      const facts = { isInit: false, probes: {}, ...container };
      assert.equal(explainTrouble(one, { events, container: facts }, 'ko'), want);
    });

  f(
    trouble('ErrImagePull', 'manifest unknown', { image: 'nginx:1.19.19' }),
    'nginx:1.19.19 이미지를 가져올 수 없어요: 레지스트리에 그런 이미지나 태그가 없어요',
  );
  f(
    trouble('OOMKilled', '', { exitCode: 137, restarts: 3 }),
    '컨테이너가 메모리 한도(64 MiB)를 넘어 커널이 종료했어요 (종료 코드 137) · 재시작 3회',
    [],
    { memoryLimit: '64Mi' },
  );
  f(
    trouble('Error', '', { exitCode: 1, container: 'migrate' }),
    'migrate 초기화 컨테이너가 종료됐어요: 종료 코드 1: 프로그램이 자체 오류로 끝났어요. 이 컨테이너가 성공해야 Pod가 시작돼요',
    [],
    { isInit: true },
  );
  f(
    trouble('NotReady'),
    '컨테이너가 실행 중이지만 readiness 프로브가 실패해요: 503 상태 코드로 응답해요',
    ['Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503'],
  );
  f(
    trouble(
      'Unschedulable',
      '0/3 nodes are available: 1 node(s) had untolerated taint {gpu: }, 2 Insufficient cpu.',
    ),
    'Pod를 배치할 노드가 없어요: 노드 3개 중 2개는 남은 CPU가 부족, 1개는 허용하지 않은 테인트 gpu',
  );
  f(
    trouble('DaemonSetUnavailable', '1 of 3 pods are available', finding('available', 1, 3)),
    'DaemonSet의 Ready Pod가 대상 노드보다 적어요: Pod 3개 중 1개만 사용할 수 있어요',
  );
  f(
    trouble('VolumeUsageHigh', 'Volume Usage …', finding('volumeOf', 83, 70, 'db-0')),
    '볼륨을 83% 사용 중이에요 (경고 기준 70%, 마운트한 Pod: db-0)',
  );
  f(
    trouble('Error', '', { exitCode: 1, ...need('environment', 'ORDERS_HOST') }),
    '컨테이너가 종료됐어요: 종료 코드 1: 프로그램이 자체 오류로 끝났어요; shop/orders Service(ORDERS_HOST)가 필요한데 Ready 상태인 Pod가 없어요',
  );
  f(trouble('SomethingNew', 'it broke'), '클러스터가 알린 사유: SomethingNew: it broke');

  it('text of the cluster is no place for words', () => {
    const message = 'sh -c echo $count $1';
    const one = trouble('Evicted', message);
    assert.equal(explainTrouble(one), `the node put the pod out: ${message}`);
    assert.equal(explainTrouble(one, undefined, 'ko'), `노드가 Pod를 축출했어요: ${message}`);
  });

  it('advice goes by what was found out, whatever the language', () => {
    const known = { events: [] };
    const denied = trouble('ErrImagePull', 'pull access denied for x');
    assert.equal(advise(denied, known, 'ko'), adviceWords.credentials.ko);
    assert.equal(advise(denied, known), adviceWords.credentials.en);
  });
});
