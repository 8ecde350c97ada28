/** Ways in for other shippers, and for our own agents. */
export { type AgentBatchDeps, agentBatchEdge } from './agent-batches.ts';
