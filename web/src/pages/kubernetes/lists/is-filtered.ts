interface Filters {
  readonly namespace: string;
  readonly search: string;
  readonly health: string;
  readonly labels: string;
}

/**
 * Whether a list without rows may have some that its filters hide. What the page is about (`scope`) is no
 * filter, though the link has it too.
 */
export const isFiltered = (filters: Filters, scope: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(filters).some(([name, value]) => value !== '' && scope[name] === undefined);
