import { rangeUtil } from '@grafana/data';
import type { ReactNode } from 'react';
import { resolvedLink } from '../../../../src/dashboards/fields/links.ts';
import { flagAt, numberAt, textAt, textsAt } from '../../../../src/dashboards/fields/read.ts';
import { callApi } from '../../api/client.ts';
import { useMessages } from '../../i18n/messages.ts';
import { sortableTime } from '../../time/zone.ts';
import { ErrorState, SkeletonLines } from '../../ui/states.tsx';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';
import css from './lists.module.css';
import { useLoaded } from './use-loaded.ts';

/** An entry of `GET /api/annotations`. */
interface Annotation {
  readonly id: number;
  readonly time: number;
  readonly timeEnd?: number;
  readonly text: string;
  readonly tags?: readonly string[];
  readonly login?: string;
  readonly dashboardUID?: string;
  readonly panelId?: number;
}

/** What people and programs marked. */
export function Body(props: PanelBodyProps): ReactNode {
  const { panel, interpolate, timeZone, fromMs, toMs } = props;
  const { options } = panel;
  const m = useMessages(panelWords);
  const isInRange = flagAt(options, 'onlyInTimeRange', false);
  const isOwn = flagAt(options, 'onlyFromThisDashboard', false);
  const uid = isOwn ? interpolate('$' + '{__dashboard.uid}') : '';
  const query = {
    limit: numberAt(options, 'limit', 10),
    tags: textsAt(options, 'tags').map((tag) => interpolate(tag)),
    ...(isInRange ? { from: fromMs, to: toMs } : {}),
    ...(uid === '' ? {} : { dashboardUID: uid }),
  };
  const { value, error } = useLoaded(`${JSON.stringify(query)} ${toMs}`, (signal) =>
    callApi<readonly Annotation[]>('api/annotations', { query, signal }),
  );
  if (error !== undefined && value === undefined) {
    return <ErrorState error={error} title={m.loadFailed} />;
  }
  if (value === undefined) return <SkeletonLines count={4} />;
  if (value.length === 0) return <Note>{m.noAnnotations}</Note>;
  return (
    <ul className={css.list}>
      {value.map((one) => (
        <li key={one.id} className={css.entry}>
          <Title annotation={one} options={options} />
          {flagAt(options, 'showTags', true) &&
            one.tags?.map((tag) => (
              <span key={tag} className={css.tag}>
                {tag}
              </span>
            ))}
          {flagAt(options, 'showUser', true) && <span className={css.note}>{one.login}</span>}
          {flagAt(options, 'showTime', true) && (
            <span className={css.when}>{sortableTime(timeZone, one.time, 'second')}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Leads to the time around it, on its own dashboard. */
function Title({
  annotation,
  options,
}: {
  readonly annotation: Annotation;
  readonly options: Readonly<Record<string, unknown>>;
}): ReactNode {
  const { dashboardUID, panelId, time, timeEnd, text } = annotation;
  const title = plainText(text);
  if (dashboardUID === undefined || dashboardUID === '') {
    return <span className={css.main}>{title}</span>;
  }
  const from = time - spanOf(textAt(options, 'navigateBefore', '10m'));
  const to = (timeEnd ?? time) + spanOf(textAt(options, 'navigateAfter', '10m'));
  const hasPanel = flagAt(options, 'navigateToPanel', true) && (panelId ?? 0) > 0;
  const view = hasPanel ? `&viewPanel=${panelId}` : '';
  return (
    <a
      className={css.main}
      href={resolvedLink(`/d/${encodeURIComponent(dashboardUID)}?from=${from}&to=${to}${view}`)}
    >
      {title}
    </a>
  );
}

function spanOf(text: string): number {
  try {
    return rangeUtil.intervalToMs(text);
  } catch {
    return 600_000;
  }
}

/** Texts of annotations may be HTML: their words are enough in a line. */
function plainText(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';
}
