import type { Operation } from './operation.ts';
import { emptyOperations } from './operations/empty.ts';
import { eventOperations } from './operations/events.ts';
import { filterOperations } from './operations/filters.ts';
import { groupOperations } from './operations/groups.ts';
import { liveTailOperations } from './operations/live-tail.ts';
import { logRecordOperations } from './operations/log-record.ts';
import { lookupTableOperations } from './operations/lookup-tables.ts';
import { putLogEventsOperations } from './operations/put-log-events.ts';
import { queryOperations } from './operations/queries.ts';
import { queryDefinitionOperations } from './operations/query-definitions.ts';
import { streamOperations } from './operations/streams.ts';
import { subscriptionFilterOperations } from './operations/subscription-filters.ts';
import { tagOperations } from './operations/tags.ts';

/** All operations of CloudWatch Logs that are answered, by name. */
export const logsOperations: ReadonlyMap<string, Operation> = new Map(
  [
    ...groupOperations,
    ...tagOperations,
    ...streamOperations,
    ...putLogEventsOperations,
    ...eventOperations,
    ...logRecordOperations,
    ...queryOperations,
    ...queryDefinitionOperations,
    ...lookupTableOperations,
    ...filterOperations,
    ...subscriptionFilterOperations,
    ...liveTailOperations,
    ...emptyOperations,
  ].map((operation) => [operation.name, operation]),
);
