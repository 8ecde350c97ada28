import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricsRegistry, systemClock } from '#base';
import { AgentRegistry, type AgentReport, parseReport } from './agents.ts';

const quiet: AgentReport = {
  host: 'node-1',
  version: '1.0',
  files: 3,
  lagBytes: 0,
  spoolBytes: 0,
  spoolFrames: 0,
  spoolFull: false,
  kubeletNode: undefined,
  droppedEvents: 0,
};

function registry(): {
  agents: AgentRegistry;
  pass: (ms: number) => void;
  metrics: MetricsRegistry;
} {
  let nowMs = 1_000_000;
  const metrics = new MetricsRegistry();
  const agents = new AgentRegistry({ ...systemClock, nowMs: () => nowMs }, metrics);
  return {
    agents,
    metrics,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

describe('AgentRegistry', () => {
  it('goes by the host once it is known, also over a restart with another id', () => {
    const { agents } = registry();
    agents.batch('uuid-a', 7, 100);
    assert.deepEqual(
      agents.list().map(({ id, lagMs }) => [id, lagMs]),
      [['uuid-a', null]],
    );
    agents.report('uuid-a', { ...quiet, droppedEvents: 5 });
    agents.batch('uuid-b', 1, 10);
    agents.report('uuid-b', { ...quiet, droppedEvents: 2 });
    const [agent, ...others] = agents.list();
    assert.deepEqual(others, []);
    assert.equal(agent?.id, 'node-1');
    assert.equal(agent?.lastBatchNumber, 1);
    assert.equal(agent?.droppedEvents, 7);
  });

  it('knows whose kubelet is scraped by an agent that is heard of', () => {
    const { agents, pass } = registry();
    agents.report('a', { ...quiet, kubeletNode: 'n1' });
    agents.report('b', { ...quiet, host: 'node-2' });
    assert.deepEqual([...agents.kubeletNodes()], ['n1']);
    pass(50_000);
    agents.report('b', { ...quiet, host: 'node-2', kubeletNode: 'n2' });
    pass(20_000);
    assert.deepEqual([...agents.kubeletNodes()], ['n2']);
    agents.report('b', { ...quiet, host: 'node-2' });
    assert.deepEqual([...agents.kubeletNodes()], []);
    assert.equal(parseReport({ host: 'a', kubeletNode: 'n1' })?.kubeletNode, 'n1');
    assert.equal(parseReport({ host: 'a', kubeletNode: 7 })?.kubeletNode, undefined);
  });

  it('tells how long an agent has been behind, and when it is silent', () => {
    const { agents, pass, metrics } = registry();
    agents.report('a', quiet);
    pass(10_000);
    agents.report('a', { ...quiet, lagBytes: 1e9 });
    pass(80_000);
    agents.report('a', { ...quiet, lagBytes: 1e9 });
    assert.equal(agents.list()[0]?.lagMs, 90_000);
    assert.match(metrics.render(), /nunchi_agents\{state="behind"\} 1/);
    agents.report('a', quiet);
    assert.equal(agents.list()[0]?.lagMs, 0);
    pass(6 * 60_000);
    assert.match(metrics.render(), /nunchi_agents\{state="silent"\} 1/);
    pass(24 * 60 * 60_000);
    assert.deepEqual(agents.list(), []);
  });

  it('keeps a moving rate and a bounded number of agents', () => {
    const { agents, pass } = registry();
    for (let second = 0; second < 300; second++) {
      agents.batch('a', second + 1, 50);
      pass(1000);
    }
    const rate = agents.list()[0]?.eventsPerSecond ?? 0;
    assert.ok(rate > 40 && rate < 60, String(rate));
    for (let i = 0; i < 6000; i++) agents.report(`s${i}`, { ...quiet, host: `h${i}` });
    assert.equal(agents.list().length, 5000);
    assert.equal(agents.list()[0]?.id, 'h5999');
  });
});

describe('parseReport()', () => {
  it('takes nothing but numbers, texts and flags', () => {
    assert.equal(parseReport(null), undefined);
    assert.equal(parseReport({ host: 3 }), undefined);
    assert.deepEqual(parseReport({ host: 'h', lagBytes: 'x', files: -1, spoolFull: 1 }), {
      ...quiet,
      host: 'h',
      version: undefined,
      files: 0,
    });
  });
});
