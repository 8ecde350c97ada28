/** Scrape jobs that a cluster has without anybody's configuration. */
export { readsAnnotations } from './annotations.ts';
export { type BuiltInOptions, builtInJobs, builtInNames } from './built-in.ts';
export { proxyPrefix } from './kubelet.ts';
