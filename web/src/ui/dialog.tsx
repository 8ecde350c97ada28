import { Dialog as Base } from '@base-ui/react/dialog';
import { type FormEvent, type ReactNode, useState } from 'react';
import { common } from '../i18n/common.ts';
import { useMessages } from '../i18n/messages.ts';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import { Field, TextInput } from './field.tsx';
import css from './overlay.module.css';

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ open, onClose, title, wide = false, children }: DialogProps): ReactNode {
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup className={classNames(css.dialog, wide && css.wide)}>
          <Base.Title className={css.title}>{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export interface FormDialogProps extends DialogProps {
  readonly action: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly busy?: boolean;
  readonly onSubmit: () => void;
}

/** A dialog with one action. Enter submits, though not while an IME composes. */
export function FormDialog({
  action,
  danger = false,
  disabled = false,
  busy = false,
  onSubmit,
  children,
  ...dialog
}: FormDialogProps): ReactNode {
  const m = useMessages(common);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!disabled && !busy) onSubmit();
  };
  return (
    <Dialog {...dialog}>
      <form className={css.body} onSubmit={submit}>
        {children}
        <div className={css.actions}>
          <Button onClick={dialog.onClose}>{m.cancel}</Button>
          <Button type="submit" look={danger ? 'danger' : 'primary'} disabled={disabled || busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export interface ConfirmByNameProps extends Omit<FormDialogProps, 'disabled' | 'danger'> {
  /** What must be typed; only for what cannot be undone. */
  readonly name: string;
}

export function ConfirmByName({ name, children, ...dialog }: ConfirmByNameProps): ReactNode {
  const m = useMessages(common);
  const [typed, setTyped] = useState('');
  return (
    <FormDialog {...dialog} danger disabled={typed !== name}>
      {children}
      <Field label={m.typeToConfirm(name)}>
        {(control) => <TextInput {...control} mono value={typed} onChange={setTyped} />}
      </Field>
    </FormDialog>
  );
}
