/** Scraping: jobs, their targets, and the way from a body to the store. */
export type { LocalBody, LocalTargets } from './fetch.ts';
/** Bodies to batches, without the network: for benchmarks, and for whoever has bodies of their own. */
export { Ingest } from './ingest.ts';
export { type ActiveTarget, ScrapeManager, type ScrapeManagerDeps } from './manager.ts';
export { type BuiltTarget, buildTargets, type Target } from './target.ts';
