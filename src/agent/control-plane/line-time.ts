const klogHead = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3})/;
const logfmtTime = /^time="?([^" ]{10,40})/;
/** A header is 21 bytes, a quoted time 40 at most. */
const headBytes = 64;
const stageTime = Buffer.from('"stageTimestamp":"');
const maxTimeBytes = 40;
const dayMs = 86_400_000;

/**
 * The time that a line of a control plane carries, Unix ms: klog's header (in this machine's zone,
 * without a year), an audit event's `stageTimestamp`, logfmt's `time`. NaN where there is none.
 */
export function controlPlaneTimeMs(
  bytes: Buffer,
  start: number,
  end: number,
  nowMs: number,
): number {
  if (bytes[start] === 0x7b) return auditTimeMs(bytes.subarray(start, end));
  const head = bytes.toString('latin1', start, Math.min(end, start + headBytes));
  const klog = klogHead.exec(head);
  if (klog !== null) return klogTimeMs(klog, nowMs);
  const logfmt = logfmtTime.exec(head);
  return logfmt === null ? Number.NaN : Date.parse(logfmt[1]!);
}

/** The last one: objects of the request may hold anything, and stand before it. */
function auditTimeMs(line: Buffer): number {
  const at = line.lastIndexOf(stageTime);
  if (at < 0) return Number.NaN;
  const from = at + stageTime.length;
  const to = line.indexOf(0x22, from);
  if (to < 0 || to - from > maxTimeBytes) return Number.NaN;
  return Date.parse(line.toString('latin1', from, to));
}

function klogTimeMs(match: RegExpExecArray, nowMs: number): number {
  const [month, day, hour, minute, second, ms] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const year = new Date(nowMs).getFullYear();
  const at = (inYear: number): number =>
    new Date(inYear, month - 1, day, hour, minute, second, ms).getTime();
  // Lines of last December, read in January.
  return at(year) > nowMs + dayMs ? at(year - 1) : at(year);
}
