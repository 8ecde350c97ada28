import { testStockFiles } from './exactly-once.ts';

testStockFiles('container-insights');
