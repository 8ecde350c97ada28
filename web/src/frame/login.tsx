import { type FormEvent, type ReactNode, useState } from 'react';
import { sessionApi } from '../api/session.ts';
import { useMessages } from '../i18n/messages.ts';
import { Button } from '../ui/button.tsx';
import { Field, TextInput } from '../ui/field.tsx';
import css from './frame.module.css';
import { Mark } from './mark.tsx';
import { frameWords } from './words.ts';

/** Shown in place of any page while nobody is logged in; the address, and so the view, stays. */
export function Login({ onDone }: { readonly onDone: () => void }): ReactNode {
  const m = useMessages(frameWords);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await sessionApi.login(name, password);
      onDone();
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason));
      setBusy(false);
    }
  };
  return (
    <main className={css.login}>
      <form className={css.loginCard} onSubmit={(event) => void submit(event)}>
        <div className={css.loginMark}>
          <Mark size={36} />
          <h1>{m.loginTitle}</h1>
        </div>
        <Field label={m.name}>
          {(control) => (
            <TextInput
              {...control}
              name="username"
              autoComplete="username"
              value={name}
              onChange={setName}
            />
          )}
        </Field>
        <Field label={m.password} error={error}>
          {(control) => (
            <TextInput
              {...control}
              type="password"
              name="password"
              autoComplete="current-password"
              value={password}
              onChange={setPassword}
            />
          )}
        </Field>
        <Button type="submit" look="primary" disabled={busy || name === '' || password === ''}>
          {m.login}
        </Button>
        <p className={css.small}>{m.loginHelp}</p>
      </form>
    </main>
  );
}
