import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { DataFrame } from '@grafana/data';
import { type Answer, type AskServer, PanelQueries } from './panel-queries.ts';
import type { PanelRequest } from './panel-request.ts';
import { RequestQueue } from './request-queue.ts';

interface Asked {
  readonly fromMs: number;
  readonly expr: unknown;
  readonly signal: AbortSignal;
  readonly answer: (value: number) => void;
}

const request = (nowMs: number, expr = 'up', change: Partial<PanelRequest> = {}): PanelRequest => ({
  nowMs,
  fromMs: nowMs - 1000,
  toMs: nowMs,
  rangeNote: '',
  intervalMs: 15_000,
  queries: [{ refId: 'A', expr }],
  errors: [],
  ...change,
});

const answerOf = (value: number): Answer => {
  const fields = [{ name: 'Value', values: [value] }] as unknown as DataFrame['fields'];
  return { frames: [{ refId: 'A', length: 1, fields }], errors: [], raw: {} };
};

describe('PanelQueries', () => {
  let asked: Asked[] = [];
  beforeEach(() => {
    asked = [];
  });
  const ask: AskServer = ({ fromMs, queries }, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      const answer = (value: number): void => resolve(answerOf(value));
      asked.push({ fromMs, expr: queries[0]?.['expr'], signal, answer });
    });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const shown = (panel: PanelQueries): unknown =>
    panel.view.get().data.frames[0]?.fields[0]?.values[0];

  it('keeps what it shows while the next answer is on its way', async () => {
    const panel = new PanelQueries(0, ask);
    const queue = new RequestQueue(4);
    panel.ask(request(10_000), queue);
    asked[0]!.answer(1);
    await turn();
    assert.equal(panel.view.get().data.state, 'done');
    panel.ask(request(10_000, 'down'), queue);
    assert.equal(panel.view.get().data.state, 'loading');
    assert.equal(shown(panel), 1);
    asked[1]!.answer(2);
    await turn();
    assert.equal(shown(panel), 2);
  });

  it('asks once for the same question, and calls off another one', async () => {
    const panel = new PanelQueries(0, ask);
    const queue = new RequestQueue(4);
    panel.ask(request(10_000), queue);
    panel.ask(request(10_000), queue);
    assert.equal(asked.length, 1);
    panel.ask(request(10_000, 'other'), queue);
    assert.equal(asked[0]!.signal.aborted, true);
    asked[1]!.answer(2);
    await turn();
    assert.equal(shown(panel), 2);
  });

  it('hears an answer that takes longer than a refresh, and then asks for the newest', async () => {
    const panel = new PanelQueries(0, ask);
    const queue = new RequestQueue(4);
    panel.ask(request(10_000), queue);
    panel.ask(request(15_000), queue);
    panel.ask(request(20_000), queue);
    assert.equal(asked.length, 1);
    asked[0]!.answer(1);
    await turn();
    assert.equal(shown(panel), 1);
    assert.deepEqual(
      asked.map(({ fromMs }) => fromMs),
      [9000, 19_000],
    );
    // Somebody chose another range: that is no refresh.
    panel.ask(request(21_000, 'up', { fromMs: 0 }), queue);
    assert.equal(asked[1]!.signal.aborted, true);
  });

  it('says what failed, and asks again when it is wanted', async () => {
    const panel = new PanelQueries(0, async () => {
      throw new Error('gone');
    });
    const queue = new RequestQueue(4);
    panel.ask(request(10_000), queue);
    await turn();
    assert.equal(panel.view.get().data.state, 'error');
    assert.deepEqual(panel.view.get().data.errors, [{ message: 'gone' }]);
  });
});
