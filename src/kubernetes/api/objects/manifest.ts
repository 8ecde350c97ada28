import { stringify } from 'yaml';

/** Written by `kubectl apply`: the manifest again, secrets and all. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

interface Manifest {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    annotations?: Record<string, string>;
    managedFields?: unknown;
    [key: string]: unknown;
  };
  data?: Record<string, unknown> | null;
  stringData?: Record<string, unknown> | null;
  [key: string]: unknown;
}

/**
 * An object as YAML, without who manages which field. What a Secret holds is replaced by its size,
 * also where the manifest that was applied repeats it.
 */
export function manifestYaml(object: unknown): {
  readonly yaml: string;
  readonly redacted: boolean;
} {
  const manifest = structuredClone(object) as Manifest;
  if (manifest.metadata !== undefined) delete manifest.metadata.managedFields;
  const redacted = manifest.kind === 'Secret';
  if (redacted) redact(manifest);
  // Longer lines are folded otherwise, and what is folded cannot be searched.
  return { yaml: stringify(manifest, { lineWidth: 0 }), redacted };
}

function redact(manifest: Manifest): void {
  const { annotations } = manifest.metadata ?? {};
  if (annotations !== undefined) delete annotations[lastApplied];
  if (manifest.data) manifest.data = redacted(manifest.data, 'base64');
  if (manifest.stringData) manifest.stringData = redacted(manifest.stringData, 'utf8');
}

function redacted(
  data: Readonly<Record<string, unknown>>,
  encoding: BufferEncoding,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      `<redacted, ${Buffer.byteLength(String(value ?? ''), encoding)} bytes>`,
    ]),
  );
}
