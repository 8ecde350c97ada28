import { toPng, toSvg } from '../../../panels/picture.ts';
import { toastError } from '../../../ui/toast.tsx';
import { download } from './download.ts';

/** Controls are for the page, not for a picture of it. */
const controls = 'header button';

/** Makes a picture of a panel as it stands on the page and hands it to the browser's downloads. */
export async function downloadPicture(
  panelKey: string,
  title: string,
  kind: 'png' | 'svg',
  failed: string,
): Promise<void> {
  const panel = document.querySelector<HTMLElement>(`[data-panel="${CSS.escape(panelKey)}"]`);
  if (panel === null) return;
  try {
    if (kind === 'svg') {
      download(`${title}.svg`, await toSvg(panel, controls), 'image/svg+xml');
    } else {
      download(`${title}.png`, await toPng(panel, controls), 'image/png');
    }
  } catch (error) {
    toastError(failed, error instanceof Error ? error.message : undefined);
  }
}
