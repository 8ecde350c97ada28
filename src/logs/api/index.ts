/** Our own HTTP API of logs. */
export type { LogsApiDeps } from './contract.ts';
export { logsApiEdge } from './edge.ts';
export type * from './wire.ts';
