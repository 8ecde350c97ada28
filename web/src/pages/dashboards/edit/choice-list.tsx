import { type ReactNode, useState } from 'react';
import { TextInput } from '../../../ui/field.tsx';
import css from './choice-list.module.css';

export interface ListedChoice {
  readonly id: string;
  readonly label: string;
  /** A line of small print below. */
  readonly about?: string;
  /** What it is found by besides its label. */
  readonly alsoFoundBy?: readonly string[];
}

/** One of many by its name; Enter takes the first that is found. */
export function ChoiceList({
  search,
  none,
  choices,
  look,
  onChoose,
}: {
  /** Name of the field. */
  readonly search: string;
  /** Said when nothing is found. */
  readonly none: string;
  readonly choices: readonly ListedChoice[];
  readonly look: 'lines' | 'cards';
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = choices.filter(({ label, alsoFoundBy = [] }) =>
    [label, ...alsoFoundBy].some((one) => one.toLowerCase().includes(wanted)),
  );
  return (
    <div className={css[look]}>
      <TextInput
        type="search"
        autoFocus
        aria-label={search}
        placeholder={search}
        value={text}
        onChange={setText}
        onKeyDown={(event) => {
          const [first] = found;
          if (event.key !== 'Enter' || event.nativeEvent.isComposing || first === undefined) return;
          event.preventDefault();
          onChoose(first.id);
        }}
      />
      {found.length === 0 && <p className={css.none}>{none}</p>}
      <ul>
        {found.map(({ id, label, about }) => (
          <li key={id}>
            <button type="button" onClick={() => onChoose(id)}>
              {about === undefined ? label : <strong>{label}</strong>}
              {about !== undefined && <span>{about}</span>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
