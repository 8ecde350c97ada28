/** Threads that evaluate parts of queries. */
export type WorkerPool = never;
