import { type ChildProcess, spawn } from 'node:child_process';
import { AppError, describeError } from '#base';
import type { AgentEvent, InputContext, RecordMap } from '../contract.ts';
import type { InputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { eventTimeNow } from './clock-time.ts';

/** Of one line; longer ones come in pieces, as in Fluent Bit. */
const defaultLineBytes = 4096;
/** A command that does not end when asked to is killed after this long. */
const killAfterMs = 2000;
/** What is kept of what a command complains about. */
const maxComplaintChars = 500;

/** Runs a command of the shell again and again (or once) and takes the lines that it prints. */
export const execInput: InputPlugin = {
  name: 'exec',
  options: {
    command: option.text,
    parser: option.text,
    interval_sec: option.integer,
    interval_nsec: option.integer,
    buf_size: option.size,
    oneshot: option.bool,
    exit_after_oneshot: option.bool,
    propagate_exit_code: option.noEffect('the agent ends with its own exit code'),
  },
  create: (settings, scope) => {
    const command = settings.required('command');
    const name = settings.text('parser');
    const parser = name === undefined ? undefined : scope.parsers.parser(name);
    if (name !== undefined && parser === undefined) {
      throw settings.problem(`exec: parser '${name}' is not registered`, 'parser');
    }
    const intervalMs =
      settings.number('interval_sec', 1) * 1000 + settings.number('interval_nsec', 0) / 1e6;
    if (!(intervalMs > 0)) {
      throw settings.problem('exec: interval_sec and interval_nsec must be > 0', 'interval_sec');
    }
    const maxLineBytes = settings.size('buf_size', defaultLineBytes);
    if (!(maxLineBytes > 0)) throw settings.problem('exec: buf_size must be > 0', 'buf_size');
    const endsAfterwards = settings.bool('exit_after_oneshot', false);
    const isOneshot = endsAfterwards || settings.bool('oneshot', false);
    const tag = settings.text('tag', settings.name);
    const eventOf = (line: string): AgentEvent => {
      const parsed = parser?.parse(line);
      const record: RecordMap = parsed?.record ?? new Map([['exec', line]]);
      return { time: parsed?.time ?? eventTimeNow(scope.clock), record };
    };
    return {
      name: settings.name,
      run: async (context, signal) => {
        while (!signal.aborted) {
          const startedMs = scope.clock.monotonicMs();
          try {
            const emit = (lines: string[]): Promise<void> => context.emit(tag, lines.map(eventOf));
            await runCommand(command, scope.env, maxLineBytes, emit, signal);
          } catch (error) {
            if (signal.aborted) return;
            scope.log.warn('A command failed', {
              input: settings.name,
              command,
              reason: describeError(error),
            });
          }
          if (isOneshot) break;
          const spentMs = scope.clock.monotonicMs() - startedMs;
          await scope.clock.sleep(Math.max(0, intervalMs - spentMs), signal).catch(() => {});
        }
        // Where every input has come to its end, so has the agent.
        if (endsAfterwards) return;
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      },
    };
  },
};

/**
 * Lines of a command's output as they come; reading waits while the pipeline does.
 * @throws {AppError} COMMAND_FAILED when it ends with another code than 0
 */
async function runCommand(
  command: string,
  env: InputEnvironment,
  maxLineBytes: number,
  emit: (lines: string[]) => ReturnType<InputContext['emit']>,
  signal: AbortSignal,
): Promise<void> {
  // A group of its own, so that whatever the shell has started can be ended with it.
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-maxComplaintChars);
  });
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killedBy) =>
      resolve(code === 0 ? undefined : `it ended with ${killedBy ?? `code ${code}`}`),
    );
  });
  ended.catch(() => {});
  const stop = (): void => end(child);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const piece of child.stdout as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([rest, piece]);
      const lines: string[] = [];
      let start = 0;
      for (;;) {
        let stopAt = bytes.indexOf(10, start);
        if (stopAt === -1 && bytes.length - start < maxLineBytes) break;
        if (stopAt === -1 || stopAt - start > maxLineBytes) stopAt = start + maxLineBytes;
        if (stopAt > start) lines.push(bytes.toString('utf8', start, stopAt));
        start = bytes[stopAt] === 10 ? stopAt + 1 : stopAt;
      }
      rest = bytes.subarray(start);
      if (lines.length > 0) await emit(lines);
    }
    if (rest.length > 0) await emit([rest.toString('utf8')]);
    const trouble = await ended;
    if (trouble !== undefined) {
      const said = complaint.trim();
      throw new AppError('COMMAND_FAILED', said === '' ? trouble : `${trouble}: ${said}`);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (child.exitCode === null && child.signalCode === null) end(child);
  }
}

type InputEnvironment = Readonly<Record<string, string | undefined>>;

/** Asks the command and what it has started to end, then makes them. */
function end(child: ChildProcess): void {
  const kill = (how: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, how);
    } catch {
      // Gone already.
    }
  };
  kill('SIGTERM');
  const timer = setTimeout(() => kill('SIGKILL'), killAfterMs);
  timer.unref();
  child.once('close', () => clearTimeout(timer));
}
