/** Dashboards that come with the program, asked of a real server and its agent on this machine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Dashboard, Panel } from '#dashboards/model';
import { shippedDashboards } from '#dashboards/shipped';
import { interpolate, parseMetricFind } from '#dashboards/variables';
import { type NunchiProcess, startNunchi } from './clients/nunchi-process.ts';
import { eventually } from './eventually.ts';

const all = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...all(panel.panels ?? [])]);

/** What needs a cluster, or something that has not happened on this machine. */
const mayBeEmpty: Readonly<Record<string, RegExp>> = {
  'nunchi-nodes':
    /^Nodes$|by pod$|^Pods$|^Requested|^Conditions$|^Time of an operation$|^Inodes in use$/,
  'nunchi-agents': /^$/,
  'nunchi-logs': /^$/,
  'nunchi-self':
    /^Targets$|rule groups$|^Rules that|Kubernetes|^Objects held$|of the cluster$|^Log queries$/,
};

describe('shipped dashboards of a machine without a cluster', () => {
  let nunchi: NunchiProcess;
  before(async () => {
    nunchi = await startNunchi({
      role: 'start',
      config: JSON.stringify({
        kubernetes: { enabled: 'off' },
        agent: { id: 'machine', metrics: { interval: '5s' } },
      }),
    });
  });
  after(() => nunchi?.[Symbol.asyncDispose]());

  const ask = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const response = await fetch(`${nunchi.url}${path}?${new URLSearchParams(parameters)}`);
    const body = (await response.json()) as { status: string; data: unknown; error?: string };
    assert.equal(body.status, 'success', `${JSON.stringify(parameters)}: ${body.error}`);
    return body.data;
  };

  /** The first value of each variable, as a page chooses it. */
  async function valuesOf(dashboard: Dashboard): Promise<Record<string, string>> {
    const values: Record<string, string> = { __rate_interval: '1m', __range: '5m' };
    for (const variable of dashboard.templating.list) {
      if (variable.type !== 'query') continue;
      const { query } = variable.query as { query: string };
      const found = parseMetricFind(put(query, values));
      assert.ok(found?.kind === 'labelValues');
      const path = `/api/v1/label/${found.label}/values`;
      const options = (await ask(
        path,
        found.selector ? { 'match[]': found.selector } : {},
      )) as string[];
      values[variable.name] = variable.includeAll === true ? '.*' : (options[0] ?? '');
    }
    return values;
  }

  const put = (text: string, values: Readonly<Record<string, string>>): string =>
    interpolate(text, ({ name }) => {
      const value = values[name];
      return value === undefined ? undefined : { value, text: value };
    });

  for (const [uid, empty] of Object.entries(mayBeEmpty)) {
    it(`${uid} has data in every panel that this machine can fill`, async () => {
      const { dashboard } = (await (
        await fetch(`${nunchi.url}/api/dashboards/uid/${uid}`)
      ).json()) as { dashboard: Dashboard };
      assert.equal(dashboard.title, shippedDashboards.find((one) => one.uid === uid)?.title);
      let missing: string[] = [];
      // Rates need two scrapes, rules an evaluation.
      await eventually(async () => {
        const values = await valuesOf(dashboard);
        missing = [];
        for (const panel of all(dashboard.panels)) {
          for (const { refId, expr } of panel.targets ?? []) {
            if (typeof expr !== 'string' || empty.test(panel.title ?? '')) continue;
            const { result } = (await ask('/api/v1/query', { query: put(expr, values) })) as {
              result: unknown[];
            };
            if (result.length === 0) missing.push(`${panel.title} ${refId}: ${put(expr, values)}`);
          }
        }
        return missing.length === 0 ? true : undefined;
      }, 90_000).catch(() => assert.deepEqual(missing, []));
    });
  }
});
