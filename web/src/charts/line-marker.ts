import uPlot from 'uplot';
import { token } from './colors.ts';
import type { Values } from './series-stats.ts';

/**
 * Draws one line of a chart again, on a canvas over it: with hundreds of series, drawing them all anew
 * to lift one out would take longer than a frame.
 */
export function lineMarker(u: uPlot): {
  draw(values: Values | undefined, color: string): void;
} {
  let canvas: HTMLCanvasElement | undefined;
  let shown: Values | undefined;
  return {
    draw(values, color) {
      if (values === shown) return;
      shown = values;
      // An empty canvas over each chart of a page would be a layer of the screen in every frame.
      if (values === undefined) {
        canvas?.remove();
        return;
      }
      canvas ??= overCanvas();
      const context = canvas.getContext('2d');
      if (context === null) return;
      const ratio = uPlot.pxRatio;
      // From what uPlot knows: asking the element would lay out the page.
      canvas.width = u.bbox.width;
      canvas.height = u.bbox.height;
      if (!canvas.isConnected) u.over.append(canvas);
      context.scale(ratio, ratio);
      context.lineJoin = 'round';
      context.beginPath();
      let isGap = true;
      const [xs] = u.data;
      for (let at = 0; at < values.length; at++) {
        const value = values[at];
        if (value === null || value === undefined) {
          isGap = true;
          continue;
        }
        const x = u.valToPos(xs[at] as number, 'x');
        const y = u.valToPos(value, 'y');
        if (isGap) context.moveTo(x, y);
        else context.lineTo(x, y);
        isGap = false;
      }
      // Its own colour, lifted off the lines around it.
      context.strokeStyle = token('--bg');
      context.lineWidth = 6;
      context.stroke();
      context.strokeStyle = color;
      context.lineWidth = 2.5;
      context.stroke();
    },
  };
}

function overCanvas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
  return canvas;
}
