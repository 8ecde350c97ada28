import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inThread } from './in-thread.ts';

const pod = {
  id: '0123456789abcdef',
  kind: 'Pod',
  namespace: 'shop',
  name: 'web-1',
  container: 'main',
};
const node = { id: '0123456789abcdef', kind: 'Node', namespace: '', name: 'n1' };
const deployment = { id: pod.id, kind: 'Deployment', namespace: 'shop', name: 'web' };

describe('a command in the thread of an incident', () => {
  const cases: readonly (readonly [text: string, meant: string, subject?: typeof node])[] = [
    ['logs', 'logs web-1 -n shop -c main'],
    ['logs --tail 5', 'logs web-1 -n shop -c main --tail 5'],
    ['logs other -n x', 'logs other -n x'],
    ['describe', 'kubectl describe pod web-1 -n shop'],
    ['get -o wide', 'kubectl get pod web-1 -n shop -o wide'],
    ['top', 'top pods web-1 -n shop'],
    ['top --containers', 'top pods web-1 -n shop --containers'],
    ['top', 'top nodes n1', node],
    ['top', 'top pods web -n shop', deployment],
    ['logs --tail 5', 'logs deployment/web -n shop --tail 5', deployment],
    ['describe', 'kubectl describe deployment web -n shop', deployment],
    ['describe', 'kubectl describe node n1', node],
    ['logs', 'logs', node],
    ['silence 2h', 'silence 0123456789abcdef 2h'],
    ['silence namespace=x 2h', 'silence namespace=x 2h'],
    ['ack', 'ack 0123456789abcdef'],
    ['kubectl get pod', 'kubectl get pod'],
    ['ping', 'ping'],
  ];
  for (const [text, meant, subject = pod] of cases) {
    it(`${text} about a ${subject.kind}`, () => {
      assert.equal(inThread(text.split(' '), subject).join(' '), meant);
    });
  }
});
