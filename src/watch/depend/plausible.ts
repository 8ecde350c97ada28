import type { Trouble } from '../contract.ts';

/** What a program looks like that does without something that it needs. */
const reasons = new Set(['Error', 'CrashLoopBackOff', 'NotReady', 'PodPending', 'NewErrorPattern']);
/** Ends that speak for themselves: no command, a bug in memory, an instruction that is not there. */
const ownExits = new Set([126, 127, 128, 132, 135, 136, 139, 159]);

/** Whether a trouble may come of what somebody else does not give. */
export const isPlausible = ({ reason, exitCode = 1 }: Trouble): boolean =>
  reasons.has(reason) && !ownExits.has(exitCode);
