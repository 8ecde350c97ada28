import { Link } from '@tanstack/react-router';
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { type ReactElement, type ReactNode, useSyncExternalStore } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { setPreferences, usePreferences } from '../state/preferences.ts';
import { Tooltip } from '../ui/tooltip.tsx';
import { AlertCount } from './alert-count.tsx';
import css from './frame.module.css';
import { Mark } from './mark.tsx';
import { type PageLink, pageLinks, settingsLink } from './navigation.ts';
import { frameWords } from './words.ts';

const narrow = matchMedia('(max-width: 900px)');

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
}

export function Rail(): ReactNode {
  const m = useMessages(frameWords);
  const { railPinned } = usePreferences();
  const isNarrow = useIsNarrow();
  const isWide = railPinned && !isNarrow;
  const sections = [...new Set(pageLinks.map((link) => link.section))];
  return (
    <nav className={css.rail} aria-label={m.navigation}>
      <Link to="/" className={css.brand} aria-label={m.product}>
        <Mark />
        {isWide && <span>{m.product}</span>}
      </Link>
      <div className={css.links}>
        {sections.map((section) => (
          <div key={section ?? ''} style={{ display: 'contents' }}>
            {section !== undefined &&
              (isWide ? (
                <div className={css.section}>{m[section]}</div>
              ) : (
                <div className={css.rule} />
              ))}
            {pageLinks
              .filter((link) => link.section === section)
              .map((link) => (
                <RailLink key={link.to} link={link} isWide={isWide} />
              ))}
          </div>
        ))}
      </div>
      <div className={css.foot}>
        <RailLink link={settingsLink} isWide={isWide} />
        {!isNarrow && (
          <Labelled text={railPinned ? m.unpinRail : m.pinRail} isWide={isWide}>
            <button
              type="button"
              className={css.link}
              aria-label={railPinned ? m.unpinRail : m.pinRail}
              onClick={() => setPreferences({ railPinned: !railPinned })}
            >
              {railPinned ? (
                <PanelLeftClose size={16} strokeWidth={1.5} aria-hidden />
              ) : (
                <PanelLeftOpen size={16} strokeWidth={1.5} aria-hidden />
              )}
              {isWide && <span>{m.unpinRail}</span>}
            </button>
          </Labelled>
        )}
      </div>
    </nav>
  );
}

function RailLink({
  link,
  isWide,
}: {
  readonly link: PageLink;
  readonly isWide: boolean;
}): ReactNode {
  const m = useMessages(frameWords);
  const Icon = link.icon;
  return (
    <Labelled text={m[link.word]} shortcut={`g ${link.key}`} isWide={isWide}>
      <Link
        to={link.to}
        className={css.link}
        aria-label={m[link.word]}
        activeOptions={{
          // The front page, and that of a section whose pages are below it.
          exact: link.to === '/' || pageLinks.some((one) => one.to.startsWith(`${link.to}/`)),
          includeSearch: false,
        }}
      >
        <Icon size={16} strokeWidth={1.5} aria-hidden />
        {isWide && <span>{m[link.word]}</span>}
        {link.word === 'alerts' && <AlertCount />}
      </Link>
    </Labelled>
  );
}

function Labelled({
  text,
  shortcut,
  isWide,
  children,
}: {
  readonly text: string;
  readonly shortcut?: string;
  readonly isWide: boolean;
  readonly children: ReactElement<Record<string, unknown>>;
}): ReactNode {
  if (isWide) return children;
  return (
    <Tooltip text={text} shortcut={shortcut} side="right">
      {children}
    </Tooltip>
  );
}
