import { type ReactNode, useState } from 'react';
import type { Panel } from '../../../../../src/dashboards/model/contract.ts';
import { withPanel } from '../../../dashboards/editing/panels.ts';
import { withValueAt } from '../../../dashboards/editing/paths.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import type { Editing } from './use-editing.ts';
import { editWords } from './words.ts';

/** Title and repetition of a row. */
export function RowDialog({
  row,
  editing,
  onClose,
}: {
  readonly row: Panel;
  readonly editing: Editing;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(editWords);
  const c = useMessages(common);
  const [title, setTitle] = useState(row.title ?? '');
  const [repeat, setRepeat] = useState(row.repeat ?? '');
  const names = editing.dashboard.templating.list.map(({ name }) => name);
  return (
    <FormDialog
      open
      onClose={onClose}
      title={m.row}
      action={c.save}
      onSubmit={() => {
        editing.change((before) =>
          withPanel(before, row.id, (panel) => ({
            ...(withValueAt(
              panel,
              'repeat',
              repeat === '' ? undefined : repeat,
            ) as unknown as Panel),
            title,
          })),
        );
        onClose();
      }}
    >
      <Field label={m.title}>
        {(control) => <TextInput {...control} value={title} onChange={setTitle} />}
      </Field>
      <Field label={m.repeat}>
        {({ id }) => (
          <Select
            id={id}
            label={m.repeat}
            value={repeat}
            options={[
              { value: '', label: m.noRepeat },
              ...names.map((value) => ({ value, label: value })),
            ]}
            onChange={setRepeat}
          />
        )}
      </Field>
    </FormDialog>
  );
}
