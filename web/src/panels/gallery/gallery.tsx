import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../../styles/fonts.css';
import '../../styles/tokens.css';
import '../../styles/base.css';
import { TooltipProvider } from '../../ui/tooltip.tsx';
import type { PanelData } from '../contract.ts';
import { PanelView } from '../panel-view.tsx';
import { toPng, toSvg } from '../picture.ts';
import { exampleInterpolate } from './example-interpolate.ts';
import { endMs, examples, startMs } from './examples.ts';
import css from './gallery.module.css';

/**
 * Every type of panel with fixed answers, on one page: for tests and for eyes. `?only=stat` shows one
 * type. Not part of the console.
 */
const only = new URLSearchParams(location.search).get('only');
const shown = examples.filter(({ panel }) => only === null || only.split(',').includes(panel.type));

function zoomed(fromMs: number, toMs: number): void {
  document.body.dataset['zoomed'] = `${Math.round(fromMs)} ${Math.round(toMs)}`;
}

// For tests of pictures.
Object.assign(window, { pictures: { toPng, toSvg } });

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <TooltipProvider>
      <main className={css.grid}>
        <h1 className="visually-hidden">Panels</h1>
        {shown.map(
          ({ panel, frames, annotations = [], widthPx = 440, heightPx = 200, ...rest }) => {
            const data: PanelData = {
              state: 'done',
              errors: [],
              intervalMs: 60_000,
              annotations,
              frames,
              ...rest.data,
            };
            return (
              <section key={panel.id} className={css.card} data-panel={panel.title}>
                <h2>{panel.title}</h2>
                <PanelView
                  panel={panel}
                  data={data}
                  widthPx={widthPx}
                  heightPx={heightPx}
                  fromMs={startMs}
                  toMs={endMs}
                  timeZone="Asia/Seoul"
                  interpolate={exampleInterpolate}
                  onZoom={zoomed}
                  crosshairKey="gallery"
                />
              </section>
            );
          },
        )}
      </main>
    </TooltipProvider>
  </StrictMode>,
);
