import { parseArgs } from 'node:util';
import { BodyReader, bodyEnd, bodyMetadata, bodyNewSeries } from '#metrics/exposition';
import { SampleBatch } from '#metrics/tsdb';

/**
 * Bodies of many targets, one after the other, each with the series of its last and other values, to
 * batches of samples: what a scrape costs between the socket and the store. Making the bodies is not
 * measured. Each value is checked by a sum that follows from the numbers written.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      targets: { type: 'string', default: '500' },
      series: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '5' },
    },
  });
  const targets = Number(values.targets);
  const series = Number(values.series);
  const readers = Array.from({ length: targets }, () => new BodyReader());
  const batch = new SampleBatch();
  let first = 0;
  const seconds: number[] = [];
  let bytes = 0;
  for (let round = 0; round <= Number(values.rounds); round++) {
    let cpu = 0;
    bytes = 0;
    for (let target = 0; target < targets; target++) {
      const { body, sum } = makeBody(target, round, series);
      bytes += body.length;
      const before = process.cpuUsage();
      readInto(batch, readers[target]!, body);
      const used = process.cpuUsage(before);
      cpu += (used.user + used.system) / 1e6;
      check(batch, series, sum);
      batch.clear();
    }
    if (round === 0) first = cpu;
    else seconds.push(cpu);
  }
  seconds.sort((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)]!;
  console.log(
    `${targets} targets of ${series} series, ${(bytes / 1e6).toFixed(0)} MB a round, checked`,
  );
  console.log(
    JSON.stringify({
      benchmark: 'scrape-parse',
      targets,
      series,
      bytesPerRound: bytes,
      firstCpuSeconds: Number(first.toFixed(3)),
      cpuSeconds: Number(median.toFixed(3)),
      samplesPerCpuSecond: Math.round((targets * series) / median),
      mbPerCpuSecond: Math.round(bytes / 1e6 / median),
      rssMiB: Math.round(process.memoryUsage.rss() / 1024 / 1024),
    }),
  );
}

function readInto(batch: SampleBatch, reader: BodyReader, body: Buffer): void {
  reader.begin(body, false);
  const { numbers } = reader;
  for (let found = reader.next(); found !== bodyEnd; found = reader.next()) {
    if (found === bodyMetadata) continue;
    // The labels of a new series would go to the store here, once.
    if (found === bodyNewSeries) reader.pairs();
    batch.add(reader.slot + 1, 1_700_000_000_000, numbers[0]!);
  }
  reader.commit();
}

const families = 40;

/** Counters, gauges with fractions, and bytes in exponent form, as exporters written in Go have them. */
function makeBody(
  target: number,
  round: number,
  series: number,
): { readonly body: Buffer; readonly sum: number } {
  const lines: string[] = [];
  let sum = 0;
  for (let index = 0; index < series; index++) {
    const family = Math.floor((index * families) / series);
    if (index === 0 || family !== Math.floor(((index - 1) * families) / series)) {
      lines.push(`# HELP container_metric_${family}_total Something that is counted by container.`);
      lines.push(`# TYPE container_metric_${family}_total counter`);
    }
    const value = valueAt(index, target, round);
    sum += value * (index + 1);
    const text =
      index % 3 === 2 && value >= 1e6 ? value.toExponential().replace('e+', 'e+0') : value;
    lines.push(
      `container_metric_${family}_total{container="app-${index % 20}",namespace="team-${index % 7}",pod="app-${target}-${index}"} ${text}`,
    );
  }
  return { body: Buffer.from(`${lines.join('\n')}\n`), sum };
}

function valueAt(index: number, target: number, round: number): number {
  const step = index * 7919 + target * 104_729 + round * 1_299_709;
  if (index % 3 === 0) return step % 100_000_000;
  if (index % 3 === 1) return (step % 1_000_003) / 977;
  return (step % 1_000_000) * 4096;
}

function check(batch: SampleBatch, series: number, want: number): void {
  let sum = 0;
  for (let at = 0; at < batch.length; at++) sum += batch.values[at]! * (at + 1);
  if (batch.length === series && sum === want) return;
  throw new Error(`${batch.length} samples with the sum ${sum}, not ${series} with ${want}`);
}
