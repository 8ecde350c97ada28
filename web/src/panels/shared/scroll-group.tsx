import type { ComponentProps, ReactNode } from 'react';

/** What scrolls and can be reached by keys. No landmark: a dashboard has dozens of them. */
export function ScrollGroup({
  label,
  children,
  ...rest
}: Omit<ComponentProps<'div'>, 'role' | 'tabIndex'> & {
  readonly label: string | undefined;
}): ReactNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset belongs to a form.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <div role="group" tabIndex={0} aria-label={label} {...rest}>
      {children}
    </div>
  );
}
