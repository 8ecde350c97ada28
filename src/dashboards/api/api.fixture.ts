import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { Catalogue } from '#dashboards/catalogue';
import type { DataSource } from '#dashboards/data-sources';
import type { SourceStatus } from '#dashboards/provisioning';
import { type DashboardStore, openDashboardStore } from '#dashboards/store';
import { startServer } from '#server';
import { openStateStore } from '#state';
import { dashboardsEdge } from './index.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many forms, looked into by tests
  readonly body: any;
}

export interface ApiRig extends AsyncDisposable {
  readonly url: string;
  readonly store: DashboardStore;
  /** Tokens by role. */
  readonly tokens: Readonly<Record<'viewer' | 'editor' | 'admin', string>>;
  call(method: string, path: string, body?: unknown, authorization?: string): Promise<Answer>;
}

const maxSizeBytes = 1_000_000;

export const dataSources: readonly (DataSource & { readonly id: number })[] = [
  {
    id: 1,
    uid: 'prometheus',
    name: 'Prometheus',
    type: 'prometheus',
    url: '',
    isDefault: true,
    jsonData: {},
    secureJsonFields: {},
    readOnly: true,
    version: 1,
  },
];

/** A server with the dashboards' API and users: `ann` with the password `correct horse` is admin. */
export async function openApi(
  options: {
    readonly catalogueUrl?: string;
    readonly provisioned?: readonly SourceStatus[];
    readonly bundled?: (id: number) => Readonly<Record<string, unknown>> | undefined;
  } = {},
): Promise<ApiRig> {
  const stack = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-dashboards-api-'));
  stack.defer(() => rmSync(dataDir, { recursive: true }));
  const state = stack.use(await openStateStore({ dataDir }));
  await state.users.add({ name: 'ann', password: 'correct horse', role: 'admin' });
  const clock = systemClock;
  const token = async (role: 'viewer' | 'editor' | 'admin'): Promise<string> =>
    `Bearer ${(await state.tokens.create({ name: role, role })).secret}`;
  const tokens = {
    viewer: await token('viewer'),
    editor: await token('editor'),
    admin: await token('admin'),
  };
  const limits = { maxCount: 1000, maxSizeBytes, maxVersions: 5 };
  const store = await openDashboardStore(limits, { state, clock });
  const log = silentLogger;
  const url = options.catalogueUrl ?? 'http://127.0.0.1:9';
  const edge = dashboardsEdge({
    store,
    catalogue: new Catalogue(() => ({ url, timeoutMs: 5000 }), {
      clock,
      ...(options.bundled === undefined ? {} : { bundled: options.bundled }),
    }),
    clock,
    log,
    version: '1.2.3',
    maxSizeBytes,
    dataSources: () => dataSources,
    defaultTimeZone: () => 'Asia/Seoul',
    provisioning: { statuses: () => options.provisioned ?? [], reload: async () => {} },
  });
  const deps = { state, log, metrics: new MetricsRegistry() };
  const server = stack.use(await startServer({ listen: '127.0.0.1:0' }, deps, [edge]));
  return {
    url: server.url,
    store,
    tokens,
    call: async (method, path, body, authorization = tokens.editor) => {
      const response = await fetch(server.url + path, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(authorization === '' ? {} : { authorization }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
