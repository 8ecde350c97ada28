import { type ReactNode, useMemo } from 'react';
import { resolvedLink } from '../../../../src/dashboards/fields/links.ts';
import { flagAt, numberAt, textAt, textsAt } from '../../../../src/dashboards/fields/read.ts';
import { callApi } from '../../api/client.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ErrorState, SkeletonLines } from '../../ui/states.tsx';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';
import css from './lists.module.css';
import { useLoaded } from './use-loaded.ts';

/** An entry of `GET /api/search`. */
interface Found {
  readonly uid: string;
  readonly title: string;
  readonly url: string;
  readonly folderTitle?: string;
  readonly isStarred?: boolean;
}

/** Links to dashboards: starred ones, and those that a search finds. */
export function Body({ panel, interpolate }: PanelBodyProps): ReactNode {
  const { options } = panel;
  const m = useMessages(panelWords);
  const limit = numberAt(options, 'maxItems', 10);
  const query = interpolate(textAt(options, 'query', ''));
  const parts = useMemo(
    () => ({
      starred: flagAt(options, 'showStarred', true),
      search: flagAt(options, 'showSearch', false),
      headings: flagAt(options, 'showHeadings', true),
      folders: flagAt(options, 'showFolderNames', true),
    }),
    [options],
  );
  const suffix = useMemo(() => linkSuffix(options, interpolate), [options, interpolate]);
  const key = JSON.stringify([options, query]);
  const { value, error } = useLoaded(key, async (signal) => {
    const search = (more: Readonly<Record<string, string | readonly string[]>>) =>
      callApi<readonly Found[]>('api/search', {
        query: { type: 'dash-db', limit, ...more },
        signal,
      });
    const folder = textAt(options, 'folderUID', '');
    const [starred, found] = await Promise.all([
      parts.starred ? search({ starred: 'true' }) : [],
      parts.search
        ? search({
            query,
            tag: textsAt(options, 'tags'),
            ...(folder === '' ? {} : { folderUIDs: [folder] }),
          })
        : [],
    ]);
    return { starred, found };
  });
  if (error !== undefined) return <ErrorState error={error} title={m.loadFailed} />;
  if (value === undefined) return <SkeletonLines count={4} />;
  if (value.starred.length === 0 && value.found.length === 0) return <Note>{m.noDashboards}</Note>;
  const listed = [
    { title: m.starred, entries: value.starred },
    { title: m.searched, entries: value.found },
  ].filter(({ entries }) => entries.length > 0);
  return (
    <div className={css.scroll}>
      {listed.map(({ title, entries }) => (
        <section key={title}>
          {parts.headings && <h3 className={css.heading}>{title}</h3>}
          <ul>
            {entries.map((one) => (
              <li key={one.uid} className={css.entry}>
                <a className={css.main} href={resolvedLink(`${one.url}${suffix}`)}>
                  {one.title}
                </a>
                {parts.folders && <span className={css.note}>{one.folderTitle}</span>}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** The time and the variables of this dashboard, where its links keep them. */
function linkSuffix(
  options: Readonly<Record<string, unknown>>,
  interpolate: (text: string) => string,
): string {
  const parts = [
    ...(flagAt(options, 'keepTime', false) ? ['$__url_time_range'] : []),
    ...(flagAt(options, 'includeVars', false) ? ['$__all_variables'] : []),
  ];
  return parts.length === 0 ? '' : `?${interpolate(parts.join('&'))}`;
}
