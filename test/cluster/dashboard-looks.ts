import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

/** What became of a panel: drawn, empty because its queries give nothing, or something else. */
export interface PanelLook {
  readonly panel: string;
  readonly type: string;
  readonly state: 'drawn' | 'empty' | 'wrong';
  /** Of an empty one the metrics that have no series at all; of a wrong one what is wrong. */
  readonly because: readonly string[];
}

export interface DashboardLook {
  readonly file: string;
  readonly title: string;
  readonly panels: readonly PanelLook[];
  /** What the page wrote as errors into the console. */
  readonly errors: readonly string[];
}

interface FilePanel {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly panels?: readonly FilePanel[];
  readonly targets?: readonly { readonly expr?: string; readonly hide?: boolean }[];
  readonly transformations?: readonly {
    readonly id: string;
    readonly options?: { readonly byField?: string };
  }[];
}

interface File {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly FilePanel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query?: unknown }[];
  };
  readonly __inputs?: readonly { readonly name: string; readonly type: string }[];
}

interface Query {
  readonly refId: string;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly range?: boolean;
}

/** What the page asked for a panel last. */
interface Asked {
  readonly queries: readonly Query[];
  readonly from: string;
  readonly to: string;
}

/** What of a panel is on the screen. */
interface Shown {
  readonly key: string;
  readonly title: string;
  readonly state: string;
  readonly isFailure: boolean;
  readonly problems: string;
  readonly text: string;
  readonly canvases: number;
  readonly marks: number;
}

const settleMs = 120_000;
/** What chromium draws at once without trouble; longer pages are seen in parts. */
const maxHeightPx = 8000;
/** Panels of the newest minutes: the series are as old as the lab. */
const range = 'from=now-15m&to=now';

/** Every file `PROJECT/NAME.json` below the folder, imported and looked at in a browser. */
export async function lookAtDashboards(
  url: string,
  folder: string,
  options: {
    readonly executablePath: string;
    readonly only?: RegExp;
    /** A folder for a picture of each. */
    readonly pictures?: string;
    /** What a reader would choose of variables, where a dashboard has them. */
    readonly values?: Readonly<Record<string, string>>;
    readonly onLook?: (look: DashboardLook) => void;
  },
): Promise<readonly DashboardLook[]> {
  const files = globSync('*/*.json', { cwd: folder })
    .filter((file) => options.only?.test(file) !== false)
    .sort();
  const browser = await chromium.launch({
    executablePath: options.executablePath,
    args: ['--no-sandbox'],
  });
  try {
    const looks: DashboardLook[] = [];
    for (const name of files) {
      const file = JSON.parse(readFileSync(join(folder, name), 'utf8')) as File;
      const { uid, status } = await importFile(url, file);
      if (uid === undefined) throw new Error(`${name} is not imported: ${status}`);
      const values = valuesFor(file, options.values ?? {});
      const look = await lookAt(browser, url, {
        ...{ name, file, uid, values, pictures: options.pictures },
      });
      looks.push(look);
      options.onLook?.(look);
    }
    return looks;
  } finally {
    await browser.close();
  }
}

/** As the page of imports does it: each input gets the server's own data source. */
async function importFile(
  url: string,
  file: File,
): Promise<{ readonly uid?: string; readonly status?: string }> {
  const answer = await fetch(`${url}/api/dashboards/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      dashboard: file,
      overwrite: true,
      inputs: (file.__inputs ?? [])
        .filter(({ type }) => type === 'datasource')
        .map(({ name }) => ({
          name,
          type: 'datasource',
          pluginId: 'prometheus',
          value: 'prometheus',
        })),
    }),
  });
  return (await answer.json()) as { uid?: string; status?: string };
}

/** Values of variables that the dashboard has; those of pods only where its namespaces are pods'. */
function valuesFor(file: File, values: Readonly<Record<string, string>>): string {
  const { list } = file.templating;
  const namespaces = JSON.stringify(list.find(({ name }) => name === 'namespace')?.query ?? '');
  if (!/kube_|container_|kubelet_/.test(namespaces)) return '';
  const names = new Set(list.map(({ name }) => name));
  const chosen = Object.entries(values).filter(([name]) => names.has(name));
  return String(new URLSearchParams(chosen.map(([name, value]) => [`var-${name}`, value])));
}

interface Looked {
  readonly name: string;
  readonly file: File;
  readonly uid: string;
  readonly pictures: string | undefined;
  /** Of variables, as the address has them. */
  readonly values: string;
}

async function lookAt(
  browser: Browser,
  url: string,
  { name, file, uid, pictures, values }: Looked,
): Promise<DashboardLook> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  const asked = new Map<string, Asked>();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    const isOfMachine = message.text().includes('ERR_NETWORK_CHANGED');
    if (message.type() === 'error' && !isOfMachine) errors.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().endsWith('/api/ds/query')) return;
    const key = decodeURIComponent(request.headers()['x-panel-id'] ?? '');
    asked.set(key, JSON.parse(request.postData() ?? '{}') as Asked);
  });
  await page.goto(`${url}/d/${uid}?${range}&${values}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('[data-panel]').or(closedRows(page)).first().waitFor();
  while ((await closedRows(page).count()) > 0) await closedRows(page).first().click();
  const shown = await seeAll(page, pictures && join(pictures, name.replaceAll('/', '-')));
  await context.close();
  const panels: PanelLook[] = [];
  for (const one of shown) panels.push(await judge(url, file, one, asked));
  return { file: name, title: file.title, panels, errors: [...new Set(errors)] };
}

const closedRows = (page: Page): Locator => page.locator('h2 > button[aria-expanded="false"]');

/** Makes the window as tall as the page, for panels ask when they come into sight, and waits for each. */
async function seeAll(page: Page, picture: string | undefined): Promise<readonly Shown[]> {
  const shown = new Map<string, Shown>();
  let part = 0;
  for (let top = 0, height = Number.POSITIVE_INFINITY; top < height; top += maxHeightPx) {
    height = Number(await page.evaluate(`(${scrollTo})(${top})`));
    await page.setViewportSize({ width: 1440, height: Math.min(height, maxHeightPx) });
    await page.evaluate(`(${scrollTo})(${top})`);
    for (const one of await settledPanels(page)) shown.set(one.key, one);
    if (picture !== undefined) {
      const suffix = part++ === 0 ? '' : `-${part}`;
      await page.screenshot({ path: picture.replace(/\.json$/, `${suffix}.png`) });
    }
  }
  return [...shown.values()];
}

/** All in sight have their answers, and what is to be drawn was drawn: a busy machine takes its time. */
async function settledPanels(page: Page): Promise<readonly Shown[]> {
  const deadlineMs = performance.now() + settleMs;
  let sameFor = 0;
  let before = '';
  for (;;) {
    const panels = (await page.evaluate(`(${panelsInSight})()`)) as readonly Shown[];
    const now = JSON.stringify(panels);
    const isDone = panels.every((panel) => panel.state !== '' && panel.state !== 'loading');
    sameFor = isDone && now === before ? sameFor + 1 : 0;
    before = now;
    const looks = panels.some(isBlank) ? patientLooks : quickLooks;
    if (sameFor >= looks || performance.now() > deadlineMs) return panels;
    await page.waitForTimeout(300);
  }
}

const quickLooks = 2;
/** Nothing yet: its part of the program may still be on the way. */
const patientLooks = 10;

const isBlank = ({ canvases, marks, text }: Shown): boolean =>
  canvases > 0 ? marks === 0 : text === '' && marks === 0;

/* Texts, for they run in the page. */

/** Scrolls what scrolls the panels. @returns as tall a window would show all of it */
const scrollTo = `(top) => {
  let element = document.querySelector('[data-panel]')?.parentElement;
  while (element && !/auto|scroll/.test(getComputedStyle(element).overflowY)) {
    element = element.parentElement;
  }
  if (!element) return 0;
  element.scrollTo(0, top);
  return window.innerHeight + element.scrollHeight - element.clientHeight;
}`;

const panelsInSight = `() => {
  // Pixels that are no grey.
  const coloured = (canvas) => {
    if (canvas.width === 0 || canvas.height === 0) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
      if (data[i + 3] > 40 && Math.max(r, g, b) - Math.min(r, g, b) > 40) count++;
    }
    return count;
  };
  return [...document.querySelectorAll('[data-panel]')]
    .filter((panel) => {
      const box = panel.getBoundingClientRect();
      return box.bottom > 0 && box.top < window.innerHeight;
    })
    .map((panel) => {
      const body = panel.querySelector('[data-state]');
      const canvases = [...panel.querySelectorAll('canvas')];
      const labels = [...(body?.querySelectorAll('button[aria-label]') ?? [])];
      return {
        key: panel.dataset.panel,
        title: panel.getAttribute('aria-label') ?? '',
        state: body?.dataset.state ?? '',
        isFailure: body?.querySelector('[role="alert"]') != null,
        problems: labels
          .map((button) => button.getAttribute('aria-label'))
          .find((label) => /^\\d+ problem/.test(label)) ?? '',
        text: body?.innerText.trim() ?? '',
        canvases: canvases.length,
        marks: canvases.reduce((sum, canvas) => sum + coloured(canvas), 0) +
          (body?.querySelectorAll('svg path, svg rect').length ?? 0),
      };
    });
}`;

const all = (panels: readonly FilePanel[]): FilePanel[] =>
  panels.flatMap((panel) => [panel, ...all(panel.panels ?? [])]);

/** What a panel is, next to what its queries give when the server is asked without the page. */
async function judge(
  url: string,
  file: File,
  shown: Shown,
  asked: ReadonlyMap<string, Asked>,
): Promise<PanelLook> {
  const id = Number(/^panel-(\d+)/.exec(shown.key)?.[1]);
  const panel = all(file.panels).find((one) => one.id === id);
  const look = { panel: shown.title, type: panel?.type ?? '?' };
  if (shown.isFailure || shown.problems !== '') {
    return { ...look, state: 'wrong', because: [shown.problems || shown.text] };
  }
  if (!isBlank(shown) && !/^(No data|N\/A|-)$/.test(shown.text))
    return { ...look, state: 'drawn', because: [] };
  const hasQueries = panel?.targets?.some(({ hide }) => hide !== true) ?? false;
  const request = asked.get(shown.key);
  const missing = new Set<string>();
  if (request === undefined && hasQueries) {
    return { ...look, state: 'wrong', because: ['its queries were not asked'] };
  }
  for (const query of request?.queries ?? []) {
    const { expr } = query;
    if (expr === undefined) continue;
    const { from, to } = request!;
    const found = await valuesOf(url, query, Number(from), Number(to));
    // A line of no width at 0, which some panels have on purpose.
    if (found.length > 0 && found.every(([value]) => value === 0) && shown.text !== '') {
      return { ...look, state: 'drawn', because: [] };
    }
    const join = joinField(panel);
    if (found.length > 0 && join !== undefined && found.every(([, labels]) => !(join in labels))) {
      missing.add(`no label ${join} to join by`);
      continue;
    }
    if (found.length > 0) {
      const count = found.length;
      return { ...look, state: 'wrong', because: [`${count} values of ${expr} are not drawn`] };
    }
    for (const name of await missingMetrics(url, expr)) missing.add(name);
  }
  return { ...look, state: 'empty', because: [...missing] };
}

type Found = readonly (readonly [value: number, labels: Readonly<Record<string, string>>])[];

/** Numbers that a query gives when the server is asked as the panel asks it. */
async function valuesOf(url: string, query: Query, fromMs: number, toMs: number): Promise<Found> {
  const isInstant = query.instant === true && query.range !== true;
  const when = isInstant
    ? { time: String(toMs / 1000) }
    : { start: String(fromMs / 1000), end: String(toMs / 1000), step: '15' };
  const path = isInstant ? 'query' : 'query_range';
  const body = new URLSearchParams({ query: query.expr ?? '', ...when });
  const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body });
  type Sample = readonly [number, string];
  const { data } = (await answer.json()) as {
    data?: {
      result: readonly {
        metric: Readonly<Record<string, string>>;
        values?: readonly Sample[];
        value?: Sample;
      }[];
    };
  };
  return (data?.result ?? [])
    .flatMap(({ metric, values, value }) =>
      (values ?? (value === undefined ? [] : [value])).map(
        ([, text]) => [Number(text), metric] as const,
      ),
    )
    .filter(([number]) => Number.isFinite(number));
}

/** The field that a panel joins its answers by; without it the table is empty in Grafana too. */
function joinField(panel: FilePanel | undefined): string | undefined {
  return panel?.transformations?.find(({ id }) => id === 'joinByField')?.options?.byField;
}

/** Metrics in a query of which the server has no series at all. */
async function missingMetrics(url: string, expr: string): Promise<readonly string[]> {
  const parsed = await fetch(`${url}/api/v1/parse_query?query=${encodeURIComponent(expr)}`);
  const names = new Set(
    [
      ...(await parsed.text()).matchAll(
        /"name":"([\w:]+)","offset|"type":"(?:vector|matrix)Selector","name":"([\w:]+)"/g,
      ),
    ].map(([, one, other]) => one ?? other!),
  );
  const missing: string[] = [];
  for (const name of names) {
    const query = encodeURIComponent(`count(last_over_time(${name}[1h]))`);
    const answer = await fetch(`${url}/api/v1/query?query=${query}`);
    const { data } = (await answer.json()) as { data?: { result: readonly unknown[] } };
    if ((data?.result.length ?? 0) === 0) missing.push(name);
  }
  return missing;
}
