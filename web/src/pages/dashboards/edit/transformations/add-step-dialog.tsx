import type { ReactNode } from 'react';
import { transformationKinds } from '../../../../../../src/dashboards/model/transformations.ts';
import type { StepForm } from '../../../../dashboards/editing/transformations/contract.ts';
import { stepForm } from '../../../../dashboards/editing/transformations/forms.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { Dialog } from '../../../../ui/dialog.tsx';
import { ChoiceList, type ListedChoice } from '../choice-list.tsx';
import { transformationWords } from './words.ts';

/** All that can be done to the answers, by name or by what it does. */
export function AddStepDialog({
  onAdd,
  onClose,
}: {
  readonly onAdd: (form: StepForm) => void;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(transformationWords);
  const { language } = usePreferences();
  const choices = transformationKinds.flatMap(({ id, name, isSupported }): ListedChoice[] => {
    const form = stepForm(id);
    // Another name of a form is no other thing to do.
    if (!isSupported || form?.id !== id) return [];
    const about = form.about[language];
    return [{ id, label: name[language], about, alsoFoundBy: [id, name.en, about] }];
  });
  return (
    <Dialog open wide onClose={onClose} title={m.add}>
      <ChoiceList
        look="cards"
        search={m.search}
        none={m.nothingFound}
        choices={choices}
        onChoose={(id) => {
          const form = stepForm(id);
          if (form !== undefined) onAdd(form);
          onClose();
        }}
      />
    </Dialog>
  );
}
