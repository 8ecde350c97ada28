import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Flag, History, Settings2, Share2, Star } from 'lucide-react';
import { type ReactNode, useSyncExternalStore } from 'react';
import type { Dashboard } from '../../../../../src/dashboards/model/contract.ts';
import { type DashboardMeta, dashboardsApi } from '../../../api/dashboards.ts';
import type { AnnotationStore } from '../../../dashboards/annotation-store.ts';
import { type OwnSource, ownSources } from '../../../dashboards/annotations.ts';
import { runtimeWords } from '../../../dashboards/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { listOf } from '../../../state/url.ts';
import { useSetView, useView } from '../../../state/view.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Kbd } from '../../../ui/kbd.tsx';
import { Menu, MenuCheck, MenuGroup, MenuItem, MenuSeparator } from '../../../ui/menu.tsx';
import { toastError } from '../../../ui/toast.tsx';
import { listWords } from '../list/words.ts';
import { annotationsParam, marksParam } from './use-runtime.ts';
import css from './view.module.css';
import { viewWords } from './words.ts';

export interface ToolbarProps {
  readonly dashboard: Dashboard;
  readonly meta: DashboardMeta;
  readonly annotations: AnnotationStore;
  readonly graphTooltip: number;
  readonly isAlone: boolean;
  /** Not saved yet: nobody can be sent to it. */
  readonly isNew: boolean;
  readonly onShare: () => void;
  readonly onExpandRows: () => void;
  readonly onCollapseRows: () => void;
  readonly onToggleLegends: () => void;
}

/** What can be done with the whole dashboard. */
export function Toolbar(props: ToolbarProps): ReactNode {
  const { dashboard, meta, graphTooltip, isAlone, isNew } = props;
  const m = useMessages(viewWords);
  const list = useMessages(listWords);
  const client = useQueryClient();
  const navigate = useNavigate();
  const setView = useSetView();
  const isStarred = meta.isStarred === true;
  const star = async (): Promise<void> => {
    const uid = dashboard.uid ?? '';
    try {
      await dashboardsApi.setStarred(uid, !isStarred);
      await client.invalidateQueries({ queryKey: ['dashboard', uid] });
    } catch (error) {
      toastError(isStarred ? m.unstar : m.star, error instanceof Error ? error.message : undefined);
    }
  };
  return (
    <>
      {isAlone && <Button onClick={() => setView({ viewPanel: undefined })}>{m.leaveView}</Button>}
      <MarksMenu dashboard={dashboard} annotations={props.annotations} />
      {!isNew && (
        <>
          <IconButton
            icon={Star}
            label={isStarred ? m.unstar : m.star}
            pressed={isStarred}
            onClick={() => void star()}
          />
          <IconButton icon={Share2} label={m.shareDashboard} onClick={props.onShare} />
        </>
      )}
      <Menu align="end" trigger={<IconButton icon={Settings2} label={m.settings} />}>
        <MenuCheck
          checked={graphTooltip > 0}
          onChange={(on) => setView({ crosshair: on ? '1' : '0' }, { replace: true })}
        >
          {m.crosshair}
        </MenuCheck>
        <MenuSeparator />
        <MenuItem note={<Kbd keys="d e" />} onSelect={props.onExpandRows}>
          {m.expandRows}
        </MenuItem>
        <MenuItem note={<Kbd keys="d c" />} onSelect={props.onCollapseRows}>
          {m.collapseRows}
        </MenuItem>
        <MenuItem note={<Kbd keys="d l" />} onSelect={props.onToggleLegends}>
          {m.toggleLegends}
        </MenuItem>
        <MenuSeparator />
        <MenuItem note={<Kbd keys="d k" />} onSelect={() => setView({ kiosk: '1' })}>
          {m.kiosk}
        </MenuItem>
        <MenuItem
          icon={History}
          onSelect={() =>
            void navigate({ to: `/dashboard/settings/${dashboard.uid ?? ''}` } as never)
          }
        >
          {list.settings}
        </MenuItem>
      </Menu>
    </>
  );
}

/** Which marks charts have: those of the dashboard, and what happened in the cluster. */
function MarksMenu({
  dashboard,
  annotations,
}: {
  readonly dashboard: Dashboard;
  readonly annotations: AnnotationStore;
}): ReactNode {
  const m = useMessages(viewWords);
  const names = useMessages(runtimeWords);
  const view = useView();
  const setView = useSetView();
  const { errors } = useSyncExternalStore(annotations.marks.subscribe, annotations.marks.get);
  const toggled = listOf(view[annotationsParam]);
  const own = listOf(view[marksParam]);
  const listed = dashboard.annotations.list.filter((one) => one.hide !== true);
  const toggle = (param: string, list: readonly string[], name: string): void =>
    setView({
      [param]: list.includes(name) ? list.filter((one) => one !== name) : [...list, name],
    });
  const ownNames: Readonly<Record<OwnSource, string>> = {
    events: names.podEvents,
    changes: names.changes,
    alerts: names.alerts,
  };
  return (
    <Menu
      align="end"
      trigger={
        <IconButton
          icon={Flag}
          label={m.marks}
          pressed={own.length > 0 ? true : (undefined as never)}
        />
      }
    >
      {listed.length > 0 && (
        <MenuGroup label={m.marksOfDashboard}>
          {listed.map(({ name, enable }) => (
            <MenuCheck
              key={name}
              checked={(enable === true) !== toggled.includes(name)}
              onChange={() => toggle(annotationsParam, toggled, name)}
            >
              {name}
            </MenuCheck>
          ))}
        </MenuGroup>
      )}
      <MenuGroup label={m.marksOfNunchi}>
        {ownSources.map((source) => (
          <MenuCheck
            key={source}
            checked={own.includes(source)}
            onChange={() => toggle(marksParam, own, source)}
          >
            {ownNames[source]}
          </MenuCheck>
        ))}
      </MenuGroup>
      {errors.map(({ source, message }) => (
        <div key={source} className={css.menuNote} role="status">
          {m.marksFailed(source)}: {message}
        </div>
      ))}
    </Menu>
  );
}
