import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import {
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { setOnLoginNeeded } from '../api/client.ts';
import { type Session, sessionApi } from '../api/session.ts';
import { useMessages } from '../i18n/messages.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { loadAgain } from '../lazy-page.ts';
import { setServerZone, usePreferences } from '../state/preferences.ts';
import { useView } from '../state/view.ts';
import { shifted } from '../time/range.ts';
import { SharedRangeProvider, useSharedRange } from '../time/shared-range.tsx';
import { classNames } from '../ui/class-names.ts';
import { ErrorState } from '../ui/states.tsx';
import { ToastRegion } from '../ui/toast.tsx';
import { TooltipProvider } from '../ui/tooltip.tsx';
import { CrumbsProvider } from './breadcrumb.tsx';
import css from './frame.module.css';
import { Login } from './login.tsx';
import { pageLinks, settingsLink } from './navigation.ts';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { TopBar, toggleTheme } from './top-bar.tsx';
import { frameWords } from './words.ts';

/** Loaded when somebody first asks for it. Not the palette: what is typed after Ctrl-K must not be lost. */
const ShortcutsDialog = lazy(() =>
  loadAgain(async () => ({
    default: (await import('./shortcuts-dialog.tsx')).ShortcutsDialog,
  })),
);

/** What stands around every page. Without a session it is the login page. */
export function Frame(): ReactNode {
  const client = useQueryClient();
  const session = useQuery({ queryKey: ['session'], queryFn: sessionApi.get, staleTime: 60_000 });
  useEffect(() => {
    setOnLoginNeeded(() => void client.invalidateQueries({ queryKey: ['session'] }));
  }, [client]);
  const serverZone = session.data?.server['timeZone'];
  // Before anything is painted: no time of the page changes under the eyes of its reader.
  useLayoutEffect(() => setServerZone(serverZone), [serverZone]);
  if (session.isError) {
    return (
      <main className={css.login}>
        <ErrorState error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  if (session.data === undefined) return null;
  if (session.data.principal === undefined) {
    return <Login onDone={() => void client.invalidateQueries()} />;
  }
  return (
    <TooltipProvider delay={400}>
      <ToastRegion>
        <SharedRangeProvider>
          <CrumbsProvider>
            <Inside session={session.data} />
          </CrumbsProvider>
        </SharedRangeProvider>
      </ToastRegion>
    </TooltipProvider>
  );
}

function Inside({ session }: { readonly session: Session }): ReactNode {
  const m = useMessages(frameWords);
  const { railPinned } = usePreferences();
  const navigate = useNavigate();
  const shared = useSharedRange();
  const [overlay, setOverlay] = useState<'none' | 'palette' | 'picker' | 'shortcuts'>('none');
  useShortcuts({
    'mod+k': () => setOverlay(overlay === 'palette' ? 'none' : 'palette'),
    '?': () => setOverlay('shortcuts'),
    t: () => setOverlay('picker'),
    r: shared.refresh,
    z: shared.zoomOut,
    '[': () => shared.setRange(shifted(shared, -1)),
    ']': () => shared.setRange(shifted(shared, 1)),
    '/': focusPageSearch,
    'c t': toggleTheme,
    ...Object.fromEntries(
      [...pageLinks, settingsLink].map((link) => [
        `g ${link.key}`,
        () => void navigate({ to: link.to } as never),
      ]),
    ),
  });
  // It stays once it was there: what closes wants to fade.
  const hadShortcuts = useRef(false);
  hadShortcuts.current ||= overlay === 'shortcuts';
  const close = (): void => setOverlay('none');
  const { pathname } = useLocation();
  // On a wall, and in the frame of another page, there is only what the page shows.
  const isBare = useView()['kiosk'] !== undefined || pathname.startsWith('/d-solo/');
  return (
    <div className={classNames(css.frame, railPinned && css.pinned, isBare && css.bare)}>
      <button type="button" className={css.skip} onClick={focusContent}>
        {m.skip}
      </button>
      {!isBare && (
        <>
          <Rail />
          <TopBar
            session={session}
            pickerOpen={overlay === 'picker'}
            onPickerOpen={(open) => setOverlay(open ? 'picker' : 'none')}
            onSearch={() => setOverlay('palette')}
            onShortcuts={() => setOverlay('shortcuts')}
          />
        </>
      )}
      <main id="content" className={css.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Palette
        open={overlay === 'palette'}
        onClose={close}
        onShortcuts={() => setOverlay('shortcuts')}
      />
      <Suspense>
        {hadShortcuts.current && <ShortcutsDialog open={overlay === 'shortcuts'} onClose={close} />}
      </Suspense>
    </div>
  );
}

function focusPageSearch(): void {
  const box = document.querySelector<HTMLElement>('[data-page-search]');
  // An editor marks its frame; what takes the keys is inside.
  const target = box?.querySelector<HTMLElement>('[contenteditable="true"]') ?? box;
  target?.focus();
  if (target instanceof HTMLInputElement) target.select();
}

function focusContent(): void {
  document.getElementById('content')?.focus();
}
