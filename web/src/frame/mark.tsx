import type { ReactNode } from 'react';

/** An eye under a raised brow: nunchi is reading the room. */
export function Mark({ size = 24 }: { readonly size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="oklch(0.56 0.17 295)" />
      <path
        d="M6 17c3-5.400 6.300-8 10-8s7 2.600 10 8"
        fill="none"
        stroke="#fff"
        strokeWidth="2.600"
        strokeLinecap="round"
      />
      <circle cx="16" cy="18.500" r="4.500" fill="#fff" />
    </svg>
  );
}
