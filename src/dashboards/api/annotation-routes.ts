import { AppError } from '#base';
import type { Annotation, AnnotationChange } from '#dashboards/store';
import type { DashboardsApiDeps } from './contract.ts';
import {
  type AddRoute,
  idIn,
  isObject,
  type Json,
  numberIn,
  numberOf,
  textIn,
  textsIn,
} from './http.ts';

const maxLimit = 5000;

/** `/api/annotations`. */
export function registerAnnotationRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { store, clock } = deps;
  const { annotations } = store;

  route('GET', '/api/annotations', ({ query }) => {
    const number = (key: string): number | undefined =>
      query.has(key)
        ? numberOf(query, key, 0, { min: 0, max: Number.MAX_SAFE_INTEGER }) || undefined
        : undefined;
    // Those of alerts are told by the pages of alerts.
    if (query.get('type') === 'alert') return [];
    const uid = query.get('dashboardUID') ?? '';
    const id = number('dashboardId');
    const tags = query.getAll('tags');
    return annotations
      .query({
        fromMs: number('from'),
        toMs: number('to'),
        dashboardUid: uid || (id === undefined ? undefined : (uidOfId(id, deps) ?? 'none')),
        panelId: number('panelId'),
        tags,
        matchAny: query.get('matchAny') === 'true',
        limit: numberOf(query, 'limit', 100, { min: 0, max: maxLimit }) || 100,
      })
      .map((annotation) => annotationJson(annotation, deps));
  });

  route('GET', '/api/annotations/tags', ({ query }) => {
    const limit = numberOf(query, 'limit', 100, { min: 0, max: maxLimit }) || 100;
    const tags = annotations.tags(query.get('tag') ?? '', limit);
    return { result: { tags: tags.map(({ term, count }) => ({ tag: term, count })) } };
  });

  route('GET', '/api/annotations/:id', ({ params }) =>
    annotationJson(annotations.mustHave(idIn(params)), deps),
  );

  route('POST', '/api/annotations', async ({ body, principal }) => {
    const given = body();
    const timeMs = numberIn(given, 'time') || clock.nowMs();
    const created = await annotations.create({
      dashboardUid: dashboardOf(given, deps),
      panelId: numberIn(given, 'panelId') || undefined,
      timeMs,
      timeEndMs: numberIn(given, 'timeEnd') || timeMs,
      text: textIn(given, 'text') ?? '',
      tags: textsIn(given, 'tags') ?? [],
      data: isObject(given['data']) ? given['data'] : undefined,
      by: principal.name,
    });
    return { message: 'Annotation added', id: created.id };
  });

  route('POST', '/api/annotations/graphite', async ({ body, principal }) => {
    const given = body();
    const what = textIn(given, 'what') ?? '';
    if (what === '') throw new AppError('ANNOTATION_INVALID', 'what field should not be empty');
    const when = numberIn(given, 'when');
    const timeMs = when === undefined ? clock.nowMs() : when * 1000;
    const { tags } = given;
    const data = textIn(given, 'data') ?? '';
    const created = await annotations.create({
      dashboardUid: undefined,
      panelId: undefined,
      timeMs,
      timeEndMs: timeMs,
      text: data === '' ? what : `${what}\n${data}`,
      tags:
        typeof tags === 'string'
          ? tags.split(/\s+/).filter((tag) => tag !== '')
          : (textsIn(given, 'tags') ?? []),
      data: undefined,
      by: principal.name,
    });
    return { message: 'Graphite annotation added', id: created.id };
  });

  route('PUT', '/api/annotations/:id', async ({ params, body }) => {
    const given = body();
    const id = idIn(params);
    const held = annotations.mustHave(id);
    const timeMs = numberIn(given, 'time') || held.timeMs;
    await annotations.update(id, {
      timeMs,
      timeEndMs: numberIn(given, 'timeEnd') || timeMs,
      text: textIn(given, 'text') ?? '',
      tags: textsIn(given, 'tags') ?? [],
      data: isObject(given['data']) ? given['data'] : undefined,
    });
    return { message: 'Annotation updated' };
  });

  route('PATCH', '/api/annotations/:id', async ({ params, body }) => {
    await annotations.update(idIn(params), changeOf(body()));
    return { message: 'Annotation patched' };
  });

  route('DELETE', '/api/annotations/:id', async ({ params }) => {
    await annotations.remove(idIn(params));
    return { message: 'Annotation deleted' };
  });

  route('POST', '/api/annotations/mass-delete', async ({ body }) => {
    const given = body();
    const annotationId = numberIn(given, 'annotationId');
    const dashboardUid = dashboardOf(given, deps);
    const panelId = numberIn(given, 'panelId');
    if (annotationId === undefined && (dashboardUid === undefined || panelId === undefined)) {
      throw new AppError('ANNOTATION_INVALID', 'DashboardId/DashboardUID and PanelId are needed');
    }
    const found =
      annotationId === undefined
        ? annotations.query({ dashboardUid, panelId, limit: Infinity })
        : [annotations.mustHave(annotationId)];
    for (const { id } of found) await annotations.remove(id);
    return { message: 'Annotations deleted' };
  });
}

function changeOf(given: Json): AnnotationChange {
  const timeMs = numberIn(given, 'time') || undefined;
  const timeEndMs = numberIn(given, 'timeEnd') || undefined;
  const text = textIn(given, 'text');
  const tags = textsIn(given, 'tags');
  return {
    ...(timeMs === undefined ? {} : { timeMs }),
    ...(timeEndMs === undefined ? {} : { timeEndMs }),
    ...(text === undefined ? {} : { text }),
    ...(tags === undefined ? {} : { tags }),
    ...(isObject(given['data']) ? { data: given['data'] } : {}),
  };
}

const uidOfId = (id: number, { store }: DashboardsApiDeps): string | undefined =>
  store.dashboards.byId(id)?.uid;

/** @throws {AppError} DASHBOARD_NOT_FOUND */
function dashboardOf(given: Json, deps: DashboardsApiDeps): string | undefined {
  const uid = textIn(given, 'dashboardUID') ?? textIn(given, 'dashboardUid') ?? '';
  if (uid !== '') return deps.store.dashboards.mustHave(uid).uid;
  const id = numberIn(given, 'dashboardId') ?? 0;
  return id === 0 ? undefined : deps.store.dashboards.mustHave(uidOfId(id, deps) ?? '').uid;
}

const annotationJson = (annotation: Annotation, { store }: DashboardsApiDeps): Json => ({
  id: annotation.id,
  alertId: 0,
  alertName: '',
  dashboardId: store.dashboards.entry(annotation.dashboardUid ?? '')?.id ?? 0,
  dashboardUID: annotation.dashboardUid ?? null,
  panelId: annotation.panelId ?? 0,
  userId: 0,
  newState: '',
  prevState: '',
  created: annotation.createdMs,
  updated: annotation.updatedMs,
  time: annotation.timeMs,
  timeEnd: annotation.timeEndMs,
  text: annotation.text,
  tags: annotation.tags,
  login: annotation.by,
  email: '',
  avatarUrl: '',
  data: annotation.data ?? {},
});
