/** A whole dashboard out of sections of panels. */
import type { Dashboard } from '#dashboards/model';
import type { PanelSpec } from './panels.ts';

const gridColumns = 24;
const schemaVersion = 42;

export interface Section {
  /** The row's title; without one the panels stand at the top. */
  readonly title?: string;
  readonly isCollapsed?: boolean;
  readonly panels: readonly PanelSpec[];
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly variables: readonly Variable[];
  readonly sections: readonly Section[];
  /** Where it begins: `now-1h` unless told. */
  readonly from?: string;
}

export type Variable = Readonly<Record<string, unknown>> & { readonly name: string };

/** Which Prometheus to ask, as dashboards of the field name it. */
export const dataSourceVariable: Variable = {
  name: 'datasource',
  type: 'datasource',
  label: 'Data source',
  query: 'prometheus',
  hide: 0,
  includeAll: false,
  multi: false,
  options: [],
  refresh: 1,
};

/** Which log groups to ask. */
export const logSourceVariable: Variable = {
  ...dataSourceVariable,
  name: 'logs',
  label: 'Logs',
  query: 'cloudwatch',
};

export interface VariableOptions {
  readonly label: string;
  readonly isMulti?: boolean;
  readonly hasAll?: boolean;
  readonly regex?: string;
  readonly isHidden?: boolean;
}

/** Values of a label, asked anew when the range of time changes. */
export const labelVariable = (
  name: string,
  query: string,
  { label, isMulti = false, hasAll = isMulti, regex = '', isHidden = false }: VariableOptions,
): Variable => ({
  name,
  type: 'query',
  label,
  datasource: { type: 'prometheus', uid: '${datasource}' },
  query: { query, refId: 'Variables' },
  definition: query,
  hide: isHidden ? 2 : 0,
  includeAll: hasAll,
  multi: isMulti,
  ...(hasAll ? { allValue: '.*', current: { text: 'All', value: '$__all' } } : {}),
  options: [],
  refresh: 2,
  regex,
  sort: 1,
});

/** The cluster's name, where series have one; empty otherwise, which matches series without it. */
export const clusterVariable: Variable = labelVariable(
  'cluster',
  'label_values(up{job=~"kube-state-metrics|kubelet"}, cluster)',
  { label: 'Cluster' },
);

/** Panels from left to right, in lines as high as their highest panel. */
function place(
  panels: readonly PanelSpec[],
  top: number,
  idOf: () => number,
): { readonly placed: Dashboard['panels'][number][]; readonly bottom: number } {
  let [x, y, height] = [0, top, 0];
  const placed = panels.map(({ w, h, panel }) => {
    if (x + w > gridColumns) [x, y, height] = [0, y + height, 0];
    const made = { id: idOf(), ...panel, gridPos: { x, y, w, h } };
    x += w;
    height = Math.max(height, h);
    return made as unknown as Dashboard['panels'][number];
  });
  return { placed, bottom: y + height };
}

export function dashboard(spec: DashboardSpec): Dashboard {
  let next = 1;
  const idOf = (): number => next++;
  const panels: Dashboard['panels'][number][] = [];
  let top = 0;
  for (const { title, isCollapsed = false, panels: inside } of spec.sections) {
    const rowId = title === undefined ? undefined : idOf();
    const isOpenOrNone = rowId === undefined || !isCollapsed;
    const { placed, bottom } = place(inside, rowId === undefined ? top : top + 1, idOf);
    if (rowId !== undefined) {
      panels.push({
        id: rowId,
        type: 'row',
        title: title ?? '',
        collapsed: isCollapsed,
        panels: isCollapsed ? placed : [],
        gridPos: { x: 0, y: top, w: gridColumns, h: 1 },
        options: {},
        fieldConfig: { defaults: {}, overrides: [] },
      });
    }
    if (isOpenOrNone) panels.push(...placed);
    top = isOpenOrNone ? bottom : top + 1;
  }
  return {
    uid: spec.uid,
    title: spec.title,
    description: spec.description,
    tags: ['nunchi', ...spec.tags],
    schemaVersion,
    editable: true,
    timezone: '',
    time: { from: spec.from ?? 'now-1h', to: 'now' },
    refresh: '30s',
    graphTooltip: 1,
    links: [
      {
        type: 'dashboards',
        title: 'Nunchi',
        tags: ['nunchi'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        icon: 'external link',
        targetBlank: false,
        tooltip: '',
        url: '',
      },
    ],
    templating: { list: spec.variables as unknown as Dashboard['templating']['list'] },
    annotations: { list: [] },
    panels,
  };
}

/**
 * A link to another of our dashboards which takes along the data source, the cluster and the time:
 * `linkTo('nunchi-pods', { namespace: '$namespace', pod: column('Pod') })`.
 */
export function linkTo(uid: string, variables: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(variables).map(([name, value]) => `&var-${name}=${value}`);
  return `/d/${uid}?\${datasource:queryparam}&var-cluster=$cluster${pairs.join('')}&\${__url_time_range}`;
}

/** The value of another column of a table's row. */
export const column = (title: string): string => `\${__data.fields["${title}"]}`;
