import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ExternalLink, LayoutDashboard } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Dashboard, DashboardLink } from '../../../../../src/dashboards/model/contract.ts';
import { dashboardsApi } from '../../../api/dashboards.ts';
import { useMessages } from '../../../i18n/messages.ts';
import type { Interpolate } from '../../../panels/contract.ts';
import { Button } from '../../../ui/button.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { type CarriedParameters, safeHref, withCarried } from './links.ts';
import { useOpenHref } from './open-href.ts';
import css from './view.module.css';
import { viewWords } from './words.ts';

export interface LinksBarProps {
  readonly dashboard: Dashboard;
  readonly interpolate: Interpolate;
  readonly carried: CarriedParameters;
}

/** Links of the dashboard: to addresses, and to the dashboards that have certain tags. */
export function LinksBar({ dashboard, interpolate, carried }: LinksBarProps): ReactNode {
  const m = useMessages(viewWords);
  if (dashboard.links.length === 0) return null;
  return (
    <nav className={css.links} aria-label={m.links}>
      {dashboard.links.map((link, index) =>
        link.type === 'dashboards' ? (
          <TaggedDashboards
            // biome-ignore lint/suspicious/noArrayIndexKey: links have nothing else of their own.
            key={index}
            link={link}
            ownUid={dashboard.uid}
            carried={carried}
          />
        ) : (
          <PlainLink
            // biome-ignore lint/suspicious/noArrayIndexKey: see above.
            key={index}
            link={link}
            interpolate={interpolate}
            carried={carried}
          />
        ),
      )}
    </nav>
  );
}

function PlainLink({
  link,
  interpolate,
  carried,
}: {
  readonly link: DashboardLink;
  readonly interpolate: Interpolate;
  readonly carried: CarriedParameters;
}): ReactNode {
  const openHref = useOpenHref();
  const url = interpolate(link.url ?? '', {}, 'uriencode');
  const href = safeHref(withCarried(url, link, carried));
  if (href === undefined) return null;
  return (
    <a
      href={href}
      className={css.link}
      title={link.tooltip}
      {...(link.targetBlank === true ? { target: '_blank', rel: 'noreferrer' } : {})}
      onClick={(event) => openHref(href, event)}
    >
      <ExternalLink size={14} strokeWidth={1.5} aria-hidden />
      {interpolate(link.title)}
    </a>
  );
}

function TaggedDashboards({
  link,
  ownUid,
  carried,
}: {
  readonly link: DashboardLink;
  readonly ownUid: string | undefined;
  readonly carried: CarriedParameters;
}): ReactNode {
  const m = useMessages(viewWords);
  const openHref = useOpenHref();
  const tags = link.tags ?? [];
  const { data = [] } = useQuery({
    queryKey: ['dashboards-with-tags', ...tags],
    queryFn: ({ signal }) => dashboardsApi.withTags(tags, signal),
    staleTime: 60_000,
  });
  const found = data
    .filter(({ uid }) => uid !== ownUid)
    .flatMap(({ title, url }) => {
      const href = safeHref(withCarried(url, link, carried));
      return href === undefined ? [] : [{ title, href }];
    });
  if (link.asDropdown !== true) {
    return found.map(({ title, href }) => (
      <a
        key={href}
        href={href}
        className={css.link}
        {...(link.targetBlank === true ? { target: '_blank', rel: 'noreferrer' } : {})}
        onClick={(event) => openHref(href, event)}
      >
        <LayoutDashboard size={14} strokeWidth={1.5} aria-hidden />
        {title}
      </a>
    ));
  }
  return (
    <Menu
      align="end"
      trigger={
        <Button look="quiet" title={link.tooltip}>
          {link.title === '' ? tags.join(', ') : link.title}
          <ChevronDown size={14} strokeWidth={1.5} aria-hidden />
        </Button>
      }
    >
      {found.length === 0 && (
        <MenuItem disabled onSelect={() => {}}>
          {m.dashboardsWith(tags.join(', '))}
        </MenuItem>
      )}
      {found.map(({ title, href }) => (
        <MenuItem
          key={href}
          icon={LayoutDashboard}
          onSelect={() => openHref(href, { isNewTab: link.targetBlank === true })}
        >
          {title}
        </MenuItem>
      ))}
    </Menu>
  );
}
