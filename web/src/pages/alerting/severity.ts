/** Whether an alert says of itself that it can wait. Without a severity it cannot. */
export const isMild = (labels: Readonly<Record<string, string>>): boolean =>
  /^(warning|info|none)$/i.test(labels['severity'] ?? '');
