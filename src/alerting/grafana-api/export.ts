import { stringify } from 'yaml';
import { hclText } from './hcl.ts';
import { type Answer, badRequest, type Call, type Json } from './http.ts';

/** What is exported, in the shape of a file of provisioning, and as resources of Terraform. */
export interface ExportDocument {
  readonly file: Json;
  readonly resources: () => readonly HclResource[];
}

export interface HclResource {
  /** `grafana_rule_group` */
  readonly type: string;
  readonly name: string;
  readonly body: HclBody;
}

/** Attributes are values; blocks are lists of bodies. */
export interface HclBody {
  readonly attributes: Json;
  readonly blocks?: readonly (readonly [name: string, body: HclBody])[];
}

/** `?format=yaml|json|hcl&download=true` */
export function exportAnswer({ query, headers }: Call, document: ExportDocument): Answer {
  const isJson = (headers.accept ?? '').startsWith('application/json');
  const format = query.get('format') ?? (isJson ? 'json' : 'yaml');
  const made = (extension: string, type: string, text: string): Answer => ({
    status: 200,
    text,
    type,
    ...(query.get('download') === 'true' ? { file: `export.${extension}` } : {}),
  });
  switch (format) {
    case 'yaml':
      return made('yaml', 'application/yaml', stringify(document.file, { lineWidth: 0 }));
    case 'json':
      return made('json', 'application/json', JSON.stringify(document.file));
    case 'hcl':
      return made('tf', 'text/hcl', hclText(document.resources()));
    default:
      throw badRequest(`format ${JSON.stringify(format)} must be yaml, json or hcl`);
  }
}
