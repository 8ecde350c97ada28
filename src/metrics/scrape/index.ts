/** Scraping: jobs, their targets, and the way from a body to the store. */
export type { LocalTargets } from './fetch.ts';
export { type ActiveTarget, ScrapeManager, type ScrapeManagerDeps } from './manager.ts';
export { type BuiltTarget, buildTargets, type Target } from './target.ts';
