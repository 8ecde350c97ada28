/**
 * Looks at every published dashboard under `NUNCHI_TEST_DATA/dashboards/PROJECT/NAME.json` in a browser, over the
 * series of a real cluster and of this machine, and writes what it saw into docs/compatibility.md. Takes a quarter of
 * an hour; needs root, `NUNCHI_TEST_CLUSTER` (test/cluster/README.md) and the web UI built.
 *
 *     npm run dashboards-in-cluster [-- [--only REGEX] [--pictures FOLDER] [--minutes N]]
 *
 * With `--only` nothing is written. Its end is 1 where a panel is wrong.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromiumPath } from '../test/browser/console.ts';
import { DashboardLab } from '../test/cluster/dashboard-lab.ts';
import {
  type DashboardLook,
  lookAtDashboards,
  type PanelLook,
} from '../test/cluster/dashboard-looks.ts';

const page = new URL('../docs/compatibility.md', import.meta.url);
const begin = '<!-- looked at: npm run dashboards-in-cluster -->';
const end = '<!-- end of what was looked at -->';

const count = (panels: readonly PanelLook[], state: PanelLook['state']): number =>
  panels.filter((panel) => panel.state === state).length;

/** Markdown of what was seen: numbers of each dashboard, and why panels are empty. */
function summary(looks: readonly DashboardLook[], missing: readonly string[]): string {
  const panels = looks.flatMap((look) => look.panels);
  const day = new Date().toISOString().slice(0, 10);
  const lacking =
    missing.length === 0 ? '' : ` Not installed here, so without series: ${missing.join(', ')}.`;
  return [
    `On ${day}, ${panels.length} panels on the screen: ${count(panels, 'drawn')} drawn, ${count(panels, 'empty')} empty because their queries give nothing, ${count(panels, 'wrong')} wrong.${lacking}`,
    '',
    '| file | drawn | empty | wrong | no series of |',
    '|---|---|---|---|---|',
    ...looks.map((look) => {
      const states = (['drawn', 'empty', 'wrong'] as const).map((one) => count(look.panels, one));
      return `| ${[look.file, ...states, lackedBy(look)].join(' | ')} |`;
    }),
  ].join('\n');
}

const maxNames = 4;

/** What empty panels of a dashboard lack, the first few. */
function lackedBy({ panels }: DashboardLook): string {
  const names = new Set(
    panels.filter(({ state }) => state === 'empty').flatMap(({ because }) => because),
  );
  const shown = [...names]
    .slice(0, maxNames)
    .map((name) => (name.includes(' ') ? name : `\`${name}\``));
  const more = names.size - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function put(text: string, report: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/compatibility.md has no "${begin}" … "${end}"`);
  return `${text.slice(0, from + begin.length)}\n\n${report}\n\n${text.slice(to)}`;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    pictures: { type: 'string' },
    minutes: { type: 'string', default: '6' },
  },
});
const data = process.env['NUNCHI_TEST_DATA'] ?? '';
if (data === '' || (process.env['NUNCHI_TEST_CLUSTER'] ?? '') === '') {
  console.error('NUNCHI_TEST_DATA and NUNCHI_TEST_CLUSTER are needed: test/cluster/README.md');
  process.exit(1);
}
if (values.pictures !== undefined) mkdirSync(values.pictures, { recursive: true });
const lab = await DashboardLab.open();
let looks: readonly DashboardLook[];
try {
  console.log(`${lab.url} collects for ${values.minutes} minutes`);
  await sleep(Number(values.minutes) * 60_000);
  looks = await lookAtDashboards(lab.url, join(data, 'dashboards'), {
    executablePath: chromiumPath ?? '',
    values: lab.values,
    ...(values.only === undefined ? {} : { only: new RegExp(values.only) }),
    ...(values.pictures === undefined ? {} : { pictures: values.pictures }),
    onLook: ({ file, panels, errors }) => {
      const states = (['drawn', 'empty', 'wrong'] as const).map(
        (one) => `${count(panels, one)} ${one}`,
      );
      console.log(`${file}: ${states.join(', ')}`);
      for (const { panel, state, because } of panels) {
        if (state !== 'drawn') console.log(`  ${state}: ${panel} (${because.join(', ')})`);
      }
      for (const error of errors) console.log(`  in the console: ${error}`);
    },
  });
} finally {
  await lab[Symbol.asyncDispose]();
}
if (values.only === undefined) {
  const report = summary(looks, lab.missing);
  writeFileSync(page, put(readFileSync(page, 'utf8'), report));
}
process.exitCode = looks.some(({ panels }) => count(panels, 'wrong') > 0) ? 1 : 0;
