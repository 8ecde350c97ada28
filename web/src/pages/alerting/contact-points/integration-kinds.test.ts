import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireIntegrationOption } from '../../../api/grafana-alerting.ts';
import {
  givenSettings,
  integrationKind,
  missingSettings,
  settingAt,
  withSetting,
} from './integration-kinds.ts';
import { pairsOf } from './pairs.ts';

const option = (
  propertyName: string,
  more: Partial<WireIntegrationOption> = {},
): WireIntegrationOption => ({
  propertyName,
  label: propertyName,
  description: '',
  placeholder: '',
  element: 'input',
  required: false,
  secure: false,
  ...more,
});
const kind = integrationKind({
  type: 'chat',
  name: 'Chat',
  options: [
    option('room', { required: true }),
    option('token', { secure: true }),
    option('password', { secure: true }),
    option('url'),
    option('title', { placeholder: '{{ template "default.title" . }}' }),
    option('quiet', { element: 'checkbox' }),
    option('http.level', { element: 'select', selectOptions: [{ value: 'a', label: 'A' }] }),
  ],
});

describe('settings of integrations', () => {
  it('are shown by what they are, the needed ones first', () => {
    assert.deepEqual(
      kind.fields.map(({ key, kind: of, isOptional }) => [key, of, isOptional]),
      [
        ['room', 'text', false],
        ['token', 'secret', false],
        ['password', 'secret', true],
        ['url', 'text', false],
        ['title', 'template', true],
        ['quiet', 'boolean', true],
        ['http.level', 'choice', true],
      ],
    );
  });

  it('say what is missing', () => {
    assert.deepEqual(missingSettings(kind, { room: '' }), ['room']);
    assert.deepEqual(missingSettings(kind, { room: '[REDACTED]' }), []);
    assert.deepEqual(missingSettings(undefined, {}), []);
  });

  it('may lie within others', () => {
    const settings = withSetting({ http: { keep: 1 } }, 'http.level', 'a');
    assert.deepEqual(settings, { http: { keep: 1, level: 'a' } });
    assert.equal(settingAt(settings, 'http.level'), 'a');
    assert.equal(settingAt({ http: 'no' }, 'http.level'), undefined);
    assert.deepEqual(withSetting({}, 'a.b.c', 1), { a: { b: { c: 1 } } });
  });

  it('leave out what is empty', () => {
    assert.deepEqual(givenSettings({ a: '', b: false, c: 0, d: undefined }), { b: false, c: 0 });
  });

  it('reads pairs of a text', () => {
    assert.deepEqual(pairsOf('a=b\n\n c = d=e \nnone\n=x'), { a: 'b', c: 'd=e' });
  });
});
