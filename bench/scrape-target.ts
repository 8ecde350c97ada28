import { createServer } from 'node:http';

/**
 * A process that is any number of targets: whatever is after the last slash of the path names one. A
 * target has the same series in the same order each time, with counters that have gone on.
 *
 *     node bench/scrape-target.ts SERIES     prints its port
 */
const series = Number(process.argv[2]);
/** Bodies are made once; a target begins anew after so many, its counters reset. */
const bodies = 32;

function bodyOf(round: number): Buffer {
  const lines: string[] = [];
  const paths = Math.ceil(series / 20);
  for (let metric = 0; metric < 20; metric++) {
    lines.push(`# TYPE bench_requests_${metric}_total counter`);
    for (let path = 0; path < paths && metric * paths + path < series; path++) {
      const value = round * ((path * 7 + metric) % 100) + path * 1000;
      lines.push(
        `bench_requests_${metric}_total{code="200",method="GET",path="/api/v1/p${path}"} ${value}`,
      );
    }
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

const made: Buffer[] = [];
const rounds = new Map<string, number>();
const server = createServer((request, response) => {
  const name = request.url ?? '';
  const round = rounds.get(name) ?? 0;
  rounds.set(name, round + 1);
  const number = round % bodies;
  made[number] ??= bodyOf(number);
  response.setHeader('content-type', 'text/plain; version=0.0.4').end(made[number]);
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : 0);
});
