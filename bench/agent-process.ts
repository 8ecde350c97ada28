/**
 * One agent as a process of its own, for bench/agent.ts: reads `FOLDER/logs/*.log`, ships to the
 * server at URL, and once stopped tells what it cost.
 */

import { runAgent } from '#agent';
import { createLogger, MetricsRegistry, systemClock } from '#base';

const [folder, url] = process.argv.slice(2) as [string, string];
const controller = new AbortController();
let maxRss = 0;
const watch = setInterval(() => {
  maxRss = Math.max(maxRss, process.memoryUsage.rss());
}, 50);
process.on('message', () => controller.abort());
const metrics = new MetricsRegistry();
const started = process.cpuUsage();
process.send?.({ kind: 'started' });
await runAgent(
  {
    folder: `${folder}/agent`,
    host: 'bench-node',
    cluster: 'bench',
    server: { url },
    containerPaths: [`${folder}/logs/*.log`],
    filePaths: [],
    journal: 'off',
    kernelLog: 'off',
  },
  { clock: systemClock, logger: createLogger({ level: 'warn' }), metrics },
  controller.signal,
);
clearInterval(watch);
const cpu = process.cpuUsage(started);
const bootCpu = (started.user + started.system) / 1e6;
process.send?.({
  kind: 'done',
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  bootCpuSeconds: bootCpu,
  maxRssBytes: Math.max(maxRss, process.resourceUsage().maxRSS * 1024),
  metrics: metrics.render(),
});
process.disconnect?.();
