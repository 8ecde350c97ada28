import { type Field, yamlKey } from './fields.ts';
import { configOverrides } from './load.ts';
import { configSchema } from './schema.ts';

/** The text of docs/config.md. */
export function configReference(): string {
  const lines = [
    '# Configuration',
    '',
    '<!-- Made from the schema by `node scripts/config-reference.ts`; edit src/config/schema.ts instead. -->',
    '',
    'Nunchi runs without a configuration file. To change something, write a YAML file and name it with',
    '`--config nunchi.yaml` or `NUNCHI_CONFIG`. `nunchi check-config nunchi.yaml` names every mistake with its',
    'line; unknown keys are mistakes.',
    '',
    '- Durations have units: `500ms`, `30s`, `5m`, `1h30m`, `7d`. So have sizes: `64MiB`, `10GiB`, `500MB`.',
    '- `${NAME}` in a value is replaced by the environment variable, `${NAME:-default}` uses the default where',
    '  it is unset or empty, `$$` is a dollar sign.',
    '- The file is read again when it changes and on SIGHUP, all or nothing: with any mistake the old',
    '  configuration stays in force. Keys marked "reload" take effect then, the others at the next start.',
    '',
    '## Flags and environment variables',
    '',
    'A variable wins over the file, a flag over both.',
    '',
    '| variable | flag | key |',
    '|---|---|---|',
    '| `NUNCHI_CONFIG` | `--config` | |',
    ...configOverrides.map(
      ({ variable, flagText, path }) =>
        `| \`${variable}\` | ${flagText === '' ? '' : `\`${flagText}\``} | \`${path.join('.')}\` |`,
    ),
    '',
  ];
  for (const [name, field] of Object.entries(configSchema.children ?? {})) {
    describeSection(yamlKey(name), field, lines);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function describeSection(path: string, field: Field<unknown>, lines: string[]): void {
  const children = Object.entries(field.children ?? {});
  const isList = field.kind === 'list';
  lines.push(`## ${path}${isList ? '[]' : ''}`, '', field.doc, '');
  const leaves = children.filter(([, child]) => child.kind !== 'section');
  if (leaves.length > 0) {
    lines.push('| key | type | default | | meaning |', '|---|---|---|---|---|');
    for (const [name, child] of leaves) {
      const value = child.defaultText === undefined ? '' : `\`${child.defaultText}\``;
      const reload = child.isReloadable ? 'reload' : '';
      lines.push(
        `| \`${yamlKey(name)}\` | ${child.type} | ${value} | ${reload} | ${child.doc.replaceAll('|', '\\|')} |`,
      );
    }
    lines.push('');
  }
  for (const [name, child] of children) {
    if (child.children !== undefined) {
      describeSection(`${path}${isList ? '[]' : ''}.${yamlKey(name)}`, child, lines);
    }
  }
}
