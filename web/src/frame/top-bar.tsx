import { useLocation } from '@tanstack/react-router';
import { CircleUser, Keyboard, Languages, Link2, LogOut, Moon, Search, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Session, sessionApi } from '../api/session.ts';
import { useMessages } from '../i18n/messages.ts';
import { isDark, setPreferences, usePreferences } from '../state/preferences.ts';
import { isoInstant } from '../time/range.ts';
import { RangePicker } from '../time/range-picker.tsx';
import { useSharedRange } from '../time/shared-range.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Menu, MenuGroup, MenuItem, MenuRadio, MenuSeparator } from '../ui/menu.tsx';
import { copyText } from '../ui/toast.tsx';
import { Breadcrumb } from './breadcrumb.tsx';
import css from './frame.module.css';
import { isTimeless } from './navigation.ts';
import { frameWords } from './words.ts';

export interface TopBarProps {
  readonly session: Session;
  readonly pickerOpen: boolean;
  readonly onPickerOpen: (open: boolean) => void;
  readonly onSearch: () => void;
  readonly onShortcuts: () => void;
}

export function TopBar(props: TopBarProps): ReactNode {
  const m = useMessages(frameWords);
  const preferences = usePreferences();
  const { pathname } = useLocation();
  const isTimelessPage = isTimeless(pathname);
  return (
    <header className={css.bar}>
      <Breadcrumb />
      <Button
        icon={Search}
        className={css.search}
        title={m.searchEverything}
        onClick={props.onSearch}
      >
        <span className={css.searchText}>{m.searchShort}</span>
        <span className={css.searchKeys} aria-hidden>
          <Kbd keys="mod+k" />
        </span>
      </Button>
      {!isTimelessPage && <RangePicker open={props.pickerOpen} onOpenChange={props.onPickerOpen} />}
      <IconButton
        icon={isDark(preferences) ? Sun : Moon}
        label={isDark(preferences) ? m.themeLight : m.themeDark}
        onClick={toggleTheme}
      />
      <Menu align="end" trigger={<IconButton icon={Languages} label={m.language} />}>
        <MenuRadio
          value={preferences.language}
          options={[
            { value: 'en', label: 'English' },
            { value: 'ko', label: '한국어' },
          ]}
          onChange={(language) => setPreferences({ language: language as 'en' | 'ko' })}
        />
      </Menu>
      <UserMenu {...props} />
    </header>
  );
}

export function toggleTheme(): void {
  setPreferences({ theme: isDark() ? 'light' : 'dark' });
}

function UserMenu({ session, onShortcuts }: TopBarProps): ReactNode {
  const m = useMessages(frameWords);
  const shared = useSharedRange();
  const lockedLink = (): string => {
    const url = new URL(window.location.href);
    url.searchParams.set('from', isoInstant(shared.fromMs));
    url.searchParams.set('to', isoInstant(shared.toMs));
    return url.href;
  };
  const isLocal = session.principal?.kind === 'anonymous';
  return (
    <Menu align="end" trigger={<IconButton icon={CircleUser} label={m.user} />}>
      <MenuGroup label={isLocal ? m.localUser : m.loggedInAs(session.principal?.name ?? '')}>
        <MenuItem icon={Link2} onSelect={() => void copyText(window.location.href, m.linkCopied)}>
          {m.copyLink}
        </MenuItem>
        <MenuItem icon={Link2} onSelect={() => void copyText(lockedLink(), m.linkCopied)}>
          {m.copyLockedLink}
        </MenuItem>
      </MenuGroup>
      <MenuItem icon={Keyboard} note={<Kbd keys="?" />} onSelect={onShortcuts}>
        {m.shortcuts}
      </MenuItem>
      {!isLocal && (
        <>
          <MenuSeparator />
          <MenuItem
            icon={LogOut}
            onSelect={() => void sessionApi.logout().then(() => window.location.reload())}
          >
            {m.logOut}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
