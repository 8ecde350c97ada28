/** The node agent: inputs, filters, spool, outputs. */
export * from './contract.ts';
