import { createInterface } from 'node:readline';
import { isAbortError } from '#base';
import type { AgentEvent } from '../contract.ts';
import type { InputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { parseJsonRecord } from '../records/json-parse.ts';
import { eventTimeNow } from './clock-time.ts';

/** Makes events by itself, for trying out pipelines. */
export const dummyInput: InputPlugin = {
  name: 'dummy',
  options: {
    dummy: option.text,
    metadata: option.text,
    rate: option.number,
    samples: option.integer,
    copies: option.integer,
    interval_sec: option.integer,
    interval_nsec: option.integer,
    start_time_sec: option.integer,
    start_time_nsec: option.integer,
    fixed_timestamp: option.bool,
  },
  create: (settings, scope) => {
    const text = settings.text('dummy', '{"message":"dummy"}');
    if (parseJsonRecord(text) === undefined)
      throw settings.problem(`dummy: '${text}' is no JSON object`, 'dummy');
    const rate = settings.number('rate', 1);
    if (!(rate > 0)) throw settings.problem('dummy: rate must be > 0', 'rate');
    const intervalMs =
      settings.number('interval_sec', 0) * 1000 + settings.number('interval_nsec', 0) / 1e6 ||
      1000 / rate;
    const samples = settings.number('samples', 0);
    const copies = settings.number('copies', 1);
    const startSeconds = settings.number('start_time_sec');
    const tag = settings.text('tag', settings.name);
    return {
      name: settings.name,
      run: async (context, signal) => {
        for (let count = 0; !signal.aborted && (samples === 0 || count < samples); count++) {
          const time =
            startSeconds === undefined
              ? eventTimeNow(scope.clock)
              : {
                  seconds: startSeconds + (settings.bool('fixed_timestamp', false) ? 0 : count),
                  nanoseconds: settings.number('start_time_nsec', 0),
                };
          const events = Array.from(
            { length: copies },
            (): AgentEvent => ({ time, record: parseJsonRecord(text)! }),
          );
          await context.emit(tag, events);
          await scope.clock.sleep(intervalMs, signal).catch(() => {});
        }
      },
    };
  },
};

/** Lines of standard input: JSON objects, or what a parser makes of them. */
export const stdinInput: InputPlugin = {
  name: 'stdin',
  options: { parser: option.text, buffer_size: option.size },
  create: (settings, scope) => {
    const name = settings.text('parser');
    const parser = name === undefined ? undefined : scope.parsers.parser(name);
    if (name !== undefined && parser === undefined)
      throw settings.problem(`stdin: parser '${name}' is not registered`, 'parser');
    const tag = settings.text('tag', settings.name);
    return {
      name: settings.name,
      run: async (context, signal) => {
        const lines = createInterface({ input: process.stdin, signal });
        try {
          for await (const line of lines) {
            if (line.trim() === '') continue;
            const parsed = parser?.parse(line);
            const record = parsed?.record ?? parseJsonRecord(line) ?? new Map([['log', line]]);
            await context.emit(tag, [{ time: parsed?.time ?? eventTimeNow(scope.clock), record }]);
          }
        } catch (error) {
          if (!isAbortError(error)) throw error;
        }
      },
    };
  },
};
