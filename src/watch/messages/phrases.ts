import type { UpdateReason } from '../contract.ts';
import type { Language } from '../explain/language.ts';

/**
 * What messages say around the sentence of an incident. Titles, labels and the heads that kwatch's readers
 * (and their programs) know stay English, as kwatch has them.
 */
export interface MessagePhrases {
  readonly affected: (count: number, isPods: boolean) => string;
  /** One line: that it is over. */
  readonly over: (where: string, lasted: string) => string;
  readonly overAfter: (lasted: string) => string;
  readonly after: (lasted: string) => string;
  readonly changed: string;
  readonly headline: (reason: string, where: string, what: string) => string;
  readonly acknowledged: (who: string) => string;
  readonly silenced: (who: string, until: string) => string;
  readonly changedBefore: string;
  readonly severity: (severity: string) => string;
  readonly why: Readonly<Record<UpdateReason, string>>;
  readonly causedBy: (owner: string, need: string) => string;
  readonly buttons: {
    readonly acknowledge: string;
    readonly silence: string;
    readonly logs: string;
    readonly describe: string;
    readonly incident: string;
  };
  readonly silenceFor: Readonly<Record<'1h' | '2h' | '8h' | '1d', string>>;
  readonly lists: {
    readonly count: (count: number) => string;
    readonly baseline: string;
    readonly digest: string;
    readonly ended: string;
    readonly affected: (count: number) => string;
    readonly more: (count: number) => string;
  };
  readonly units: readonly [day: string, hour: string, minute: string, second: string];
}

export const phrasesOf: Readonly<Record<Language, MessagePhrases>> = {
  en: {
    affected: (count, isPods) => `(${count} ${isPods ? 'pods' : 'objects'})`,
    over: (where, lasted) => `Resolved: ${where} is well again after ${lasted}`,
    overAfter: (lasted) => `Resolved after ${lasted}`,
    after: (lasted) => `after ${lasted}`,
    changed: 'Update: ',
    headline: (reason, where, what) => `${reason} in ${where}: ${what}`,
    acknowledged: (who) => `Acknowledged by ${who}`,
    silenced: (who, until) => `Silenced by ${who} until ${until}`,
    changedBefore: 'Changed before',
    severity: (severity) => `severity ${severity}`,
    why: {
      severity: 'it has got worse',
      reason: 'something else is wrong too',
      reminder: 'it still lasts',
      again: 'it has come back',
      spread: 'another owner has it too',
    },
    causedBy: (owner, need) => `Caused by ${owner}: ${need}`,
    buttons: {
      acknowledge: 'Acknowledge',
      silence: 'Silence…',
      logs: 'Logs',
      describe: 'Describe',
      incident: 'Open incident',
    },
    silenceFor: {
      '1h': 'for 1 hour',
      '2h': 'for 2 hours',
      '8h': 'for 8 hours',
      '1d': 'for 1 day',
    },
    lists: {
      count: (count) => (count === 1 ? '1 incident' : `${count} incidents`),
      baseline: 'from before the watch began',
      digest: 'that began in a short time',
      ended: 'of those that were told together: over now',
      affected: (count) => `(${count} affected)`,
      more: (count) => `… and ${count} more`,
    },
    units: ['d', 'h', 'm', 's'],
  },
  ko: {
    affected: (count, isPods) => `(${isPods ? 'Pod' : '대상'} ${count}개)`,
    over: (where, lasted) => `해소: ${where}, ${lasted} 만에 복구됐어요`,
    overAfter: (lasted) => `해소됨 (${lasted} 지속)`,
    after: (lasted) => `${lasted} 만에 복구`,
    changed: '변경: ',
    headline: (reason, where, what) => `${where} ${reason}: ${what}`,
    acknowledged: (who) => `${who} 님이 확인했어요`,
    silenced: (who, until) => `${who} 님이 ${until}까지 알림을 껐어요`,
    changedBefore: '직전 변경',
    severity: (severity) => `심각도 ${severity}`,
    why: {
      severity: '더 나빠졌어요',
      reason: '다른 문제도 생겼어요',
      reminder: '아직 계속되고 있어요',
      again: '다시 나타났어요',
      spread: '다른 대상으로 번졌어요',
    },
    causedBy: (owner, need) => `원인은 ${owner} 문제예요: ${need}`,
    buttons: {
      acknowledge: '확인',
      silence: '알림 끄기…',
      logs: '로그',
      describe: 'Describe',
      incident: '인시던트 열기',
    },
    silenceFor: {
      '1h': '1시간 동안',
      '2h': '2시간 동안',
      '8h': '8시간 동안',
      '1d': '하루 동안',
    },
    lists: {
      count: (count) => `인시던트 ${count}건`,
      baseline: '(감시를 시작하기 전부터)',
      digest: '(짧은 시간에 함께 발생)',
      ended: '해소 (묶어서 알린 것)',
      affected: (count) => `(영향 ${count}개)`,
      more: (count) => `… 외 ${count}건`,
    },
    units: ['일', '시간', '분', '초'],
  },
};
