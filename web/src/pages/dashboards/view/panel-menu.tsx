import {
  BellPlus,
  ChartLine,
  Code,
  Copy,
  CopyPlus,
  Download,
  Ellipsis,
  Eye,
  FileText,
  Gauge,
  List,
  Pencil,
  RotateCcw,
  ScanSearch,
  Share2,
  Table2,
  Trash2,
} from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { Kbd } from '../../../ui/kbd.tsx';
import { Menu, MenuItem, Submenu } from '../../../ui/menu.tsx';
import type { PanelAction } from './panel-frame.tsx';
import { viewWords } from './words.ts';

export interface PanelMenuProps {
  readonly title: string;
  readonly isAlone: boolean;
  readonly hasLegend: boolean;
  readonly canExplore: boolean;
  readonly mayEdit: boolean;
  readonly onAction: (action: PanelAction) => void;
  /** The button. */
  readonly children: ReactElement<Record<string, unknown>>;
}

/** All that can be done with a panel. */
export function PanelMenu({
  isAlone,
  canExplore,
  mayEdit,
  onAction,
  children,
}: PanelMenuProps): ReactNode {
  const m = useMessages(viewWords);
  return (
    <Menu align="end" trigger={children}>
      <MenuItem
        icon={Eye}
        note={<Kbd keys="v" />}
        onSelect={() => onAction(isAlone ? 'leave' : 'view')}
      >
        {isAlone ? m.leaveView : m.view}
      </MenuItem>
      {mayEdit && (
        <MenuItem icon={Pencil} note={<Kbd keys="e" />} onSelect={() => onAction('edit')}>
          {m.edit}
        </MenuItem>
      )}
      <MenuItem
        icon={ChartLine}
        note={<Kbd keys="p x" />}
        disabled={!canExplore}
        onSelect={() => onAction('explore')}
      >
        {m.explore}
      </MenuItem>
      <MenuItem icon={Share2} note={<Kbd keys="p s" />} onSelect={() => onAction('share')}>
        {m.share}
      </MenuItem>
      <Submenu icon={ScanSearch} label={m.inspect}>
        <MenuItem
          icon={Table2}
          note={<Kbd keys="i" />}
          onSelect={() => onAction({ inspect: 'data' })}
        >
          {m.inspectData}
        </MenuItem>
        <MenuItem icon={Gauge} onSelect={() => onAction({ inspect: 'stats' })}>
          {m.inspectStats}
        </MenuItem>
        <MenuItem icon={Code} onSelect={() => onAction({ inspect: 'query' })}>
          {m.inspectQuery}
        </MenuItem>
        <MenuItem icon={FileText} onSelect={() => onAction({ inspect: 'json' })}>
          {m.inspectJson}
        </MenuItem>
      </Submenu>
      <Submenu icon={Ellipsis} label={m.more}>
        <MenuItem icon={List} note={<Kbd keys="p l" />} onSelect={() => onAction('legend')}>
          {m.legend}
        </MenuItem>
        <MenuItem icon={Download} onSelect={() => onAction('png')}>
          {m.downloadPng}
        </MenuItem>
        <MenuItem icon={Download} onSelect={() => onAction('svg')}>
          {m.downloadSvg}
        </MenuItem>
        <MenuItem icon={RotateCcw} onSelect={() => onAction('reload')}>
          {m.reload}
        </MenuItem>
        <MenuItem icon={Copy} note={<Kbd keys="p c" />} onSelect={() => onAction('copy')}>
          {m.copyPanel}
        </MenuItem>
        {mayEdit && (
          <>
            <MenuItem icon={BellPlus} disabled={!canExplore} onSelect={() => onAction('alert')}>
              {m.newAlert}
            </MenuItem>
            <MenuItem
              icon={CopyPlus}
              note={<Kbd keys="p d" />}
              onSelect={() => onAction('duplicate')}
            >
              {m.duplicate}
            </MenuItem>
            <MenuItem
              icon={Trash2}
              danger
              note={<Kbd keys="p r" />}
              onSelect={() => onAction('remove')}
            >
              {m.remove}
            </MenuItem>
          </>
        )}
      </Submenu>
    </Menu>
  );
}
