import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ManualClock } from '#base';
import { PipelineStats } from '../pipeline/stats.ts';
import { MonitorServer } from './monitor.ts';
import { checkText } from './testing.ts';

it('MonitorServer answers as Fluent Bit does', async () => {
  const { config } = checkText(
    '[SERVICE]\n  HTTP_Server On\n  HTTP_Listen 127.0.0.1\n  HTTP_Port 0\n  Health_Check On\n  HC_Errors_Count 2\n  HC_Period 10\n',
  );
  const clock = new ManualClock(1_000_000);
  const stats = new PipelineStats();
  stats.input('tail.0').records = 3;
  const output = stats.output('cloudwatch_logs.0');
  output.procRecords = 2;
  await using server = await MonitorServer.open(config.service, {
    clock,
    stats,
    version: '1.2.3',
    hostname: 'h',
  });
  const get = async (path: string, method = 'GET'): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return `${response.status} ${await response.text()}`;
  };
  clock.jumpTo(1_065_000);
  assert.equal(
    await get('/'),
    '200 {"fluent-bit":{"version":"1.2.3","edition":"Nunchi","flags":[]}}',
  );
  assert.equal(
    await get('/api/v1/uptime'),
    '200 {"uptime_sec":65,"uptime_hr":"Fluent Bit has been running: 1 minute, 5 seconds"}',
  );
  assert.match(await get('/api/v1/metrics'), /"tail.0":\{"records":3,"bytes":0\}/);
  assert.match(
    await get('/api/v1/metrics/prometheus'),
    /^fluentbit_output_proc_records_total\{name="cloudwatch_logs\.0"\} 2$/m,
  );
  assert.equal(await get('/api/v1/health'), '200 ok\n');
  output.errors = 3;
  assert.equal(await get('/api/v1/health'), '500 error\n');
  clock.jumpTo(1_070_000);
  assert.equal(await get('/api/v1/health'), '500 error\n'); // still within the period
  clock.jumpTo(1_095_000);
  assert.equal(await get('/api/v1/health'), '200 ok\n');
  assert.match(await get('/api/v2/reload', 'PUT'), /^400 .*not enabled/);
  assert.match(await get('/api/v2/reload', 'DELETE'), /^405/);
  assert.match(await get('/nope'), /^404/);
});
