import { TriangleAlert } from 'lucide-react';
import { type ReactNode, Suspense, useMemo } from 'react';
import { isExemplars } from '../../../src/dashboards/fields/frames.ts';
import { panelFields } from '../../../src/dashboards/fields/panel-fields.ts';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { isDark, usePreferences } from '../state/preferences.ts';
import { Skeleton } from '../ui/states.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { fallbackBody, panelBodies } from './bodies.ts';
import type { PanelViewProps } from './contract.ts';
import { PanelBoundary } from './error-boundary.tsx';
import css from './panel-view.module.css';
import { panelWords } from './words.ts';

/** Height of the line that says what failed. */
const problemsPx = 24;

/**
 * The body of a panel of any type: while it loads, when its queries failed, when there is nothing to
 * show, and else drawn by its type. Give `panel`, `data.frames` and `interpolate` that stay the same
 * objects while nothing changed: fields are made anew when one of them is another.
 */
export function PanelView(props: PanelViewProps): ReactNode {
  const { panel, data, interpolate, timeZone, widthPx, heightPx } = props;
  const m = useMessages(panelWords);
  const dark = isDark(usePreferences());
  const known = panelBodies.get(panel.type);
  const kind = known ?? fallbackBody;
  const fields = useMemo(
    () =>
      panelFields({
        panel,
        frames: data.frames,
        interpolate,
        timeZone,
        isDark: dark,
        defaults: kind.defaults,
      }),
    [panel, data.frames, interpolate, timeZone, dark, kind],
  );
  const isEmpty = data.frames.every((frame) => frame.length === 0 || isExemplars(frame));
  const size = { width: widthPx, height: heightPx };
  if (isEmpty && kind.needsData) {
    if (data.errors.length > 0) return <Failure props={props} />;
    if (data.state === 'loading') {
      return (
        <div className={css.loading} style={size}>
          <Skeleton height="100%" />
        </div>
      );
    }
    return (
      <div className={css.nothing} style={size}>
        {panel.fieldConfig.defaults.noValue ?? m.noData}
      </div>
    );
  }
  const problems = [...data.errors.map(errorText), ...fields.problems];
  if (known === undefined) problems.unshift(m.unknownType(panel.type));
  const bodyPx = Math.max(0, heightPx - (problems.length > 0 ? problemsPx : 0));
  return (
    <div className={css.frame} style={size}>
      {problems.length > 0 && <Problems texts={problems} />}
      <div className={css.body}>
        <PanelBoundary key={`${panel.type} ${panel.id}`} words={m.failed} retryOn={data.frames}>
          <Suspense fallback={null}>
            <kind.Body {...props} heightPx={bodyPx} fields={fields} isDark={dark} />
          </Suspense>
        </PanelBoundary>
      </div>
    </div>
  );
}

function Failure({ props }: { readonly props: PanelViewProps }): ReactNode {
  const m = useMessages(panelWords);
  return (
    <div
      className={css.failure}
      style={{ width: props.widthPx, height: props.heightPx }}
      role="alert"
    >
      <div className={css.failureHead}>
        <TriangleAlert size={14} strokeWidth={1.5} aria-hidden /> {m.queryFailed}
      </div>
      {props.data.errors.map((error) => (
        <pre key={`${error.refId ?? ''} ${error.message}`}>{errorText(error)}</pre>
      ))}
    </div>
  );
}

/** Some of it failed: what there is stays in sight, a line above it says what, all of it when asked. */
function Problems({ texts }: { readonly texts: readonly string[] }): ReactNode {
  const m = useMessages(panelWords);
  const f = useFormat();
  return (
    <Tooltip text={<span className={css.allProblems}>{texts.join('\n')}</span>}>
      <button
        type="button"
        className={css.problems}
        style={{ height: problemsPx }}
        aria-label={`${m.problems(f.number(texts.length))}: ${texts.join('; ')}`}
      >
        <TriangleAlert size={14} strokeWidth={1.5} aria-hidden />
        <span className={css.problem}>{texts[0]}</span>
        {texts.length > 1 && <span>+{f.number(texts.length - 1)}</span>}
      </button>
    </Tooltip>
  );
}

function errorText(error: { readonly refId?: string; readonly message: string }): string {
  return error.refId === undefined ? error.message : `${error.refId}: ${error.message}`;
}
