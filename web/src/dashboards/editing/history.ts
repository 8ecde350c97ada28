/** What is edited, with what it was before each step. */
export interface History<T> {
  readonly present: T;
  readonly past: readonly T[];
  readonly future: readonly T[];
  /** Of the last step: steps with the same name are one, as letters of a word are. */
  readonly step: string | undefined;
}

/** Older steps than these cannot be taken back. */
const maxSteps = 100;

export const startHistory = <T>(present: T): History<T> => ({
  present,
  past: [],
  future: [],
  step: undefined,
});

export function changed<T>(history: History<T>, present: T, step?: string): History<T> {
  if (present === history.present) return history;
  const isSameStep = step !== undefined && step === history.step && history.past.length > 0;
  const past = isSameStep ? history.past : [...history.past, history.present].slice(-maxSteps);
  return { present, past, future: [], step };
}

export function undone<T>(history: History<T>): History<T> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  const future = [history.present, ...history.future];
  return { present, past: history.past.slice(0, -1), future, step: undefined };
}

export function redone<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { present, past: [...history.past, history.present], future, step: undefined };
}
