import { Plus, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useMessages } from '../../i18n/messages.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { TextInput } from '../../ui/field.tsx';
import page from '../../ui/page.module.css';
import { Select } from '../../ui/select.tsx';
import css from './alerting.module.css';
import { type Matcher, type MatcherOperator, matcherOperators, matcherText } from './matcher.ts';
import { alertingWords } from './words.ts';

/** Conditions on labels, one row each. */
export function MatcherRows({
  value,
  names,
  legend,
  onChange,
}: {
  readonly value: readonly Matcher[];
  /** Labels to choose from; others can be typed. */
  readonly names: readonly string[];
  readonly legend?: string;
  readonly onChange: (value: readonly Matcher[]) => void;
}): ReactNode {
  const m = useMessages(alertingWords);
  const namesId = useId();
  const set = (at: number, change: Partial<Matcher>): void =>
    onChange(value.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <fieldset className={page.fieldset}>
      <legend>{legend ?? m.matchers}</legend>
      <datalist id={namesId}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {value.map((matcher, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands at its place.
        <div key={at} className={css.matcher}>
          <TextInput
            mono
            aria-label={m.label}
            placeholder={m.label}
            list={namesId}
            value={matcher.name}
            onChange={(name) => set(at, { name })}
          />
          <Select<MatcherOperator>
            label={m.operator}
            value={matcher.operator}
            options={matcherOperators.map((operator) => ({ value: operator, label: operator }))}
            onChange={(operator) => set(at, { operator })}
          />
          <TextInput
            mono
            aria-label={m.matcherValue}
            placeholder={m.matcherValue}
            value={matcher.value}
            onChange={(text) => set(at, { value: text })}
          />
          <IconButton
            icon={X}
            label={m.removeMatcher(matcherText(matcher))}
            onClick={() => onChange(value.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <div>
        <Button
          icon={Plus}
          onClick={() => onChange([...value, { name: '', operator: '=', value: '' }])}
        >
          {m.addMatcher}
        </Button>
      </div>
    </fieldset>
  );
}
