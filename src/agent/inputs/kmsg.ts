import { constants, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError, type Clock, describeError, isAbortError } from '#base';
import type { AgentEvent, RecordMap } from '../contract.ts';
import type { InputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';

const pollMs = 500;
const maxReadBytes = 64 * 1024;

/** One record of /dev/kmsg, `pri,seq,usec,flags;text`; undefined for continuation lines. */
export function kmsgEvent(
  line: string,
  bootMs: number,
):
  | { readonly event: AgentEvent; readonly sequence: number; readonly priority: number }
  | undefined {
  const match = /^(\d+),(\d+),(\d+),[^;]*;(.*)$/s.exec(line);
  if (match === null) return undefined;
  const priority = Number(match[1]) & 7;
  const sequence = Number(match[2]);
  const micros = Number(match[3]);
  const sec = Math.floor(micros / 1e6);
  const usec = micros % 1e6;
  const totalMicros = Math.round(bootMs * 1000) + micros;
  const time = { seconds: Math.floor(totalMicros / 1e6), nanoseconds: (totalMicros % 1e6) * 1000 };
  const record: RecordMap = new Map<string, string | number>([
    ['priority', priority],
    ['sequence', sequence],
    ['sec', sec],
    ['usec', usec],
    ['msg', unescapeKernel(match[4]!)],
  ]);
  return { event: { time, record }, sequence, priority };
}

function unescapeKernel(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** When the kernel's clock was zero, ms since the epoch. */
export function bootTimeMs(clock: Clock): number {
  const uptimeSeconds = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
  return clock.nowMs() - uptimeSeconds * 1000;
}

/** The kernel's log. */
export const kmsgInput: InputPlugin = {
  name: 'kmsg',
  options: { prio_level: option.integer, path: option.text },
  create: (settings, scope) => {
    const path = settings.text('path', '/dev/kmsg');
    const level = settings.number('prio_level', 8);
    const tag = settings.text('tag', settings.name);
    return {
      name: settings.name,
      run: async (context, signal) => {
        const saved = (await context.checkpoints()).find(({ key }) => key === 'kmsg')?.value;
        const bootId = readBootId();
        const known = saved as { boot?: string; sequence?: number } | undefined;
        let last = known?.boot === bootId ? (known?.sequence ?? -1) : -1;
        const bootMs = bootTimeMs(scope.clock);
        const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
          (cause: unknown) => {
            throw new AppError('KMSG_UNREADABLE', `The kernel log ${path} cannot be read`, {
              cause,
            });
          },
        );
        const buffer = Buffer.alloc(maxReadBytes);
        let rest = '';
        let position = 0;
        const isDevice = (await file.stat()).isCharacterDevice();
        try {
          while (!signal.aborted) {
            const { bytesRead } = await file
              .read(buffer, 0, buffer.length, isDevice ? null : position)
              .catch((error: NodeJS.ErrnoException) => {
                // The kernel wrote over what was next: go on with what is there.
                if (error.code === 'EPIPE') return { bytesRead: -1 };
                // Opened without blocking, so that a stop need not wait for the kernel's next word.
                if (error.code === 'EAGAIN') return { bytesRead: 0 };
                throw error;
              });
            if (bytesRead < 0) continue;
            position += bytesRead;
            const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
            rest = lines.pop() ?? '';
            const events: AgentEvent[] = [];
            for (const line of lines) {
              const entry = kmsgEvent(line, bootMs);
              if (entry === undefined || entry.sequence <= last) continue;
              last = entry.sequence;
              if (entry.priority < level) events.push(entry.event);
            }
            const value = { boot: bootId, sequence: last };
            if (events.length > 0)
              await context.emit(tag, events, [{ input: settings.name, key: 'kmsg', value }]);
            if (bytesRead === 0) await scope.clock.sleep(pollMs, signal);
          }
        } catch (error) {
          if (!isAbortError(error))
            scope.log.error('The kernel log cannot be read on', {
              path,
              reason: describeError(error),
            });
        } finally {
          await file.close();
        }
      },
    };
  },
};

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
