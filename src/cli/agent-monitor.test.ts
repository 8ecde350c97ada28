import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricsRegistry } from '#base';
import { openAgentMonitor } from './agent-monitor.ts';

describe('the agent’s own listener', () => {
  it('answers metrics, health and readiness, and nothing else', async () => {
    const metrics = new MetricsRegistry();
    metrics.counter('nunchi_agent_test_total', 'A counter').add(3);
    const stop = new AbortController();
    await using monitor = await openAgentMonitor('127.0.0.1:0', metrics, stop.signal);
    const ask = async (path: string, method = 'GET'): Promise<[number, string]> => {
      const answer = await fetch(`http://127.0.0.1:${monitor.port}${path}`, { method });
      return [answer.status, await answer.text()];
    };
    const [status, text] = await ask('/metrics?x=1');
    assert.equal(status, 200);
    assert.match(text, /^nunchi_agent_test_total 3$/m);
    assert.match(text, /^process_resident_memory_bytes \d+$/m);
    assert.deepEqual(await ask('/-/healthy'), [200, 'ok\n']);
    assert.deepEqual(await ask('/-/ready'), [200, 'ready\n']);
    assert.equal((await ask('/'))[0], 404);
    assert.equal((await ask('/metrics', 'POST'))[0], 405);
    stop.abort();
    assert.deepEqual(await ask('/-/ready'), [503, 'stopping\n']);
    await assert.rejects(
      openAgentMonitor(`127.0.0.1:${monitor.port}`, new MetricsRegistry(), stop.signal),
      /Cannot listen on 127\.0\.0\.1/,
    );
  });
});
