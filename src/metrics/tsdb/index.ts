/** The metric store: its contract. */
export * from './contract.ts';
