import { both, type Text } from './language.ts';

/** Signals of Linux by number (x86-64 and arm64 agree). */
const signals: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  16: 'SIGSTKFLT',
  17: 'SIGCHLD',
  18: 'SIGCONT',
  19: 'SIGSTOP',
  20: 'SIGTSTP',
  21: 'SIGTTIN',
  22: 'SIGTTOU',
  23: 'SIGURG',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  26: 'SIGVTALRM',
  27: 'SIGPROF',
  28: 'SIGWINCH',
  29: 'SIGIO',
  30: 'SIGPWR',
  31: 'SIGSYS',
};

/** What signals mean for a container. */
export const signalWords: Readonly<Record<number, Text>> = {
  1: {
    en: 'its terminal was closed, or it was told to read its configuration again',
    ko: '터미널이 닫혔거나, 설정을 다시 읽으라는 신호를 받았어요',
  },
  2: { en: 'interrupted', ko: '인터럽트됐어요' },
  3: { en: 'told to quit with a dump', ko: '덤프를 남기고 끝내라는 신호를 받았어요' },
  4: {
    en: 'an instruction that this processor does not have',
    ko: '이 CPU에 없는 명령어를 실행했어요',
  },
  5: {
    en: 'a breakpoint, or an assertion that failed',
    ko: '중단점에 걸렸거나 assert가 실패했어요',
  },
  6: {
    en: 'it gave up by itself: an assertion, an exception that nobody caught, or no memory left',
    ko: '스스로 중단했어요 (assert 실패, 처리되지 않은 예외, 메모리 부족)',
  },
  7: {
    en: 'memory that is not there: often a full /dev/shm or a file that was cut short',
    ko: '없는 메모리에 접근했어요. /dev/shm이 가득 찼거나 파일이 잘린 경우가 많아요',
  },
  8: { en: 'a division by zero', ko: '0으로 나눴어요' },
  9: {
    en: 'by the kernel for want of memory, after a failed liveness probe, or because it did not stop within its grace period',
    ko: '메모리가 부족해 커널이 종료했거나, liveness 프로브가 실패했거나, 유예 시간 안에 끝나지 않았어요',
  },
  11: {
    en: 'it touched memory that is not its own: a bug in it or in a library of it',
    ko: '잘못된 메모리에 접근했어요. 프로그램이나 라이브러리의 버그예요',
  },
  13: { en: 'it wrote to a connection that was closed', ko: '닫힌 연결에 썼어요' },
  14: { en: 'a timer of its own', ko: '스스로 설정한 타이머예요' },
  15: { en: 'asked to stop', ko: '종료 요청을 받았어요' },
  24: { en: 'more CPU time than its ulimit', ko: 'CPU 시간이 ulimit을 넘었어요' },
  25: { en: 'a file larger than its ulimit', ko: '파일 크기가 ulimit을 넘었어요' },
  31: {
    en: 'a system call that its seccomp profile forbids',
    ko: 'seccomp 프로필이 막은 시스템 콜을 호출했어요',
  },
};

export const exitWords: Readonly<Record<number, Text>> = {
  1: { en: 'the program ended with an error of its own', ko: '프로그램이 자체 오류로 끝났어요' },
  2: {
    en: 'wrong arguments, or a panic of a Go program',
    ko: '인수가 잘못됐거나 Go 프로그램의 panic이에요',
  },
  64: { en: 'wrong arguments', ko: '인수가 잘못됐어요' },
  65: { en: 'wrong input', ko: '입력이 잘못됐어요' },
  66: { en: 'an input file is missing', ko: '입력 파일이 없어요' },
  69: { en: 'a service that it needs is not there', ko: '필요한 서비스를 쓸 수 없어요' },
  70: { en: 'an internal error of the program', ko: '프로그램 내부 오류예요' },
  71: { en: 'an error of the operating system', ko: '운영체제 오류예요' },
  73: { en: 'a file cannot be created', ko: '파일을 만들 수 없어요' },
  74: { en: 'an error of input or output', ko: '입출력 오류예요' },
  75: {
    en: 'a failure that passes, for it to be tried again',
    ko: '일시적인 실패예요. 다시 시도하면 돼요',
  },
  77: { en: 'a permission is missing', ko: '권한이 없어요' },
  78: { en: 'its configuration is wrong', ko: '설정이 잘못됐어요' },
  101: {
    en: 'a panic of a Rust program, or an error of its own',
    ko: 'Rust 프로그램의 panic이거나 자체 오류예요',
  },
  125: { en: 'the container could not be run', ko: '컨테이너를 실행할 수 없었어요' },
  126: {
    en: 'the command cannot be executed: no permission, or no program',
    ko: '명령을 실행할 수 없어요. 권한이 없거나 실행 파일이 아니에요',
  },
  127: {
    en: 'the command, or a library that it needs, is not in the image',
    ko: '명령이나 필요한 라이브러리가 이미지에 없어요',
  },
  128: {
    en: 'the container could not be started, or ended with an invalid exit code',
    ko: '컨테이너를 시작할 수 없었거나 잘못된 종료 코드로 끝났어요',
  },
  255: {
    en: 'the program ended with -1, or its exit code is out of range',
    ko: '프로그램이 -1로 끝났거나 종료 코드가 범위를 벗어났어요',
  },
};

const ownCode: Text = {
  en: 'an exit code of the program itself',
  ko: '프로그램이 정한 종료 코드예요',
};

/**
 * `exit code 139, killed by SIGSEGV: it touched …`, for every code from 1 to 255.
 * @param why what is known of a kill beside its signal; undefined: nothing
 */
export function explainExit(exitCode: number, signal: number | undefined, why?: Text): Text {
  const number = signal !== undefined && signal > 0 ? signal : exitCode > 128 ? exitCode - 128 : 0;
  const name = signals[number];
  // Of the C library: 32 and 33 are its own.
  if (name !== undefined || (number >= 32 && number <= 64)) {
    const meaning = why ?? signalWords[number];
    const by = name ?? `signal ${number}`;
    return both((language) => {
      const words = meaning === undefined ? '' : `: ${meaning[language]}`;
      return language === 'ko'
        ? `종료 코드 ${exitCode}, ${name ?? `${number}번`} 신호로 종료${words}`
        : `exit code ${exitCode}, killed by ${by}${words}`;
    });
  }
  const words = exitWords[exitCode] ?? ownCode;
  return { en: `exit code ${exitCode}: ${words.en}`, ko: `종료 코드 ${exitCode}: ${words.ko}` };
}
