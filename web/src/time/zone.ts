export * from '../../../src/time/zone.ts';
