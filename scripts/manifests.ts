/** Writes deploy/manifests/nunchi.yaml: what the chart renders, for who has no helm. Needs helm. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const chart = fileURLToPath(new URL('../deploy/helm/nunchi', import.meta.url));
const folder = fileURLToPath(new URL('../deploy/manifests', import.meta.url));

const head = `# Nunchi without helm. Before it:
#   kubectl create namespace nunchi
#   kubectl -n nunchi create secret generic nunchi-admin --from-literal=admin-user=admin --from-literal=admin-password=...
# Then: kubectl apply --server-side -f nunchi.yaml
# Made from the chart by \`node scripts/manifests.ts\`; edit that instead.
`;

/** @throws what helm says */
export async function renderManifests(): Promise<string> {
  const options = ['--namespace', 'nunchi', '--set', 'existingSecret=nunchi-admin'];
  const { stdout } = await promisify(execFile)(
    'helm',
    ['template', 'nunchi', chart, ...options, '--api-versions', 'policy/v1'],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return `${head}${crds()}${stdout}`;
}

/** What helm installs of a chart's crds/ before the rest. */
function crds(): string {
  let names: string[] = [];
  try {
    names = readdirSync(`${chart}/crds`).sort();
  } catch {
    return '';
  }
  return names.map((name) => `---\n${readFileSync(`${chart}/crds/${name}`, 'utf8')}`).join('');
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/nunchi.yaml`, await renderManifests());
}
