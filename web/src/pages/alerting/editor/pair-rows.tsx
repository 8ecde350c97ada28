import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { TextInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import look from './editor.module.css';
import type { Pair } from './rule-draft.ts';
import { editorWords } from './words.ts';

/** Names with values: labels, annotations. */
export function PairRows({
  legend,
  nameLabel,
  valueLabel,
  addLabel,
  value,
  onChange,
}: {
  readonly legend: string;
  readonly nameLabel: string;
  readonly valueLabel: string;
  readonly addLabel: string;
  readonly value: readonly Pair[];
  readonly onChange: (value: readonly Pair[]) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const set = (at: number, change: Partial<Pair>): void =>
    onChange(value.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <fieldset className={page.fieldset}>
      <legend>{legend}</legend>
      {value.map((pair, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands at its place.
        <div key={at} className={look.pair}>
          <TextInput
            mono
            aria-label={nameLabel}
            placeholder={nameLabel}
            value={pair.name}
            onChange={(name) => set(at, { name })}
          />
          <TextInput
            aria-label={valueLabel}
            placeholder={valueLabel}
            value={pair.value}
            onChange={(next) => set(at, { value: next })}
          />
          <IconButton
            icon={X}
            label={m.removePair(pair.name)}
            onClick={() => onChange(value.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <div>
        <Button icon={Plus} onClick={() => onChange([...value, { name: '', value: '' }])}>
          {addLabel}
        </Button>
      </div>
    </fieldset>
  );
}
