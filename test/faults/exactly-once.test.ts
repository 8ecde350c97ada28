import { testDefaultPipeline } from './exactly-once.ts';

testDefaultPipeline();
