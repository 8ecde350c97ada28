import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FormValues } from '../form.ts';
import { readResourceTypes } from './kubectl-builder.ts';
import {
  type BuilderLimits,
  type BuilderLists,
  builderChoice,
  builderForm,
  builderVerbs,
} from './kubectl-form.ts';

const open: BuilderLimits = {
  verbs: [],
  resources: [],
  namespaces: [],
  defaultNamespace: 'default',
};
const resources = readResourceTypes([
  'nodes            no      v1                       false  Node',
  'pods             po      v1                       true   Pod',
  'secrets                  v1                       true   Secret',
  'deployments      deploy  apps/v1                  true   Deployment',
  'events           ev      v1                       true   Event',
  'events           ev      events.k8s.io/v1         true   Event',
  'certificates             cert-manager.io/v1       true   Certificate',
]);
const lists: BuilderLists = {
  resources,
  namespaces: ['default', 'shop'],
  names: ['api-1', 'web-1', 'web-2'],
  problems: [],
};
const formOf = (
  chosen: Readonly<Record<string, string>>,
  limits: BuilderLimits = open,
  given: BuilderLists = lists,
) => {
  const values: FormValues = Object.fromEntries(
    Object.entries(chosen).map(([name, value]) => [name, [value]]),
  );
  return builderForm(builderChoice(values, given.resources, limits), given, limits);
};

describe('the command that a form makes', () => {
  const cases: readonly (readonly [chosen: Readonly<Record<string, string>>, wanted?: string])[] = [
    [{}],
    [{ verb: 'get' }],
    [{ verb: 'get', resource: 'pods' }, 'kubectl get pods -n default'],
    [{ verb: 'get', resource: 'pods', namespace: 'shop' }, 'kubectl get pods -n shop'],
    [{ verb: 'get', resource: 'pods', namespace: '*' }, 'kubectl get pods -A'],
    [{ verb: 'get', resource: 'pods', name: 'web-1' }, 'kubectl get pods web-1 -n default'],
    // The name of what was chosen before is none of these.
    [{ verb: 'get', resource: 'pods', name: 'other' }, 'kubectl get pods -n default'],
    [{ verb: 'get', resource: 'pods', name: '*' }, 'kubectl get pods -n default'],
    [{ verb: 'get', resource: 'nodes' }, 'kubectl get nodes'],
    [
      { verb: 'get', resource: 'events.events.k8s.io' },
      'kubectl get events.events.k8s.io -n default',
    ],
    [{ verb: 'get', resource: 'pods; rm' }],
    [{ verb: 'describe', resource: 'secrets' }, 'kubectl describe secrets -n default'],
    [{ verb: 'logs', resource: 'pods' }],
    [{ verb: 'logs', resource: 'secrets', name: 'web-1' }],
    [{ verb: 'logs', resource: 'pods', name: 'web-1' }, 'kubectl logs pods/web-1 -n default'],
    // Logs of all namespaces are not to be had.
    [
      { verb: 'logs', resource: 'pods', name: 'web-1', namespace: '*' },
      'kubectl logs pods/web-1 -n default',
    ],
    [{ verb: 'top', resource: 'nodes' }, 'kubectl top nodes'],
    [{ verb: 'top', resource: 'deployments' }],
    [{ verb: 'cluster-info', resource: 'pods' }, 'kubectl cluster-info'],
    [
      { verb: 'api-resources', filter: 'a "b" \\' },
      'kubectl api-resources --filter="a \\"b\\" \\\\"',
    ],
    // Never offered, whatever is asked.
    [{ verb: 'exec', resource: 'pods', name: 'web-1' }],
    [{ verb: 'delete', resource: 'pods', name: 'web-1' }],
  ];
  for (const [chosen, wanted] of cases) {
    it(`${JSON.stringify(chosen)} is ${wanted ?? 'not yet one'}`, () => {
      const { preview, buttons = [] } = formOf(chosen);
      assert.equal(preview, wanted);
      assert.deepEqual(
        buttons.map(({ command }) => command),
        wanted === undefined ? [] : [wanted],
      );
    });
  }
});

describe('what a form offers', () => {
  const optionsOf = (form: ReturnType<typeof formOf>, name: string): readonly string[] => {
    const field = form.fields.find((one) => one.name === name);
    return field?.kind === 'select' ? field.options.map(({ value }) => value) : [];
  };

  it('keeps to the limits of the channel', () => {
    const limits: BuilderLimits = {
      verbs: ['get', 'delete', 'exec', 'port-forward', 'explain', 'patch', 'logs'],
      resources: ['deployments', 'pods'],
      namespaces: ['shop', 'edge'],
      defaultNamespace: 'default',
    };
    // What needs more than a form has is not offered either.
    assert.deepEqual(builderVerbs(limits), ['get', 'delete', 'logs']);
    const form = formOf({ verb: 'get', resource: 'pods', namespace: '*' }, limits, {
      ...lists,
      namespaces: ['shop', 'edge'],
    });
    assert.deepEqual(optionsOf(form, 'resource'), ['pods', 'deployments']);
    assert.deepEqual(optionsOf(form, 'namespace'), ['shop', 'edge']);
    assert.equal(form.preview, 'kubectl get pods -n shop');
    assert.equal(formOf({ verb: 'get', resource: 'secrets' }, limits).preview, undefined);
  });

  it('has what is looked for most first, and of each name the group that it needs', () => {
    assert.deepEqual(optionsOf(formOf({ verb: 'get' }), 'resource'), [
      ...['pods', 'deployments', 'nodes', 'events'],
      ...['certificates', 'events.events.k8s.io', 'secrets'],
    ]);
  });

  it('shows a hundred options, says so, and finds the rest', () => {
    const names = Array.from({ length: 250 }, (_, at) => `web-${at + 1000}`);
    const many = { ...lists, names };
    const chosen = { verb: 'get', resource: 'pods' };
    const form = formOf(chosen, open, many);
    assert.equal(optionsOf(form, 'name').length, 100);
    assert.ok(form.notes?.includes('The first 99 of 250 names are shown. Search for others.'));
    const found = formOf({ ...chosen, search: 'web-124' }, open, many);
    assert.deepEqual(optionsOf(found, 'name'), [
      '*',
      ...Array.from({ length: 10 }, (_, at) => `web-${1240 + at}`),
    ]);
    // What is chosen is among them, wherever it stands.
    const last = formOf({ ...chosen, name: 'web-1249' }, open, many);
    assert.ok(optionsOf(last, 'name').includes('web-1249'));
    assert.equal(optionsOf(last, 'name').length, 100);
    assert.ok(
      formOf({ ...chosen, search: 'zzz' }, open, many).notes?.includes('No name has "zzz".'),
    );
  });

  it('goes on without what cannot be listed', () => {
    const form = formOf({ verb: 'get', resource: 'pods' }, open, {
      ...lists,
      namespaces: undefined,
      names: undefined,
      problems: ['Names cannot be listed: no'],
    });
    assert.deepEqual(optionsOf(form, 'namespace'), []);
    assert.deepEqual(form.notes, ['Names cannot be listed: no']);
    assert.equal(form.preview, 'kubectl get pods -n default');
  });
});
