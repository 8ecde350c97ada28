import { useCallback, useMemo, useState } from 'react';
import type { Dashboard } from '../../../../../src/dashboards/model/contract.ts';
import type { DashboardAnswer } from '../../../api/dashboards.ts';
import {
  changed,
  type History,
  redone,
  startHistory,
  undone,
} from '../../../dashboards/editing/history.ts';
import { textOf } from '../../../state/url.ts';
import { useSetView, useView } from '../../../state/view.ts';

/** What is done to a dashboard before it is saved. */
export interface Editing {
  /** With all that was done. */
  readonly dashboard: Dashboard;
  readonly isActive: boolean;
  readonly mayEdit: boolean;
  readonly isDirty: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Changes with the same step after each other are taken back together. */
  readonly change: (change: (dashboard: Dashboard) => Dashboard, step?: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly start: () => void;
  /** Back to looking; what was done stays. */
  readonly leave: () => void;
  /** Forgets all that was done. */
  readonly discard: () => void;
}

/** The changes of a dashboard that is looked at; the link says whether it is being edited. */
export function useEditing({ dashboard: base, meta }: DashboardAnswer, isNew: boolean): Editing {
  const view = useView();
  const setView = useSetView();
  const [history, setHistory] = useState<History<Dashboard>>();
  const mayEdit = meta.canEdit === true;
  const isActive = mayEdit && (isNew || textOf(view['edit']) !== '');
  const change = useCallback<Editing['change']>(
    (apply, step) =>
      setHistory((before = startHistory(base)) => changed(before, apply(before.present), step)),
    [base],
  );
  const dashboard = history?.present ?? base;
  const isDirty = history !== undefined && history.past.length > 0;
  return useMemo(
    () => ({
      dashboard,
      isActive,
      mayEdit,
      isDirty,
      canUndo: isDirty,
      canRedo: (history?.future.length ?? 0) > 0,
      change,
      undo: () => setHistory((before) => before && undone(before)),
      redo: () => setHistory((before) => before && redone(before)),
      start: () => setView({ edit: '1' }),
      leave: () => setView({ edit: undefined }),
      discard: () => setHistory(undefined),
    }),
    [dashboard, isActive, mayEdit, isDirty, history, change, setView],
  );
}
