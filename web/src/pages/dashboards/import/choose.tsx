import { useMutation } from '@tanstack/react-query';
import { Download, Upload } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { dashboardStoreApi } from '../../../api/dashboard-store.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { Field, TextInput } from '../../../ui/field.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import css from './import.module.css';
import { catalogueId, type ImportSource, maxFileBytes, parseSource, sourceOf } from './source.ts';
import { importWords } from './words.ts';

/** The three ways to a document: a file, a number of the catalogue, pasted text. */
export function ChooseSource({
  linked,
  onSource,
}: {
  /** A number that the link names, to be loaded at once; or none. */
  readonly linked: string;
  readonly onSource: (source: ImportSource) => void;
}): ReactNode {
  const m = useMessages(importWords);
  const [error, setError] = useState<unknown>();
  const [text, setText] = useState('');
  const take = (content: string, origin: string): void => {
    try {
      onSource(parseSource(content, origin));
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <div className={css.choose}>
      <FileDrop
        onFile={(file) => {
          setError(undefined);
          if (file.size > maxFileBytes) setError(new Error(m.tooLarge));
          else void file.text().then((content) => take(content, file.name), setError);
        }}
      />
      <ByNumber linked={linked} onSource={onSource} />
      <form
        className={css.pasteForm}
        onSubmit={(event) => {
          event.preventDefault();
          setError(undefined);
          take(text, m.pasted);
        }}
      >
        <Field label={m.paste}>
          {(control) => (
            <textarea
              {...control}
              className={css.paste}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" disabled={text.trim() === ''}>
          {m.load}
        </Button>
      </form>
      {error !== undefined && <ErrorState error={error} />}
    </div>
  );
}

function FileDrop({ onFile }: { readonly onFile: (file: File) => void }): ReactNode {
  const m = useMessages(importWords);
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const first = (files: FileList | null): void => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same
    <div
      className={classNames(css.drop, isOver && css.over)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        first(event.dataTransfer.files);
      }}
    >
      <Button icon={Upload} onClick={() => input.current?.click()}>
        {m.file}
      </Button>
      <span>{m.drop}</span>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,application/json"
        aria-label={m.file}
        onChange={(event) => first(event.target.files)}
      />
    </div>
  );
}

/** What is loaded is in the link: `?gnet=1860`. */
function ByNumber({
  linked,
  onSource,
}: {
  readonly linked: string;
  readonly onSource: (source: ImportSource) => void;
}): ReactNode {
  const m = useMessages(importWords);
  const setView = useSetView();
  const [text, setText] = useState(linked);
  const [isWrong, setWrong] = useState(false);
  const load = useMutation({
    mutationFn: async (id: string) => {
      const { json, source } = await dashboardStoreApi.fromCatalogue(id);
      return sourceOf(json, `grafana.com · ${id}`, source === 'bundled');
    },
    onSuccess: onSource,
  });
  const { mutate } = load;
  // What was asked for by hand comes into the link afterwards.
  const asked = useRef('');
  useEffect(() => {
    const id = catalogueId(linked);
    if (id === undefined || id === asked.current) return;
    asked.current = id;
    mutate(id);
  }, [linked, mutate]);
  const submit = (): void => {
    const id = catalogueId(text);
    setWrong(id === undefined);
    if (id === undefined) return;
    asked.current = id;
    mutate(id);
    setView({ gnet: id });
  };
  return (
    <form
      className={css.byNumber}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field label={m.byNumber} help={m.byNumberHelp} error={isWrong ? m.notANumber : undefined}>
        {(control) => (
          <div className={css.inline}>
            <TextInput {...control} value={text} onChange={setText} placeholder="1860" />
            <Button type="submit" icon={Download} disabled={text === '' || load.isPending}>
              {m.load}
            </Button>
          </div>
        )}
      </Field>
      {load.isError && <ErrorState error={load.error} />}
    </form>
  );
}
