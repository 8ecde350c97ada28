import { type Collector, NoData } from '../contract.ts';

/** `struct timex` of 64-bit Linux: 26 words, see adjtimex(2). */
const structBytes = 208;
const atOffset = 8;
const atFrequency = 16;
const atMaxError = 24;
const atEstimatedError = 32;
const atStatus = 40;
const atConstant = 48;
const atTick = 88;
const atPpsFrequency = 96;
const atPpsJitter = 104;
const atPpsShift = 112;
const atPpsStability = 120;
const atPpsJitterCount = 128;
const atPpsCalibrationCount = 136;
const atPpsErrorCount = 144;
const atPpsStabilityCount = 152;
const atTai = 160;

/** Offsets are in nanoseconds, not microseconds. */
const statusNano = 0x2000;
/** What adjtimex answers while the clock is not synchronized. */
const clockError = 5;
/** Frequencies come in millionths, with 16 binary digits of fraction. */
const frequencyUnit = 1e6 * 65536;

/** Fills the struct and returns the state of the clock. */
export type Adjtimex = (timex: Buffer) => number;

interface ForeignFunctions {
  dlopen(
    path: string | null,
    functions: Readonly<Record<string, { readonly arguments: string[]; readonly return: string }>>,
  ): { readonly functions: Readonly<Record<string, (pointer: bigint) => unknown>> };
  getRawPointer(buffer: Buffer): bigint;
}

/**
 * adjtimex(2) of the C library that Node runs on; it only reads with `modes` 0. Undefined where this
 * Node cannot call it, or on machines whose struct has another form.
 */
export function openAdjtimex(): Adjtimex | undefined {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined;
  // Node warns of experimental modules on stderr, which here holds nothing but log lines.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const ffi = (process.getBuiltinModule as (name: string) => unknown)('node:ffi') as
      | ForeignFunctions
      | undefined;
    const adjtimex = ffi?.dlopen(null, { adjtimex: { arguments: ['pointer'], return: 'i32' } })
      .functions['adjtimex'];
    if (ffi === undefined || adjtimex === undefined) return undefined;
    return (timex) => Number(adjtimex(ffi.getRawPointer(timex)));
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** node_exporter's `timex`. */
export function timexCollector(open: () => Adjtimex | undefined = openAdjtimex): Collector {
  let adjtimex: Adjtimex | undefined | 'closed' = 'closed';
  const timex = Buffer.alloc(structBytes);
  return {
    name: 'timex',
    collect: (_files, sink) => {
      if (adjtimex === 'closed') adjtimex = open();
      if (adjtimex === undefined) throw new NoData('adjtimex cannot be called');
      timex.fill(0);
      const state = adjtimex(timex);
      if (state < 0) throw new Error('adjtimex failed');
      const long = (at: number): number => Number(timex.readBigInt64LE(at));
      const status = timex.readInt32LE(atStatus);
      const divisor = (status & statusNano) === 0 ? 1e6 : 1e9;
      const gauge = (name: string, help: string, value: number): void =>
        sink.gauge(`node_timex_${name}`, help, value);
      const counter = (name: string, help: string, value: number): void =>
        sink.counter(`node_timex_${name}`, help, value);
      gauge(
        'sync_status',
        'Is clock synchronized to a reliable server (1 = yes, 0 = no).',
        state === clockError ? 0 : 1,
      );
      gauge(
        'offset_seconds',
        'Time offset in between local system and reference clock.',
        long(atOffset) / divisor,
      );
      gauge(
        'frequency_adjustment_ratio',
        'Local clock frequency adjustment.',
        1 + long(atFrequency) / frequencyUnit,
      );
      gauge('maxerror_seconds', 'Maximum error in seconds.', long(atMaxError) / 1e6);
      gauge('estimated_error_seconds', 'Estimated error in seconds.', long(atEstimatedError) / 1e6);
      gauge('status', 'Value of the status array bits.', status);
      gauge('loop_time_constant', 'Phase-locked loop time constant.', long(atConstant));
      gauge('tick_seconds', 'Seconds between clock ticks.', long(atTick) / 1e6);
      gauge(
        'pps_frequency_hertz',
        'Pulse per second frequency.',
        long(atPpsFrequency) / frequencyUnit,
      );
      gauge('pps_jitter_seconds', 'Pulse per second jitter.', long(atPpsJitter) / divisor);
      gauge(
        'pps_shift_seconds',
        'Pulse per second interval duration.',
        timex.readInt32LE(atPpsShift),
      );
      gauge(
        'pps_stability_hertz',
        'Pulse per second stability, average of recent frequency changes.',
        long(atPpsStability) / frequencyUnit,
      );
      counter(
        'pps_jitter_total',
        'Pulse per second count of jitter limit exceeded events.',
        long(atPpsJitterCount),
      );
      counter(
        'pps_calibration_total',
        'Pulse per second count of calibration intervals.',
        long(atPpsCalibrationCount),
      );
      counter(
        'pps_error_total',
        'Pulse per second count of calibration errors.',
        long(atPpsErrorCount),
      );
      counter(
        'pps_stability_exceeded_total',
        'Pulse per second count of stability limit exceeded events.',
        long(atPpsStabilityCount),
      );
      gauge(
        'tai_offset_seconds',
        'International Atomic Time (TAI) offset.',
        timex.readInt32LE(atTai),
      );
    },
  };
}
