import { useEffect, useState } from 'react';

export interface Loaded<T> {
  readonly value?: T;
  readonly error?: Error;
}

/**
 * What the server answers, asked again when `key` is another; the answer of before stays until then.
 * For lists that ask the server themselves, as no query of the panel does.
 */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says when the question is another.
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setLoaded({ value }),
      (error: unknown) => {
        if (!controller.signal.aborted) {
          setLoaded({ error: error instanceof Error ? error : new Error(String(error)) });
        }
      },
    );
    return () => controller.abort();
  }, [key]);
  return loaded;
}
