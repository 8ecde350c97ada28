/** The HTTP server that carries every edge. */
export {
  type ApiRequest,
  type ApiRoute,
  apiRoute,
  closeSignal,
  type HttpMethod,
} from './api-route.ts';
export { isAllowed } from './auth.ts';
export type * from './contract.ts';
export { type ErrorBody, errorBody, statusOfError } from './http-errors.ts';
export { collectProcessMetrics } from './process-metrics.ts';
export {
  type NunchiServer,
  type ServerDeps,
  type ServerOptions,
  splitListen,
  startServer,
} from './server.ts';
