import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useMessages } from '../i18n/messages.ts';
import css from './frame.module.css';
import { frameWords } from './words.ts';

export interface Crumb {
  readonly label: string;
  /** Absent on the last one. */
  readonly to?: string;
}

const CrumbsContext = createContext<readonly Crumb[]>([]);
const SetCrumbsContext = createContext<(crumbs: readonly Crumb[]) => void>(() => {});

export function CrumbsProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [crumbs, setCrumbs] = useState<readonly Crumb[]>([]);
  return (
    <SetCrumbsContext.Provider value={setCrumbs}>
      <CrumbsContext.Provider value={crumbs}>{children}</CrumbsContext.Provider>
    </SetCrumbsContext.Provider>
  );
}

/** Says where a page is, in the bar and in the tab's title. Call once per page. */
export function usePageTitle(...crumbs: readonly Crumb[]): void {
  const setCrumbs = useContext(SetCrumbsContext);
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    const parsed = JSON.parse(key) as readonly Crumb[];
    setCrumbs(parsed);
    document.title = `${parsed.at(-1)?.label ?? ''} · Nunchi`;
  }, [key, setCrumbs]);
}

export function Breadcrumb(): ReactNode {
  const m = useMessages(frameWords);
  const crumbs = useContext(CrumbsContext);
  return (
    <nav className={css.crumbs} aria-label={m.breadcrumb}>
      <ol>
        {crumbs.map((crumb, index) => (
          <li key={crumb.label}>
            {index > 0 && <ChevronRight size={14} strokeWidth={1.5} aria-hidden />}
            {crumb.to === undefined ? (
              <span aria-current={index === crumbs.length - 1 ? 'page' : undefined}>
                {crumb.label}
              </span>
            ) : (
              <Link to={crumb.to}>{crumb.label}</Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
