import type { ReactNode } from 'react';
import { useMessages } from '../../i18n/messages.ts';
import start from '../../ui/start-cards.module.css';
import css from './insights.module.css';
import { samples } from './samples.ts';
import { insightsWords } from './words.ts';

/** What stands below an editor that has not run anything yet: queries to begin with. */
export function Ready({ onRun }: { readonly onRun: (text: string) => void }): ReactNode {
  const m = useMessages(insightsWords);
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  return (
    <div className={css.ready}>
      <div className={css.readyHead}>
        <h2>{m.ready}</h2>
        <p>{isMac ? m.readyTextMac : m.readyText}</p>
      </div>
      <div className={start.cards}>
        {samples.map((sample) => (
          <button
            key={sample.word}
            type="button"
            className={start.card}
            onClick={() => onRun(sample.text)}
          >
            {m.sample[sample.word]}
            <code>{sample.text.replaceAll('\n', ' ')}</code>
          </button>
        ))}
      </div>
    </div>
  );
}
