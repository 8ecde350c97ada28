import { wantedRecords } from './machine.ts';
import type { AgentOptions } from './options.ts';

/**
 * Loads the parts that `runAgent` loads when it needs them, so that their compiled sources are in the
 * cache of the program: an agent that does not find them there holds the compiler in its memory.
 */
export async function preloadAgent(options: AgentOptions): Promise<void> {
  const { journal = 'off', kernelLog = 'off', env = {} } = options;
  const wanted = wantedRecords({ journal, kernelLog }, env);
  if (wanted.journal || wanted.kernelLog) await import('./records.ts');
  if (options.metrics === undefined) return;
  await import('../metrics/run.ts');
  if (options.metrics.kubelet !== undefined) await import('../kubelet/run.ts');
}
