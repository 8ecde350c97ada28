/** What a pod's annotations ask for one of its containers and streams. */
export interface PodWishes {
  readonly parser: string | undefined;
  readonly exclude: boolean;
}

/**
 * Reads `fluentbit.io/parser[_stdout|_stderr][-CONTAINER]` and `fluentbit.io/exclude…`. The most
 * exact annotation counts: container and stream, container, stream, neither.
 */
export function podWishesOf(
  annotations: Readonly<Record<string, string>>,
  container: string,
  stream: string,
): PodWishes {
  const find = (what: string): string | undefined => {
    const base = `fluentbit.io/${what}`;
    return (
      annotations[`${base}_${stream}-${container}`] ??
      annotations[`${base}-${container}`] ??
      annotations[`${base}_${stream}`] ??
      annotations[base]
    );
  };
  return { parser: find('parser'), exclude: /^(?:true|on|yes)$/i.test(find('exclude') ?? '') };
}
