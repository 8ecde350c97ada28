import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from './contract.ts';
import { parseAllowList } from './label-names.ts';
import { resourceNames, StateMetrics } from './registry.ts';

export interface Kinded extends KubernetesObject {
  readonly kind: string;
}

/** The plural of a kind, as the API forms it. */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === 'endpoints') return lower;
  if (lower.endsWith('y')) return `${lower.slice(0, -1)}ies`;
  return lower.endsWith('s') ? `${lower}es` : `${lower}s`;
}

export function objectsOf(file: string): readonly Kinded[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    const value: unknown = document.toJS();
    return value as Kinded;
  });
}

export function registryOf(objects: readonly Kinded[]): StateMetrics {
  const labels = parseAllowList(['pods=[app,app.kubernetes.io/*],namespaces=[*]']);
  const annotations = parseAllowList(['pods=[example.com/owner]']);
  assert.ok(labels instanceof Map && annotations instanceof Map);
  const registry = new StateMetrics({
    labels,
    annotations,
    onFault: ({ error }) => assert.fail(String(error)),
  });
  for (const object of objects) {
    const resource = pluralOf(object.kind);
    assert.ok(resourceNames.includes(resource), resource);
    registry.upsert(resource, object);
  }
  return registry;
}
