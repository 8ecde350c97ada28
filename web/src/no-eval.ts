/**
 * `@grafana/data` checks its themes with zod as it is loaded, and zod tries whether it may compile
 * functions. The policy of the console allows none, and each try would be reported as a breach of it.
 * zod reads this before anything else, so it is set before any page is loaded.
 */
(globalThis as { __zod_globalConfig?: { jitless: boolean } }).__zod_globalConfig = {
  jitless: true,
};
