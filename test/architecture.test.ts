import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Modules by layer. A module may import modules of lower layers, and of its own layer where the
 * list says so: base <- formats and engines <- stores <- queries <- protocols and roles <- wiring.
 */
const layers: readonly (readonly string[])[] = [
  ['base', 'time'],
  ['metrics/model'],
  [
    'config',
    'dashboards/catalogue',
    'dashboards/model',
    'go-template',
    'kubernetes/cadvisor',
    'kubernetes/client',
    'kubernetes/owner-names',
    'logs/batch',
    'logs/filter-pattern',
    'logs/insights',
    'metrics/chunks',
    'metrics/exposition',
    'metrics/relabel',
    'picture',
    'sigv4',
    'slack',
    'wire',
  ],
  [
    'aws-client',
    'dashboards/shipped',
    'dashboards/variables',
    'kubernetes/cluster',
    'kubernetes/identity',
    'metrics/config',
  ],
  ['dashboards/fields', 'dashboards/marks'],
  ['dashboards/pictures'],
  ['logs/store', 'metrics/http', 'metrics/tsdb', 'metrics/promql', 'state'],
  ['logs/lookup-tables', 'logs/pods', 'logs/to-metrics', 'metrics/discovery', 'metrics/drop-rules'],
  [
    'kubernetes/built-in',
    'kubernetes/changes',
    'kubernetes/container-insights',
    'kubernetes/discovery',
    'kubernetes/events',
    'kubernetes/usage',
    'logs/queries',
    'metrics/scrape',
    'metrics/rules',
  ],
  ['alerting/expressions'],
  ['metrics/notifier', 'alerting', 'dashboards/data-sources', 'dashboards/store'],
  ['alerting/rules', 'dashboards/provisioning'],
  ['alerting/notifications'],
  ['alerting/provisioning'],
  ['watch', 'chat'],
  ['server', 'host', 'demo'],
  ['kubernetes/control-plane'],
  [
    'alerting/api',
    'aws',
    'chat/api',
    'dashboards/api',
    'dashboards/data-sources/api',
    'dashboards/reports',
    'logs/receive',
    'logs/api',
    'agent',
    'kubernetes/api',
    'kubernetes/rules',
    'kubernetes/operator',
    'kubernetes/resource-metrics',
    'kubernetes/state-metrics',
    'metrics/api',
    'picture/api',
    'metrics/remote',
    'watch/api',
  ],
  ['alerting/grafana-api'],
  ['cli'],
  ['main'],
];

/** Exceptions within a layer or upwards, each with its reason. */
const allowed: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [
  { from: 'logs/filter-pattern', to: 'logs/insights', why: 'one compiler of linear-time patterns' },
  { from: 'logs/insights', to: 'logs/store', why: 'types only: what @ptr is made of' },
  {
    from: 'alerting/expressions',
    to: 'dashboards/data-sources',
    why: 'types only: what a data frame is; data sources carry expressions out',
  },
  { from: 'metrics/exposition', to: 'wire', why: 'one reader of the protobuf wire format' },
];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.includes('testdata'));
const modules = new Set(
  globSync('src/**/index.ts', { cwd: root })
    .map((file) => dirname(file).replace(/^src\//, ''))
    .filter((folder) => layers.flat().includes(folder) || !isInside(folder)),
);

/** A folder within a module has no public file of its own. */
function isInside(folder: string): boolean {
  const parts = folder.split('/');
  return parts.some((_, end) => end > 0 && layers.flat().includes(parts.slice(0, end).join('/')));
}

function moduleOf(file: string): string {
  if (file === 'src/main.ts') return 'main';
  let folder = dirname(file).replace(/^src\/?/, '');
  while (folder !== '.' && folder !== '' && !modules.has(folder)) folder = posix.dirname(folder);
  return folder;
}

function importsOf(file: string): Import[] {
  // Strings within template literals and comments do not look like this at the start of a line.
  const text = readFileSync(`${root}/${file}`, 'utf8');
  const found: Import[] = [];
  const statements =
    /^(?:import|export)(\s+type)?\b[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  for (const match of text.matchAll(statements)) {
    const specifier = match[2] ?? match[3] ?? match[4];
    if (specifier === undefined) continue;
    found.push({ file, from: moduleOf(file), specifier, isTypeOnly: match[1] !== undefined });
  }
  return found;
}

const imports = files.flatMap(importsOf);
const layerOf = (module: string): number => layers.findIndex((names) => names.includes(module));

describe('architecture', () => {
  it('every module has a layer', () => {
    const unknown = [...modules].filter((module) => layerOf(module) < 0);
    assert.deepEqual(unknown, [], 'add the module to the layers in test/architecture.test.ts');
  });

  it('modules meet only at their public files', () => {
    const strays = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .filter(({ file, from, specifier }) => {
        const target = posix.join(dirname(file), specifier);
        return target.startsWith('src/') && moduleOf(target) !== from;
      })
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    assert.deepEqual(strays, []);
  });

  it('every #import names a module', () => {
    const unknown = imports
      .filter(({ specifier }) => specifier.startsWith('#') && !modules.has(specifier.slice(1)))
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    assert.deepEqual(unknown, []);
  });

  it('dependencies point one way', () => {
    const upward = imports
      .filter(({ specifier }) => specifier.startsWith('#'))
      .map((entry) => ({ ...entry, to: entry.specifier.slice(1) }))
      // Tests may use what they like to set a scene.
      .filter(
        ({ file }) => !/\.(test|fixture|cases)\.ts$/.test(file) && !file.includes('/testing/'),
      )
      .filter(({ from, to }) => from !== to && layerOf(to) >= layerOf(from))
      .filter(({ from, to }) => !allowed.some((pair) => pair.from === from && pair.to === to))
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    assert.deepEqual(upward, []);
  });

  it('only main wires: roles do not know each other', () => {
    const roles = layers.find((names) => names.includes('demo'))!;
    const pairs = imports
      .filter(({ file }) => !/\.(test|fixture|cases)\.ts$/.test(file))
      .filter(({ from, specifier }) => roles.includes(from) && roles.includes(specifier.slice(1)))
      .filter(({ from, specifier }) => specifier.slice(1) !== from)
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    assert.deepEqual(pairs, []);
  });

  it('nothing names the place where it was made', () => {
    const tracked = globSync(
      [
        'src/**/*',
        'web/{index.html,src/**/*}',
        'test/**/*',
        'bench/*',
        'scripts/*',
        'docs/**/*.md',
        '*.md',
        '.ci/*',
      ],
      { cwd: root, exclude: (path) => /node_modules|testdata|dist|bench\/data/.test(String(path)) },
    ).filter((file) => /\.(ts|tsx|md|css|html|yaml|json|sh)$|\.ci\/run$/.test(file));
    const forbidden = [['/', 'work', '/'].join(''), ['br', 'ief.md'].join('')];
    const strays = tracked.filter((file) => {
      const text = readFileSync(`${root}/${file}`, 'utf8');
      return forbidden.some((word) => text.includes(word));
    });
    assert.deepEqual(strays, []);
  });
});
