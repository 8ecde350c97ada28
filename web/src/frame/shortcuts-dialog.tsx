import type { ReactNode } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Kbd } from '../ui/kbd.tsx';
import css from './frame.module.css';
import { pageLinks, settingsLink } from './navigation.ts';
import { frameWords } from './words.ts';

export function ShortcutsDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(frameWords);
  const groups: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      m.groupEverywhere,
      [
        ['mod+k', m.keySearch],
        ['/', m.keyQuery],
        ['t', m.keyTime],
        ['r', m.keyRefresh],
        ['z', m.keyZoomOut],
        ['[ ]', m.keyShift],
        ['mod+Enter', m.keyRun],
        ['c t', m.keyTheme],
        ['Esc', m.keyClose],
        ['?', m.keyHelp],
      ],
    ],
    [
      m.groupLists,
      [
        ['j', m.keyNext],
        ['k', m.keyPrevious],
        ['Enter', m.keyOpen],
        ['w', m.keyWrap],
        ['x', m.keyRaw],
        ['p', m.keyPause],
      ],
    ],
    [
      m.groupCharts,
      [
        ['← →', m.keyCrosshair],
        ['Shift ← →', m.keyCrosshairFar],
        ['↑ ↓', m.keySeries],
        ['Enter', m.keyPoint],
        ['Shift Drag', m.keyPart],
      ],
    ],
    [
      m.groupDashboards,
      [
        ['v', m.keyView],
        ['i', m.keyInspect],
        ['p x', m.keyExplore],
        ['p s', m.keyShare],
        ['p l', m.keyLegend],
        ['e', m.keyEdit],
        ['p d', m.keyDuplicate],
        ['p c', m.keyCopy],
        ['p r', m.keyRemove],
        ['d r', m.keyRefresh],
        ['d s', m.keySettings],
        ['mod+s', m.keySave],
        ['mod+z', m.keyUndo],
        ['d e', m.keyOpenRows],
        ['d c', m.keyCloseRows],
        ['d l', m.keyLegends],
        ['d k', m.keyKiosk],
        ['mod+o', m.keySharedCrosshair],
      ],
    ],
    [
      m.groupGo,
      [...pageLinks, settingsLink].map((link) => [`g ${link.key}`, m[link.word]] as const),
    ],
  ];
  return (
    <Dialog open={open} onClose={onClose} title={m.shortcuts} wide>
      <div className={css.keys}>
        {groups.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            {keys.map(([key, text]) => (
              <div key={key} className={css.keyRow}>
                <span>{text}</span>
                <Kbd keys={key} />
              </div>
            ))}
          </section>
        ))}
      </div>
    </Dialog>
  );
}
