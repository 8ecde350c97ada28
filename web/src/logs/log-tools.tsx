import { Braces, WrapText } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { setPreferences, usePreferences } from '../state/preferences.ts';
import { IconButton } from '../ui/button.tsx';
import { logWords } from './words.ts';

/** The switches that every log list shares. */
export function LogTools(): ReactNode {
  const m = useMessages(logWords);
  const { wrapLogs, rawLogs } = usePreferences();
  return (
    <>
      <IconButton
        icon={WrapText}
        label={m.wrap}
        shortcut="w"
        pressed={wrapLogs}
        onClick={() => setPreferences({ wrapLogs: !wrapLogs })}
      />
      <IconButton
        icon={Braces}
        label={m.raw}
        shortcut="x"
        pressed={rawLogs}
        onClick={() => setPreferences({ rawLogs: !rawLogs })}
      />
    </>
  );
}
