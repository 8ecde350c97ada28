import type { ReactNode } from 'react';
import type { PlacedPanel } from '../../../dashboards/layout.ts';
import { type PanelContext, PanelFrame } from './panel-frame.tsx';
import { useSize } from './use-size.ts';
import css from './view.module.css';

/** One panel as large as the page. */
export function Alone({
  item,
  context,
  hasLegend,
}: {
  readonly item: PlacedPanel;
  readonly context: PanelContext;
  readonly hasLegend: boolean;
}): ReactNode {
  const [host, size] = useSize<HTMLDivElement>();
  return (
    <div ref={host} className={css.alone}>
      {size.width > 0 && (
        <PanelFrame
          key={item.key}
          item={item}
          width={size.width}
          height={size.height}
          context={context}
          isAlone
          hasLegend={hasLegend}
        />
      )}
    </div>
  );
}
