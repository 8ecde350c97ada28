/** Ways in for other shippers, and for our own agents. */
export { type AgentBatchDeps, agentBatchEdge } from './agent-batches.ts';
export { AgentRegistry, type KnownAgent } from './agents.ts';
export { type AuditDeps, auditEdge } from './audit.ts';
export type { EventRouting, ReceiveDeps } from './contract.ts';
export { type ForwardOptions, startForwardServer } from './forward.ts';
export { forwardDefaults } from './forward-router.ts';
export { type IngestReport, linesEdge } from './lines.ts';
export { lokiDefaults, lokiEdge } from './loki.ts';
export { otlpDefaults, otlpEdge } from './otlp.ts';
export {
  type SyslogOptions,
  type SyslogServer,
  startSyslogServer,
  syslogDefaults,
} from './syslog.ts';
export type { StreamListener } from './tcp.ts';
