import { useEffect, useRef } from 'react';
import type { PlacedPanel } from '../../../dashboards/layout.ts';
import { useShortcuts } from '../../../keys/shortcuts.ts';
import type { PanelAction } from './panel-frame.tsx';

export interface DashboardKeys {
  /** The panel under the pointer or with the focus. */
  readonly hovered: () => PlacedPanel | undefined;
  readonly onAction: (item: PlacedPanel, action: PanelAction) => void;
  readonly isAlone: boolean;
  readonly isKiosk: boolean;
  readonly onExpandRows: () => void;
  readonly onCollapseRows: () => void;
  readonly onToggleLegends: () => void;
  readonly onCrosshair: () => void;
  readonly onKiosk: () => void;
  readonly mayEdit: boolean;
  readonly onSave: () => void;
  readonly onSettings: () => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onRefresh: () => void;
  /** There is something to come back from. */
  readonly canEscape: boolean;
  readonly onEscape: () => void;
}

/** Keys of a dashboard, those of Grafana where they are free; the frame has those of the range. */
export function useDashboardKeys(keys: DashboardKeys): void {
  const { hovered, onAction } = keys;
  const withPanel = (action: PanelAction) => (): void => {
    const item = hovered();
    if (item !== undefined) onAction(item, action);
  };
  useShortcuts({
    v: withPanel(keys.isAlone ? 'leave' : 'view'),
    i: withPanel({ inspect: 'data' }),
    'p s': withPanel('share'),
    'p x': withPanel('explore'),
    'p l': withPanel('legend'),
    'p c': withPanel('copy'),
    'd r': keys.onRefresh,
    'd k': keys.onKiosk,
    'd e': keys.onExpandRows,
    'd c': keys.onCollapseRows,
    'd l': keys.onToggleLegends,
    'mod+o': keys.onCrosshair,
    ...(keys.mayEdit
      ? {
          e: withPanel('edit'),
          'p d': withPanel('duplicate'),
          'p r': withPanel('remove'),
          'd s': keys.onSettings,
          'mod+s': keys.onSave,
        }
      : {}),
  });
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isTaken =
        event.defaultPrevented || document.querySelector(overlays) !== null || isWriting(event);
      if (event.key !== 'Escape' || isTaken || !latest.current.canEscape) return;
      event.preventDefault();
      latest.current.onEscape();
    };
    // Within a text box the key belongs to the text.
    const onUndoKey = (event: KeyboardEvent): void => {
      const step = stepOf(event);
      const target = event.target as HTMLElement | null;
      if (step === undefined || target?.closest(textBoxes) != null) return;
      event.preventDefault();
      if (step === 'undo') latest.current.onUndo();
      else latest.current.onRedo();
    };
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('keydown', onUndoKey);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('keydown', onUndoKey);
    };
  }, []);
}

const overlays = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]';
const textBoxes = 'input, textarea, [contenteditable]';

/** Escape within a text box leaves the box, not the page. */
function isWriting({ target }: KeyboardEvent): boolean {
  const box = (target as HTMLElement | null)?.closest<HTMLElement>(textBoxes);
  box?.blur();
  return box != null;
}

/** Ctrl- or Cmd-Z takes a step back; with Shift, or Y, forward again. */
function stepOf(event: KeyboardEvent): 'undo' | 'redo' | undefined {
  if (!event.ctrlKey && !event.metaKey) return undefined;
  if (event.code === 'KeyZ') return event.shiftKey ? 'redo' : 'undo';
  return event.code === 'KeyY' && !event.shiftKey ? 'redo' : undefined;
}
