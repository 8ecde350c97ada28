import { ApiError } from './client.ts';

const maxTries = 2;

/**
 * For `retry` of a query: a request that did not get through is sent again (a laptop changes its
 * network); what the server refuses it will refuse again.
 */
export const retryWhenAway = (failures: number, error: Error): boolean =>
  failures < maxTries && error instanceof ApiError && error.status === 0;
