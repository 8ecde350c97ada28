import type { Operation } from '../operation.ts';

export const logRecordOperations: readonly Operation[] = [];
