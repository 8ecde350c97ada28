/** Counted per instance, with the meanings of Fluent Bit's metrics. All only grow. */
export interface InputCounts {
  records: number;
  bytes: number;
}

export interface FilterCounts {
  added: number;
  dropped: number;
}

export interface OutputCounts {
  procRecords: number;
  procBytes: number;
  errors: number;
  retries: number;
  retriesFailed: number;
  retriedRecords: number;
  droppedRecords: number;
}

export class PipelineStats {
  readonly inputs: Map<string, InputCounts> = new Map();
  readonly filters: Map<string, FilterCounts> = new Map();
  readonly outputs: Map<string, OutputCounts> = new Map();

  input(name: string): InputCounts {
    return this.#of(this.inputs, name, () => ({ records: 0, bytes: 0 }));
  }

  filter(name: string): FilterCounts {
    return this.#of(this.filters, name, () => ({ added: 0, dropped: 0 }));
  }

  output(name: string): OutputCounts {
    return this.#of(this.outputs, name, () => ({
      procRecords: 0,
      procBytes: 0,
      errors: 0,
      retries: 0,
      retriesFailed: 0,
      retriedRecords: 0,
      droppedRecords: 0,
    }));
  }

  #of<T>(map: Map<string, T>, name: string, make: () => T): T {
    let counts = map.get(name);
    if (counts === undefined) {
      counts = make();
      map.set(name, counts);
    }
    return counts;
  }
}
