import type { Operation } from '../operation.ts';

/**
 * Lists of things that do not exist here. Tools ask for them on their way (Terraform reads index
 * policies with every log group), and an empty list is the truth; what would create such a thing
 * answers UnknownOperationException.
 */
const listMembers: Readonly<Record<string, string>> = {
  DescribeAccountPolicies: 'accountPolicies',
  DescribeConfigurationTemplates: 'configurationTemplates',
  DescribeDeliveries: 'deliveries',
  DescribeDeliveryDestinations: 'deliveryDestinations',
  DescribeDeliverySources: 'deliverySources',
  DescribeDestinations: 'destinations',
  DescribeExportTasks: 'exportTasks',
  DescribeFieldIndexes: 'fieldIndexes',
  DescribeIndexPolicies: 'indexPolicies',
  DescribeResourcePolicies: 'resourcePolicies',
  ListAggregateLogGroupSummaries: 'aggregateLogGroupSummaries',
  ListAnomalies: 'anomalies',
  ListIntegrations: 'integrationSummaries',
  ListLogAnomalyDetectors: 'anomalyDetectors',
  ListScheduledQueries: 'scheduledQueries',
};

export const emptyOperations: readonly Operation[] = Object.entries(listMembers).map(
  ([name, member]) => ({ name, access: 'read', run: async () => ({ [member]: [] }) }),
);
