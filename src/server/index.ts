/** The HTTP server that carries every edge. */
export type * from './contract.ts';
