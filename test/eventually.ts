const leastPauseMs = 50;
const longestPauseMs = 1000;

/**
 * Asks until the answer is there. What takes long to ask is asked less often: a question is often a
 * program of its own, and what is waited for needs the processors too.
 * @throws that there was none in time, with what `tell` says and the last failure as its cause
 */
export async function eventually<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  withinMs = 120_000,
  tell: () => string = () => '',
): Promise<T> {
  const startMs = performance.now();
  let failure: unknown;
  for (;;) {
    const askedMs = performance.now();
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    const answeredMs = performance.now();
    if (answeredMs - startMs > withinMs) {
      throw new Error(`No answer within ${withinMs} ms. ${tell()}`, { cause: failure });
    }
    const pauseMs = Math.min(longestPauseMs, Math.max(leastPauseMs, 3 * (answeredMs - askedMs)));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
