export * from '../../../src/dashboards/variables/layout.ts';
