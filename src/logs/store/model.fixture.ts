import type { EventPageRequest, LogEvent } from './contract.ts';

/** The plainest store there is: an array. What the real one must agree with. */
export class ModelStore {
  events: LogEvent[] = [];
  readonly groups: Map<string, Set<string>> = new Map();

  append(events: readonly LogEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      const streams = this.groups.get(event.group) ?? new Set();
      streams.add(event.stream);
      this.groups.set(event.group, streams);
    }
  }

  deleteGroup(group: string): void {
    this.groups.delete(group);
    this.events = this.events.filter((event) => event.group !== group);
  }

  deleteStream(group: string, stream: string): void {
    this.groups.get(group)?.delete(stream);
    this.events = this.events.filter((event) => event.group !== group || event.stream !== stream);
  }

  read(request: EventPageRequest): LogEvent[] {
    const sign = request.direction === 'forward' ? 1 : -1;
    const compare = (
      a: { timestampMs: number; sequence: number },
      b: { timestampMs: number; sequence: number },
    ): number => sign * (a.timestampMs - b.timestampMs || a.sequence - b.sequence);
    return this.events
      .filter(
        (event) =>
          request.groups.includes(event.group) &&
          (request.streams === undefined || request.streams.includes(event.stream)) &&
          (request.streamPrefix === undefined || event.stream.startsWith(request.streamPrefix)) &&
          event.timestampMs >= request.fromMs &&
          event.timestampMs <= request.toMs &&
          (request.contains ?? []).every((text) => event.message.includes(text)) &&
          request.accept?.(event.message) !== false &&
          (request.after === undefined || compare(event, request.after) > 0),
      )
      .sort(compare);
  }
}
