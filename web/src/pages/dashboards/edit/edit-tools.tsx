import type { ReactNode } from 'react';
import type { DashboardAnswer } from '../../../api/dashboards.ts';
import type { VariablesView } from '../../../dashboards/runtime.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView } from '../../../state/view.ts';
import { toast } from '../../../ui/toast.tsx';
import { EditToolbar } from './edit-toolbar.tsx';
import { SaveDialog } from './save-dialog.tsx';
import type { Editing } from './use-editing.ts';
import { editWords } from './words.ts';

/** The tools of an editor in the bar, and the dialog that saves. */
export function EditTools({
  editing,
  answer,
  variables,
  isNew,
  isSaving,
  onSaving,
}: {
  readonly editing: Editing;
  readonly answer: DashboardAnswer;
  readonly variables: VariablesView;
  readonly isNew: boolean;
  readonly isSaving: boolean;
  readonly onSaving: (isSaving: boolean) => void;
}): ReactNode {
  const m = useMessages(editWords);
  const setView = useSetView();
  return (
    <>
      <EditToolbar
        editing={editing}
        isNew={isNew}
        onSave={() => onSaving(true)}
        onDiscard={() => {
          editing.discard();
          toast(m.discarded);
        }}
        onSettings={() => setView({ editview: 'general', editPanel: undefined })}
        onAdded={(id) => setView({ edit: '1', editPanel: String(id), editview: undefined })}
      />
      {isSaving && (
        <SaveDialog
          answer={answer}
          dashboard={editing.dashboard}
          states={variables.states}
          isNew={isNew}
          onSaved={editing.discard}
          onClose={() => onSaving(false)}
        />
      )}
    </>
  );
}
