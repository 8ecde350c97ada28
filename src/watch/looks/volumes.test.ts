import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Trouble } from '../contract.ts';
import { troublesOf } from './volumes.ts';

it('troublesOf() takes nothing else for a claim', () => {
  const claim = { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data' };
  const pod = { kind: 'Pod', namespace: 'shop', name: 'web' };
  const members = [pod, claim].map((subject) => {
    const trouble = {
      reason: 'x',
      severity: 'high',
      subject,
      owner: subject,
      message: '',
      sinceMs: 0,
    };
    return { subject, troubles: [trouble as Trouble] };
  });
  assert.deepEqual(
    troublesOf('PersistentVolumeClaim', members).map(({ subject }) => subject),
    [claim],
  );
});
