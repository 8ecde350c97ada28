/** A `metric_relabel_configs` entry that drops what the cardinality page names. */
export function dropRule(what: {
  readonly metric?: string;
  readonly label?: string;
  readonly value?: string;
}): string {
  const lines = (source: string, regex: string): string =>
    ['metric_relabel_configs:', `  - source_labels: [${source}]`, `    regex: ${regex}`].join('\n');
  if (what.metric !== undefined) {
    return `${lines('__name__', yamlText(escapePattern(what.metric)))}\n    action: drop`;
  }
  if (what.label !== undefined && what.value !== undefined) {
    return `${lines(what.label, yamlText(escapePattern(what.value)))}\n    action: drop`;
  }
  return [
    'metric_relabel_configs:',
    `  - regex: ${yamlText(escapePattern(what.label ?? ''))}`,
    '    action: labeldrop',
  ].join('\n');
}

const escapePattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const yamlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
