import { testStockFiles } from './exactly-once.ts';

testStockFiles('eks-addon');
