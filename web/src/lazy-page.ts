import { lazyRouteComponent } from '@tanstack/react-router';

/** Waits before a page's files are asked for again, ms. */
const retryDelaysMs: readonly number[] = [300, 1200, 3000];

/**
 * A route's component in a chunk of its own. Its files are asked for again by themselves when a request
 * did not get through: a browser drops what is under way when the machine changes its network.
 */
export function lazyPage<Module extends Record<string, unknown>>(
  load: () => Promise<Module>,
  name: keyof Module & string,
): ReturnType<typeof lazyRouteComponent> {
  return lazyRouteComponent(() => loadAgain(load) as Promise<Record<string, never>>, name);
}

/** For `lazy()` of a part of a page: `lazy(() => loadAgain(async () => …))`. */
export async function loadAgain<Module>(load: () => Promise<Module>): Promise<Module> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await reloadFailedStyles();
    }
  }
  return await load();
}

/** A style sheet is asked for once by the loader: one that failed would stay away for good. */
async function reloadFailedStyles(): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]');
  const failed = [...links].filter(({ sheet }) => sheet === null);
  await Promise.all(
    failed.map(
      (link) =>
        new Promise<void>((resolve) => {
          const again = document.createElement('link');
          again.rel = 'stylesheet';
          again.href = link.href;
          // The next try says what still fails.
          again.onload = again.onerror = () => resolve();
          link.replaceWith(again);
        }),
    ),
  );
}
