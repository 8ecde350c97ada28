import type { FastifyInstance } from 'fastify';
import {
  type ContactPoint,
  type ContactPointInput,
  notificationError,
  redactedSettings,
  revealedSettings,
} from '#alerting/notifications';
import { AppError } from '#base';
import { isAllowed } from '#server';
import type { GrafanaAlertingDeps } from './deps.ts';
import { exportAnswer } from './export.ts';
import { contactPointsExport, muteTimingsExport, policiesExport } from './export-documents.ts';
import {
  accepted,
  author,
  badRequest,
  type Call,
  created,
  isObject,
  type Json,
  noContent,
  objectBody,
  ok,
  routes,
} from './http.ts';

const prefix = '/api/v1/provisioning';

/** `/api/v1/provisioning/…` of contact points, policies, mute timings and templates. */
export function registerNotificationRoutes(app: FastifyInstance, deps: GrafanaAlertingDeps): void {
  registerContactPoints(app, deps);
  registerPolicies(app, deps);
  registerMuteTimings(app, deps);
  registerTemplates(app, deps);
}

function registerContactPoints(app: FastifyInstance, { notifications }: GrafanaAlertingDeps): void {
  const route = routes(app);
  const url = `${prefix}/contact-points`;
  const named = ({ query }: Call): readonly ContactPoint[] => {
    const name = query.get('name');
    return notifications.model.contactPoints
      .filter((point) => name === null || point.name === name)
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  };
  route('GET', url, (call) => ok(named(call).map(contactPointJson)));
  route('POST', url, async (call) => {
    const made = await notifications.addContactPoint(
      contactPointInput(objectBody(call)),
      author(call),
    );
    return accepted(contactPointJson(made));
  });
  route('GET', `${url}/export`, (call) => {
    const isOpen = call.query.get('decrypt') === 'true';
    if (isOpen && !isAllowed(call.principal.role, 'admin')) {
      throw new AppError('FORBIDDEN', 'secrets are exported for admins only');
    }
    return exportAnswer(
      call,
      contactPointsExport(named(call), (point) =>
        isOpen ? revealedSettings(point, notifications.sealing) : redactedSettings(point),
      ),
    );
  });
  route('PUT', `${url}/:uid`, async (call) => {
    const input = contactPointInput(objectBody(call));
    await notifications.updateContactPoint(call.params['uid']!, input, author(call));
    return accepted({ message: 'contactpoint updated' });
  });
  route('DELETE', `${url}/:uid`, async (call) => {
    await notifications.deleteContactPoint(call.params['uid']!, author(call));
    return accepted({ message: 'contactpoint deleted' });
  });
}

const contactPointJson = (point: ContactPoint): Json => ({
  uid: point.uid,
  name: point.name,
  type: point.type,
  settings: redactedSettings(point),
  disableResolveMessage: point.disableResolveMessage,
  ...(point.provenance === '' ? {} : { provenance: point.provenance }),
});

function contactPointInput(body: Json): ContactPointInput {
  const { uid, name, type, settings } = body;
  if (settings !== undefined && !isObject(settings)) throw badRequest('settings must be an object');
  if (type === undefined || type === '') throw badRequest('type should not be an empty string');
  return {
    uid: typeof uid === 'string' ? uid : undefined,
    name: String(name ?? ''),
    type: String(type),
    settings: settings ?? {},
    disableResolveMessage: body['disableResolveMessage'] === true,
  };
}

function registerPolicies(app: FastifyInstance, { notifications }: GrafanaAlertingDeps): void {
  const route = routes(app);
  const url = `${prefix}/policies`;
  route('GET', url, () => {
    const { root, provenance } = notifications.policies;
    return ok({ ...root, ...(provenance === '' ? {} : { provenance }) });
  });
  route('PUT', url, async (call) => {
    await notifications.setPolicies(call.json(), author(call));
    return accepted({ message: 'policies updated' });
  });
  route('DELETE', url, async (call) => {
    await notifications.resetPolicies(author(call));
    return accepted({ message: 'policies reset' });
  });
  route('GET', `${url}/export`, (call) =>
    exportAnswer(call, policiesExport(notifications.policies.root)),
  );
}

function registerMuteTimings(app: FastifyInstance, { notifications }: GrafanaAlertingDeps): void {
  const route = routes(app);
  const url = `${prefix}/mute-timings`;
  const find = (name: string): Json => {
    const found = notifications.model.muteTimings.find((one) => one.name === name);
    if (found === undefined) {
      throw notificationError('MUTE_TIMING_NOT_FOUND', 'mute timing not found');
    }
    return timingJson(found);
  };
  const timingOf = (body: Json, name: string) => {
    const intervals = body['time_intervals'] ?? [];
    if (!Array.isArray(intervals) || !intervals.every(isObject)) {
      throw badRequest('time_intervals must be a list of objects');
    }
    return { name, time_intervals: intervals };
  };
  route('GET', url, () => ok(notifications.model.muteTimings.map(timingJson)));
  route('POST', url, async (call) => {
    const body = objectBody(call);
    const timing = timingOf(body, String(body['name'] ?? ''));
    await notifications.putMuteTiming(timing, author(call), 'new');
    return created(find(timing.name));
  });
  route('GET', `${url}/export`, (call) =>
    exportAnswer(call, muteTimingsExport(notifications.model.muteTimings)),
  );
  route('GET', `${url}/:name`, ({ params }) => ok(find(params['name']!)));
  route('PUT', `${url}/:name`, async (call) => {
    const name = call.params['name']!;
    await notifications.putMuteTiming(timingOf(objectBody(call), name), author(call), 'known');
    return accepted(find(name));
  });
  route('DELETE', `${url}/:name`, async (call) => {
    await notifications.deleteMuteTiming(call.params['name']!, author(call));
    return noContent;
  });
  route('GET', `${url}/:name/export`, (call) => {
    const wanted = notifications.model.muteTimings.filter(
      ({ name }) => name === call.params['name'],
    );
    return exportAnswer(call, muteTimingsExport(wanted));
  });
}

const timingJson = ({
  name,
  time_intervals,
  provenance,
}: GrafanaAlertingDeps['notifications']['model']['muteTimings'][number]): Json => ({
  name,
  time_intervals,
  ...(provenance === '' ? {} : { provenance }),
});

function registerTemplates(app: FastifyInstance, { notifications }: GrafanaAlertingDeps): void {
  const route = routes(app);
  const url = `${prefix}/templates`;
  const json = ({
    name,
    template,
    provenance,
  }: GrafanaAlertingDeps['notifications']['model']['templates'][number]): Json => ({
    name,
    template,
    ...(provenance === '' ? {} : { provenance }),
  });
  const find = (name: string): Json => {
    const found = notifications.model.templates.find((one) => one.name === name);
    if (found === undefined) throw notificationError('TEMPLATE_NOT_FOUND', 'template not found');
    return json(found);
  };
  route('GET', url, () => ok(notifications.model.templates.map(json)));
  route('GET', `${url}/:name`, ({ params }) => ok(find(params['name']!)));
  route('PUT', `${url}/:name`, async (call) => {
    const name = call.params['name']!;
    const { template } = objectBody(call);
    await notifications.putTemplate({ name, template: String(template ?? '') }, author(call));
    return accepted(find(name));
  });
  route('DELETE', `${url}/:name`, async (call) => {
    await notifications.deleteTemplate(call.params['name']!, author(call));
    return noContent;
  });
}
