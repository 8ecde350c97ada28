/** Where targets come from: static, files, HTTP, DNS, and whatever implements `Discoverer`. */
export type * from './contract.ts';
export { DiscoveryManager } from './manager.ts';
