import { type ReactNode, useMemo, useState } from 'react';
import { choiceAt, flagAt, textsAt } from '../../../../src/dashboards/fields/read.ts';
import { useMessages } from '../../i18n/messages.ts';
import { LogList } from '../../logs/log-list.tsx';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';
import { logRows } from './log-rows.ts';
import css from './logs.module.css';

/** Log lines as everywhere in the console: fields, levels and details of a line. */
export function Body({ panel, fields, widthPx, heightPx, onFilter }: PanelBodyProps): ReactNode {
  const { options } = panel;
  const m = useMessages(panelWords);
  const [openKey, setOpenKey] = useState<string>();
  const rows = useMemo(
    () =>
      logRows(fields.frames, {
        isAscending: options['sortOrder'] === 'Ascending',
        displayedFields: textsAt(options, 'displayedFields'),
        dedup: choiceAt(
          options,
          'dedupStrategy',
          ['none', 'exact', 'numbers', 'signature'],
          'none',
        ),
      }),
    [fields, options],
  );
  if (rows.length === 0) return <Note>{panel.fieldConfig.defaults.noValue ?? m.noData}</Note>;
  const hasDetails = flagAt(options, 'enableLogDetails', true);
  return (
    <div className={css.frame} style={{ width: widthPx, height: heightPx }}>
      <LogList
        rows={rows}
        keys={false}
        showStream={rows[0]?.stream !== undefined}
        {...(hasDetails ? { openKey, onOpen: setOpenKey } : {})}
        {...(onFilter === undefined
          ? {}
          : {
              onFilter: (key: string, value: string, mode: 'in' | 'out') =>
                onFilter({ key, value, operator: mode === 'out' ? '!=' : '=' }),
            })}
      />
    </div>
  );
}
