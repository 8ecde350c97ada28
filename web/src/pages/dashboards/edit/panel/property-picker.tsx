import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useMessages } from '../../../../i18n/messages.ts';
import { Button } from '../../../../ui/button.tsx';
import { Popover } from '../../../../ui/popover.tsx';
import { ChoiceList } from '../choice-list.tsx';
import { panelWords } from './words.ts';

export interface PropertyChoice {
  readonly id: string;
  readonly label: string;
}

/** A property by its name. */
export function PropertyPicker({
  choices,
  onChoose,
}: {
  readonly choices: readonly PropertyChoice[];
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover
      title={m.addProperty}
      open={isOpen}
      onOpenChange={setIsOpen}
      trigger={<Button icon={Plus}>{m.addProperty}</Button>}
    >
      <ChoiceList
        look="lines"
        search={m.searchProperties}
        none={m.noProperty}
        choices={choices.map(({ id, label }) => ({ id, label, alsoFoundBy: [id] }))}
        onChoose={(id) => {
          setIsOpen(false);
          onChoose(id);
        }}
      />
    </Popover>
  );
}
