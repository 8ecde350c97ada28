import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useListParam, useSetView, useTextParam } from '../../../state/view.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { rememberQueries } from './history.ts';

/** More queries than letters tell apart are a dashboard. */
export const maxQueries = 10;

export const views = ['graph', 'heatmap', 'table'] as const;
export type View = (typeof views)[number];

/** One query as it is being written. */
export interface Draft {
  /** Stable while queries around it come and go. */
  readonly id: number;
  readonly expr: string;
  readonly isOff: boolean;
}

/** One query as the link says it, which is what runs. */
export interface Asked {
  readonly letter: string;
  readonly expr: string;
  readonly isOff: boolean;
}

export interface Explore {
  readonly drafts: readonly Draft[];
  /** In the order of their letters; never empty ones. */
  readonly asked: readonly Asked[];
  /** Undefined: whatever fits the answer. */
  readonly view: View | undefined;
  readonly isStacked: boolean;
  /** As written in the link; '' for automatic. */
  readonly step: string;
  readonly edit: (id: number, expr: string) => void;
  readonly add: (expr?: string) => void;
  readonly remove: (id: number) => void;
  readonly toggle: (id: number) => void;
  /** Runs what is written; with a change of one query where given. */
  readonly run: (change?: { readonly id: number; readonly expr: string }) => void;
  readonly setView: (view: View) => void;
  readonly setStacked: (on: boolean) => void;
  readonly setStep: (step: string) => void;
}

export const letterOf = (index: number): string => String.fromCharCode(65 + index);

let nextId = 1;
const draftOf = (expr: string, isOff = false): Draft => ({ id: nextId++, expr, isOff });

/** Queries, range, view and stacking are in the link: what it says is what runs. */
export function useExplore(): Explore {
  const change = useSetView();
  const { refresh } = useSharedRange();
  const linked = useListParam('q');
  const off = useTextParam('off');
  const text = linked.join('\0');
  const asked = useMemo<readonly Asked[]>(
    () =>
      (text === '' ? [] : text.split('\0')).slice(0, maxQueries).map((expr, index) => ({
        letter: letterOf(index),
        expr,
        isOff: off.includes(letterOf(index)),
      })),
    [text, off],
  );
  const viewText = useTextParam('view');
  const [drafts, setDrafts] = useState<readonly Draft[]>(() => draftsOf(asked));
  const latest = useRef(drafts);
  latest.current = drafts;

  // The link changed under us (Back, the browser of metrics, another page): show what it says.
  useEffect(() => {
    setDrafts((before) => {
      const written = before.filter((draft) => draft.expr.trim() !== '');
      const isSame =
        written.length === asked.length &&
        written.every(
          (draft, index) =>
            draft.expr === asked[index]?.expr && draft.isOff === asked[index]?.isOff,
        );
      return isSame || (asked.length === 0 && before.length > 0) ? before : draftsOf(asked);
    });
  }, [asked]);

  const ask = useCallback(
    (next: readonly Draft[]) => {
      const written = next.filter((draft) => draft.expr.trim() !== '');
      change({
        q: written.map((draft) => draft.expr),
        off: written.map((draft, index) => (draft.isOff ? letterOf(index) : '')).join(''),
      });
      rememberQueries(written.map((draft) => draft.expr.trim()));
    },
    [change],
  );
  return {
    drafts,
    asked,
    view: views.find((view) => view === viewText),
    isStacked: useTextParam('stacked') === '1',
    step: useTextParam('step'),
    edit: useCallback((id, expr) => {
      setDrafts((before) => before.map((draft) => (draft.id === id ? { ...draft, expr } : draft)));
    }, []),
    add: useCallback((expr = '') => {
      setDrafts((before) => (before.length >= maxQueries ? before : [...before, draftOf(expr)]));
    }, []),
    remove: useCallback(
      (id) => {
        const rest = latest.current.filter((draft) => draft.id !== id);
        const next = rest.length === 0 ? [draftOf('')] : rest;
        setDrafts(next);
        ask(next);
      },
      [ask],
    ),
    toggle: useCallback(
      (id) => {
        const next = latest.current.map((draft) =>
          draft.id === id ? { ...draft, isOff: !draft.isOff } : draft,
        );
        setDrafts(next);
        ask(next);
      },
      [ask],
    ),
    run: useCallback(
      (edited) => {
        const next = latest.current.map((draft) =>
          draft.id === edited?.id ? { ...draft, expr: edited.expr } : draft,
        );
        setDrafts(next);
        ask(next);
        refresh();
      },
      [ask, refresh],
    ),
    setView: (view) => change({ view }),
    setStacked: (on) => change({ stacked: on ? '1' : undefined }, { replace: true }),
    setStep: (step) => change({ step }, { replace: true }),
  };
}

const draftsOf = (asked: readonly Asked[]): readonly Draft[] =>
  asked.length === 0 ? [draftOf('')] : asked.map((one) => draftOf(one.expr, one.isOff));
