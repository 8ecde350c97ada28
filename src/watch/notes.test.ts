import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Incident } from './contract.ts';
import { type IncidentSilence, NotesWatch } from './notes.ts';

const incident = { id: '0123456789abcdef' } as Incident;
const other = { id: 'fedcba9876543210' } as Incident;
const silence = (more: Partial<IncidentSilence> = {}): IncidentSilence => ({
  id: 's1',
  matches: (id) => id === incident.id,
  createdBy: 'U2',
  comment: 'Acknowledged',
  endsAtMs: 1000,
  isActive: true,
  ...more,
});

describe('who is at an incident', () => {
  it('is told once, when it begins, when it is longer, and when it ends', () => {
    const watch = new NotesWatch();
    const open = () => [incident, other];
    assert.deepEqual(watch.look([], open), []);
    const [begun, ...rest] = watch.look([silence()], open);
    assert.deepEqual(rest, []);
    assert.equal(begun?.incident, incident);
    assert.deepEqual(begun?.notes, [{ kind: 'acknowledged', by: 'U2', untilMs: 1000 }]);
    assert.deepEqual(watch.look([silence()], open), []);
    const [longer] = watch.look([silence({ endsAtMs: 2000 })], open);
    assert.equal(longer?.notes[0]?.untilMs, 2000);
    const [ended] = watch.look([silence({ isActive: false })], open);
    assert.deepEqual([ended?.notes, ended?.ended], [[], ['s1']]);
  });

  it('is a silence where nobody says that he is at it', () => {
    const [change] = new NotesWatch().look([silence({ comment: 'noise', createdBy: '' })], () => [
      incident,
    ]);
    assert.deepEqual(change?.notes, [{ kind: 'silenced', by: 'somebody', untilMs: 1000 }]);
  });
});
