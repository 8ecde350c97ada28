import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { AppError } from '#base';
import { renderPng } from '#picture';
import { apiRoute } from '#server';
import type { RenderedReport, RenderRequest } from './render.ts';

export interface PicturesApiDeps {
  /** IANA name, where nobody says another. */
  readonly defaultTimeZone: () => string;
  readonly defaultLanguage: () => 'en' | 'ko';
  /** @throws {AppError} REPORT_INVALID, DASHBOARD_NOT_FOUND, PICTURES_NOT_BUILT */
  readonly render: (
    uid: string,
    request: Omit<RenderRequest, 'dashboard' | 'nowMs'>,
    signal: AbortSignal,
  ) => Promise<RenderedReport>;
}

const uid = z.object({ uid: z.string().min(1).max(200) });
const rangeText = z.string().min(1).max(100);
const sidePx = z.coerce.number().int().min(50).max(4000);
const zoneName = z.string().max(100).optional();
const tag = 'reports';

const pictureQuery = z
  .object({
    panel: z.coerce.number().int().optional().describe('Absent: the whole dashboard'),
    width: sidePx.optional().describe('px; a PNG has twice as many'),
    height: sidePx.optional().describe('Of a panel; a dashboard is as high as its panels'),
    from: rangeText.default('now-6h'),
    to: rangeText.default('now'),
    timeZone: zoneName,
    theme: z.enum(['light', 'dark']).default('light'),
    language: z.enum(['en', 'ko']).optional(),
  })
  .loose();

/** As links of Grafana's renderer have them. What is not named here is for a browser, and is passed over. */
const renderQuery = z
  .object({
    panelId: z.string().max(100).optional().describe('`4`, or `panel-4`'),
    viewPanel: z.string().max(100).optional(),
    width: z.coerce.number().optional().describe('px. Default 1000'),
    height: z.coerce.number().optional().describe('px. Default 500; -1: as high as it needs'),
    scale: z.coerce.number().min(0.5).max(4).default(1),
    from: rangeText.optional(),
    to: rangeText.optional(),
    tz: zoneName,
    timezone: zoneName,
    theme: z.string().max(20).optional(),
  })
  .loose();

/** Pictures of dashboards and panels over HTTP, under addresses of ours and under Grafana's. */
export function registerPictures(app: FastifyInstance, deps: PicturesApiDeps): void {
  for (const type of ['png', 'svg'] as const) {
    apiRoute(
      app,
      {
        method: 'GET',
        url: `/nunchi/dashboards/:uid/picture.${type}`,
        tag,
        summary: `A picture of a dashboard, or of a panel, as ${type.toUpperCase()}. Variables are given as \`var-NAME=value\`, as in links`,
        params: uid,
        query: pictureQuery,
        streams: type === 'png' ? 'image/png' : 'image/svg+xml',
      },
      async ({ params, query, signal, reply }) => {
        const { panel, width, height, from, to, theme, timeZone, language } = query;
        const request = {
          panelId: panel,
          ...(panel === undefined ? { width } : { width, height }),
          isBare: panel !== undefined && (width !== undefined || height !== undefined),
          from,
          to,
          theme,
          zone: timeZone ?? deps.defaultTimeZone(),
          language: language ?? deps.defaultLanguage(),
          variables: variablesOf(query),
        };
        const drawn = await deps.render(params.uid, request, signal);
        return type === 'png'
          ? await sendPng(reply, drawn, { signal })
          : reply
              .type('image/svg+xml')
              .header('cache-control', 'no-store')
              // Opened alone it is a page: nothing in it may run or be fetched.
              .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
              .send(drawn.svg);
      },
    );
  }
  for (const path of ['d-solo', 'd'] as const) {
    for (const url of [`/render/${path}/:uid`, `/render/${path}/:uid/:slug`]) {
      apiRoute(
        app,
        {
          method: 'GET',
          url,
          tag,
          summary: `Grafana's address of a picture of ${path === 'd' ? 'a dashboard' : 'a panel'}`,
          params: uid.loose(),
          query: renderQuery,
          streams: 'image/png',
        },
        async ({ params, query, signal, reply }) => {
          const request = renderRequest(path, query, deps);
          const { scale } = query;
          return await sendPng(reply, await deps.render(params.uid, request, signal), {
            scale,
            signal,
          });
        },
      );
    }
  }
}

const renderSize = { width: 1000, height: 500 };

function renderRequest(
  path: 'd' | 'd-solo',
  query: z.output<typeof renderQuery>,
  deps: PicturesApiDeps,
): Omit<RenderRequest, 'dashboard' | 'nowMs'> {
  const { panelId, viewPanel, width = renderSize.width, height = renderSize.height } = query;
  const text = path === 'd-solo' ? panelId : viewPanel;
  const panel = text === undefined ? undefined : Number(/^(?:panel-)?(\d+)$/.exec(text)?.[1]);
  if (Number.isNaN(panel) || (path === 'd-solo' && panel === undefined)) {
    throw new AppError('REPORT_INVALID', `panelId is ${JSON.stringify(text)}`, {
      hint: 'It is the number of a panel: panelId=4',
    });
  }
  const [zone] = [query.tz, query.timezone].filter((one) => one !== undefined && one !== '');
  return {
    panelId: panel,
    isBare: panel !== undefined,
    width: width > 0 ? width : renderSize.width,
    height: height > 0 ? height : undefined,
    from: query.from ?? 'now-6h',
    to: query.to ?? 'now',
    // Grafana's word for the zone of whoever looks.
    zone: zone === undefined || zone === 'browser' ? deps.defaultTimeZone() : zoneOf(zone),
    theme: query.theme === 'light' ? 'light' : 'dark',
    language: deps.defaultLanguage(),
    variables: variablesOf(query),
  };
}

const zoneOf = (zone: string): string => (zone.toLowerCase() === 'utc' ? 'UTC' : zone);

async function sendPng(
  reply: FastifyReply,
  { svg, width, height }: RenderedReport,
  options: { readonly scale?: number; readonly signal: AbortSignal },
): Promise<FastifyReply> {
  const png = await renderPng(svg, { width, height, ...options });
  return reply.type('image/png').header('cache-control', 'no-store').send(png);
}

function variablesOf(query: Readonly<Record<string, unknown>>): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {};
  for (const [key, value] of Object.entries(query)) {
    if (!key.startsWith('var-')) continue;
    const values = Array.isArray(value) ? value : [value];
    if (!values.every((one) => typeof one === 'string')) {
      throw new AppError('REPORT_INVALID', `${key} is no text`);
    }
    found[key.slice('var-'.length)] = values as readonly string[];
  }
  return found;
}
