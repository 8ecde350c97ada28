export * from '../../../src/dashboards/fields/read-results.ts';
