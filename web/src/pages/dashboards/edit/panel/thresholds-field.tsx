import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FieldConfig } from '../../../../../../src/dashboards/model/contract.ts';
import { removed, replaced } from '../../../../dashboards/editing/lists.ts';
import { addThreshold, withSortedSteps } from '../../../../dashboards/editing/thresholds.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button, IconButton } from '../../../../ui/button.tsx';
import { editWords } from '../words.ts';
import { ColorInput } from './color-input.tsx';
import { LazyText } from './lazy-text.tsx';
import css from './panel-editor.module.css';
import { panelWords } from './words.ts';

type Thresholds = NonNullable<FieldConfig['thresholds']>;

const preset: Thresholds = { mode: 'absolute', steps: [{ value: null, color: 'green' }] };

/** From which value on which colour holds; the first step is what holds below all of them. */
export function ThresholdsField({
  value,
  onChange,
}: {
  readonly value: unknown;
  readonly onChange: (value: Thresholds) => void;
}): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(panelWords);
  const thresholds = (value as Thresholds | undefined) ?? preset;
  const { steps } = thresholds;
  return (
    <div className={css.rows}>
      {steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps have nothing but their place.
        <div key={index} className={css.rowLine}>
          {index === 0 ? (
            <span className={css.base}>{own.base}</span>
          ) : (
            <LazyText
              aria-label={own.thresholdValue}
              value={String(step.value ?? '')}
              onCommit={(text) => {
                const number = Number(text);
                if (text === '' || !Number.isFinite(number)) return;
                onChange(
                  withSortedSteps({
                    ...thresholds,
                    steps: replaced(steps, index, { ...step, value: number }),
                  }),
                );
              }}
            />
          )}
          <ColorInput
            label={own.colorName}
            value={step.color}
            onChange={(color) =>
              onChange({ ...thresholds, steps: replaced(steps, index, { ...step, color }) })
            }
          />
          {index > 0 && (
            <IconButton
              icon={X}
              label={m.remove}
              onClick={() => onChange({ ...thresholds, steps: removed(steps, index) })}
            />
          )}
        </div>
      ))}
      <div>
        <Button look="quiet" icon={Plus} onClick={() => onChange(addThreshold(thresholds))}>
          {own.addThreshold}
        </Button>
      </div>
      <label className={css.check}>
        <input
          type="checkbox"
          checked={thresholds.mode === 'percentage'}
          onChange={(event) =>
            onChange({ ...thresholds, mode: event.target.checked ? 'percentage' : 'absolute' })
          }
        />
        <span>{own.percent}</span>
      </label>
    </div>
  );
}
