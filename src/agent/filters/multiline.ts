import type { AgentEvent, FilterContext } from '../contract.ts';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import type { LineJoin, LineJoiner } from '../multiline/joiner.ts';
import { RuleMachines } from '../multiline/rules.ts';
import type { MultilineSpec } from '../multiline/spec.ts';

interface Stream {
  readonly joiner: LineJoiner;
  /** The first event of the open group, which becomes the joined one. */
  open: AgentEvent | undefined;
  text: string;
  touchedMs: number;
  tag: string;
}

const maxStreams = 10_000;

/** Events that came out of a filter by its timer: they pass it when they come by again. */
const joined = new WeakSet<AgentEvent>();

/** Joins events whose texts belong together (stack traces), per tag and output stream. */
export const multilineFilter: FilterPlugin = {
  name: 'multiline',
  options: {
    'multiline.parser': option.list,
    'multiline.key_content': option.text,
    mode: option.text,
    buffer: option.bool,
    flush_ms: option.integer,
    emitter_name: option.noEffect('events re-enter without an emitter'),
    'emitter_storage.type': option.noEffect('events re-enter before they are stored'),
    emitter_mem_buf_limit: option.noEffect('events re-enter before they are stored'),
    debug_flush: option.noEffect('it is for debugging Fluent Bit'),
  },
  create: (settings, scope) => {
    const mode = settings.text('mode', 'parser').toLowerCase();
    if (mode !== 'parser' && mode !== 'partial_message') {
      throw settings.problem(
        `multiline: mode must be parser or partial_message, not '${mode}'`,
        'mode',
      );
    }
    const key = settings.text('multiline.key_content') ?? (mode === 'parser' ? undefined : 'log');
    if (key === undefined)
      throw settings.problem("multiline: the property 'multiline.key_content' is required");
    const specs = settings.list('multiline.parser').map((name): MultilineSpec => {
      const spec = scope.parsers.multiline(name);
      if (spec === undefined) {
        throw settings.problem(
          `multiline: multiline parser '${name}' is not registered`,
          'multiline.parser',
        );
      }
      return spec;
    });
    if (mode === 'parser' && specs.length === 0)
      throw settings.problem("multiline: the property 'multiline.parser' is required");
    const flushMs = settings.number('flush_ms', 2000);
    const buffer = settings.bool('buffer', true);
    const maxChars = scope.multilineBufferBytes;
    const streams = new Map<string, Stream>();
    let timer: NodeJS.Timeout | undefined;

    const close = (stream: Stream): AgentEvent | undefined => {
      const event = stream.open;
      if (event === undefined) return undefined;
      stream.open = undefined;
      event.record.set(key, stream.text);
      stream.text = '';
      return event;
    };
    const reemit = async (
      context: FilterContext,
      isDue: (stream: Stream) => boolean,
    ): Promise<void> => {
      const byTag = new Map<string, AgentEvent[]>();
      for (const [id, stream] of streams) {
        if (!isDue(stream)) continue;
        stream.joiner.reset();
        const event = close(stream);
        streams.delete(id);
        if (event === undefined) continue;
        joined.add(event);
        byTag.set(stream.tag, [...(byTag.get(stream.tag) ?? []), event]);
      }
      for (const [tag, events] of byTag) await context.reemit(tag, events);
    };
    const arm = (context: FilterContext): void => {
      if (timer !== undefined || streams.size === 0) return;
      timer = setTimeout(() => {
        timer = undefined;
        const limitMs = scope.clock.monotonicMs() - flushMs;
        reemit(context, (stream) => stream.touchedMs <= limitMs).then(
          () => arm(context),
          (err: unknown) =>
            scope.log.error('Joined events could not re-enter the pipeline', {
              filter: settings.name,
              err,
            }),
        );
      }, flushMs);
      timer.unref();
    };
    const streamOf = (tag: string, event: AgentEvent): Stream => {
      const own = mode === 'parser' ? event.record.get('stream') : event.record.get('partial_id');
      const id = `${tag}\n${typeof own === 'string' ? own : ''}`;
      let stream = streams.get(id);
      if (stream === undefined) {
        const joiner = mode === 'parser' ? joinerOf(specs) : partialJoiner;
        stream = { joiner, open: undefined, text: '', touchedMs: 0, tag };
        streams.set(id, stream);
      }
      stream.touchedMs = scope.clock.monotonicMs();
      return stream;
    };
    return {
      name: settings.name,
      apply: async (tag, events, context) => {
        const out: AgentEvent[] = [];
        const put = (event: AgentEvent | undefined): void => {
          if (event !== undefined) out.push(event);
        };
        for (const event of events) {
          const content = event.record.get(key);
          if (joined.has(event) || typeof content !== 'string') {
            out.push(event);
            continue;
          }
          const stream = streamOf(tag, event);
          const join =
            mode === 'parser'
              ? stream.joiner.accept(content)
              : partialJoin(event, stream.open !== undefined);
          if (join === 'alone' || join === 'starts') put(close(stream));
          if (join === 'alone') {
            if (mode === 'partial_message') clearPartial(event);
            out.push(event);
            continue;
          }
          const glue =
            stream.open === undefined || mode === 'partial_message' || stream.text.endsWith('\n')
              ? ''
              : '\n';
          if (stream.open === undefined) {
            if (mode === 'partial_message') clearPartial(event);
            stream.open = event;
          }
          stream.text += glue + content;
          if (join === 'ends' || stream.text.length >= maxChars) put(close(stream));
        }
        if (!buffer || streams.size > maxStreams) {
          for (const stream of streams.values()) {
            stream.joiner.reset();
            put(close(stream));
          }
          streams.clear();
        }
        arm(context);
        return out;
      },
      flush: async (context) => {
        clearTimeout(timer);
        timer = undefined;
        await reemit(context, () => true);
      },
    };
  },
};

function joinerOf(specs: readonly MultilineSpec[]): LineJoiner {
  const [first] = specs;
  if (first !== undefined && first.type !== 'regex') return new EndJoiner(first);
  return new RuleMachines(specs.map((spec) => spec.rules));
}

/** For the types `endswith` and `equal`: a group goes on until its last line. */
class EndJoiner implements LineJoiner {
  readonly #spec: MultilineSpec;
  #isOpen = false;

  constructor(spec: MultilineSpec) {
    this.#spec = spec;
  }

  accept(line: string): LineJoin {
    const wanted = this.#spec.matchString ?? '';
    const hit = this.#spec.type === 'equal' ? line === wanted : line.endsWith(wanted);
    const ends = hit !== (this.#spec.negate === true);
    const wasOpen = this.#isOpen;
    this.#isOpen = !ends;
    if (ends) return wasOpen ? 'ends' : 'alone';
    return wasOpen ? 'continues' : 'starts';
  }

  reset(): void {
    this.#isOpen = false;
  }
}

const partialJoiner: LineJoiner = { accept: () => 'alone', reset: () => {} };

/** Docker's fluentd log driver marks the pieces of a long line. */
function partialJoin({ record }: AgentEvent, isOpen: boolean): LineJoin {
  if (String(record.get('partial_message')) !== 'true') return 'alone';
  if (String(record.get('partial_last')) === 'true') return isOpen ? 'ends' : 'alone';
  return isOpen ? 'continues' : 'starts';
}

function clearPartial({ record }: AgentEvent): void {
  for (const key of ['partial_message', 'partial_id', 'partial_ordinal', 'partial_last'])
    record.delete(key);
}
