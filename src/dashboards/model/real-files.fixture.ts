/** Published dashboards, where this machine has them: `NUNCHI_TEST_DATA/dashboards/<project>/<name>.json`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const data = process.env['NUNCHI_TEST_DATA'];

export interface RealFile {
  /** `kube-prometheus/nodes.json` */
  readonly name: string;
  readonly text: string;
}

export const realFiles: readonly RealFile[] =
  data === undefined || data === ''
    ? []
    : globSync('dashboards/*/*.json', { cwd: data })
        .sort()
        .map((file) => ({
          name: file.replace(/^dashboards\//, ''),
          text: readFileSync(join(data, file), 'utf8'),
        }));

export const skipReal: string | false =
  realFiles.length === 0 ? 'NUNCHI_TEST_DATA has no dashboards (test_data)' : false;
