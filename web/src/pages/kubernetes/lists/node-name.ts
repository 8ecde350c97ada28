/**
 * Clouds name nodes by their whole domain: `ip-10-0-42-17.ap-northeast-2.compute.internal`. What tells
 * them apart is in front of it; an address has no domain.
 */
export function shortNodeName(name: string): string {
  return /^[\d.]+$/.test(name) ? name : name.replace(/\..*$/, '');
}
