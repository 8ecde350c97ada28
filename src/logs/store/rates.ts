const windowSeconds = 60;

interface GroupCounts {
  readonly events: Float64Array;
  readonly bytes: Float64Array;
  /** The second that each slot counts. */
  readonly seconds: Float64Array;
}

/** Acknowledged events and bytes by group over the last minute, in slots of one second. */
export class IngestRates {
  readonly #groups = new Map<string, GroupCounts>();

  add(group: string, events: number, bytes: number, monotonicMs: number): void {
    let counts = this.#groups.get(group);
    if (counts === undefined) {
      counts = {
        events: new Float64Array(windowSeconds),
        bytes: new Float64Array(windowSeconds),
        seconds: new Float64Array(windowSeconds).fill(-1),
      };
      this.#groups.set(group, counts);
    }
    const second = Math.floor(monotonicMs / 1000);
    const slot = second % windowSeconds;
    if (counts.seconds[slot] !== second) {
      counts.seconds[slot] = second;
      counts.events[slot] = 0;
      counts.bytes[slot] = 0;
    }
    counts.events[slot]! += events;
    counts.bytes[slot]! += bytes;
  }

  /** Per second. Groups without events in the last minute are left out and forgotten. */
  read(monotonicMs: number): Map<string, { events: number; bytes: number }> {
    const now = Math.floor(monotonicMs / 1000);
    const rates = new Map<string, { events: number; bytes: number }>();
    for (const [group, counts] of this.#groups) {
      let events = 0;
      let bytes = 0;
      for (let slot = 0; slot < windowSeconds; slot++) {
        if (counts.seconds[slot]! <= now - windowSeconds) continue;
        events += counts.events[slot]!;
        bytes += counts.bytes[slot]!;
      }
      if (events === 0) this.#groups.delete(group);
      else rates.set(group, { events: events / windowSeconds, bytes: bytes / windowSeconds });
    }
    return rates;
  }
}
