/** For tests: waits for a condition by looking again and again, at most `timeoutMs`. */
export async function until(condition: () => boolean, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain`);
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
  }
}
