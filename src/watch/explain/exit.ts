/** Signals of Linux by number (x86-64 and arm64 agree), with what they mean for a container. */
const signals: Readonly<Record<number, readonly [name: string, words?: string]>> = {
  1: ['SIGHUP', 'its terminal was closed, or it was told to read its configuration again'],
  2: ['SIGINT', 'interrupted'],
  3: ['SIGQUIT', 'told to quit with a dump'],
  4: ['SIGILL', 'an instruction that this processor does not have'],
  5: ['SIGTRAP', 'a breakpoint, or an assertion that failed'],
  6: [
    'SIGABRT',
    'it gave up by itself: an assertion, an exception that nobody caught, or no memory left',
  ],
  7: ['SIGBUS', 'memory that is not there: often a full /dev/shm or a file that was cut short'],
  8: ['SIGFPE', 'a division by zero'],
  9: ['SIGKILL'],
  10: ['SIGUSR1'],
  11: ['SIGSEGV', 'it touched memory that is not its own: a bug in it or in a library of it'],
  12: ['SIGUSR2'],
  13: ['SIGPIPE', 'it wrote to a connection that was closed'],
  14: ['SIGALRM', 'a timer of its own'],
  15: ['SIGTERM', 'asked to stop'],
  16: ['SIGSTKFLT'],
  17: ['SIGCHLD'],
  18: ['SIGCONT'],
  19: ['SIGSTOP'],
  20: ['SIGTSTP'],
  21: ['SIGTTIN'],
  22: ['SIGTTOU'],
  23: ['SIGURG'],
  24: ['SIGXCPU', 'more CPU time than its ulimit'],
  25: ['SIGXFSZ', 'a file larger than its ulimit'],
  26: ['SIGVTALRM'],
  27: ['SIGPROF'],
  28: ['SIGWINCH'],
  29: ['SIGIO'],
  30: ['SIGPWR'],
  31: ['SIGSYS', 'a system call that its seccomp profile forbids'],
};

const codes: Readonly<Record<number, string>> = {
  1: 'the program ended with an error of its own',
  2: 'wrong arguments, or a panic of a Go program',
  64: 'wrong arguments',
  65: 'wrong input',
  66: 'an input file is missing',
  69: 'a service that it needs is not there',
  70: 'an internal error of the program',
  71: 'an error of the operating system',
  73: 'a file cannot be created',
  74: 'an error of input or output',
  75: 'a failure that passes, for it to be tried again',
  77: 'a permission is missing',
  78: 'its configuration is wrong',
  101: 'a panic of a Rust program, or an error of its own',
  125: 'the container could not be run',
  126: 'the command cannot be executed: no permission, or no program',
  127: 'the command, or a library that it needs, is not in the image',
  128: 'the container could not be started, or ended with an invalid exit code',
  255: 'the program ended with -1, or its exit code is out of range',
};

const killed =
  'by the kernel for want of memory, after a failed liveness probe, or because it did not stop within its grace period';

/**
 * `exit code 139, killed by SIGSEGV: it touched …`, for every code from 1 to 255.
 * @param why what is known of a kill beside its signal; undefined: nothing
 */
export function explainExit(exitCode: number, signal: number | undefined, why?: string): string {
  const number = signal !== undefined && signal > 0 ? signal : exitCode > 128 ? exitCode - 128 : 0;
  const known = signals[number];
  if (known !== undefined) {
    const [name, words] = known;
    const meaning = why ?? (number === 9 ? killed : words);
    return `exit code ${exitCode}, killed by ${name}${meaning === undefined ? '' : `: ${meaning}`}`;
  }
  // Of the C library: 32 and 33 are its own.
  if (number >= 32 && number <= 64) return `exit code ${exitCode}, killed by signal ${number}`;
  const words = codes[exitCode] ?? 'an exit code of the program itself';
  return `exit code ${exitCode}: ${words}`;
}
