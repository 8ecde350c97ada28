import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { backoffMs, type Clock, type Logger, type MetricsRegistry } from '#base';
import { agentCommand, warmUpAgent } from './agent-process.ts';

/** A child that lived this long is healthy again: the next death starts back-off from the bottom. */
const healthyAfterMs = 60_000;
/** The agent gets this long to deliver what it has read before it is killed; the spool keeps the rest. */
const stopTimeoutMs = 15_000;
const metricsTimeoutMs = 2000;

export interface AgentChildOptions {
  /** After `nunchi agent`. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Of the server; holds the agent's compiled sources. */
  readonly dataDir: string;
}

export interface AgentChild extends AsyncDisposable {
  /** The child's metrics in the text format; empty while it does not run or does not answer. */
  renderMetrics(): Promise<string>;
}

/**
 * Runs `nunchi agent` in a process of its own, so that collecting and querying share no event loop,
 * and starts it again with back-off when it dies.
 */
export function startAgentChild(
  options: AgentChildOptions,
  deps: { readonly clock: Clock; readonly log: Logger; readonly metrics: MetricsRegistry },
): AgentChild {
  const log = deps.log.child('agent-child');
  const restarts = deps.metrics.counter(
    'nunchi_agent_restarts_total',
    'Starts of the agent process after it died',
  );
  const stopping = new AbortController();
  let child: ChildProcess | undefined;

  const runOnce = async (): Promise<void> => {
    const command = agentCommand(options);
    child = spawn(command.program, command.args, {
      env: { ...command.env, NUNCHI_SUPERVISED: '1' },
      // The channel tells the child that its parent is gone, also after kill -9.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    try {
      const [code, signal] = await once(child, 'exit');
      if (!stopping.signal.aborted) log.error('The agent process died', { code, signal });
    } finally {
      child = undefined;
    }
  };

  const supervise = async (): Promise<void> => {
    await warmUpAgent(agentCommand(options));
    if (stopping.signal.aborted) return;
    for (let attempt = 0; ; attempt++) {
      const startedMs = deps.clock.monotonicMs();
      try {
        await runOnce();
      } catch (error) {
        log.error('Cannot start the agent process', { err: error });
      }
      if (stopping.signal.aborted) return;
      if (deps.clock.monotonicMs() - startedMs > healthyAfterMs) attempt = 0;
      try {
        await deps.clock.sleep(backoffMs(attempt, { baseMs: 500, maxMs: 30_000 }), stopping.signal);
      } catch {
        return; // Told to stop while waiting.
      }
      restarts.add(1);
    }
  };
  const supervising = supervise();

  // A parent that exits at once (second Ctrl-C) takes the child with it.
  const killNow = (): void => void child?.kill('SIGKILL');
  process.on('exit', killNow);

  return {
    renderMetrics: async () => {
      const target = child;
      if (target?.connected !== true) return '';
      const answer = new Promise<string>((resolve) => {
        const onMessage = (message: unknown): void => {
          if (typeof message !== 'object' || message === null || !('metrics' in message)) return;
          done(String(message.metrics));
        };
        const timer = setTimeout(() => done(''), metricsTimeoutMs);
        const done = (text: string): void => {
          clearTimeout(timer);
          target.off('message', onMessage);
          resolve(text);
        };
        target.on('message', onMessage);
      });
      target.send('metrics', () => {});
      return answer;
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      child?.kill('SIGTERM');
      const timer = setTimeout(killNow, stopTimeoutMs);
      await supervising;
      clearTimeout(timer);
      process.off('exit', killNow);
    },
  };
}

/** Answers the parent's questions. @returns a signal that aborts when the parent is gone */
export function serveParent(metrics: MetricsRegistry): AbortSignal {
  const gone = new AbortController();
  process.on('message', (message) => {
    if (message === 'metrics') process.send?.({ metrics: metrics.render() });
  });
  process.on('disconnect', () =>
    gone.abort(new DOMException('The parent process is gone', 'AbortError')),
  );
  return gone.signal;
}
