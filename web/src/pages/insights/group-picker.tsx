import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronDown, FolderTree } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { logsApi } from '../../api/logs.ts';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Button } from '../../ui/button.tsx';
import { TextInput } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { ErrorState, SkeletonLines } from '../../ui/states.tsx';
import css from './group-picker.module.css';
import { insightsWords } from './words.ts';

export interface GroupPickerProps {
  readonly value: readonly string[];
  readonly onChange: (groups: readonly string[]) => void;
  readonly max: number;
}

const shownGroups = 300;

/** Several log groups by type-ahead; a prefix chooses all that begin with it. */
export function GroupPicker({ value, onChange, max }: GroupPickerProps): ReactNode {
  const m = useMessages(insightsWords);
  const c = useMessages(common);
  const f = useFormat();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const query = useQuery({
    queryKey: ['groups', 'picker', text],
    queryFn: ({ signal }) => logsApi.groups({ contains: text.trim(), limit: shownGroups }, signal),
    enabled: open,
    placeholderData: keepPreviousData,
  });
  const found = useMemo(() => {
    const names = (query.data?.groups ?? []).map((group) => group.name);
    // With a slash in front it is meant as a prefix.
    const wanted = text.trim();
    const matching = wanted.startsWith('/')
      ? names.filter((name) => name.startsWith(wanted))
      : names;
    const missing = value.filter((name) => !names.includes(name) && name.includes(wanted));
    return [...missing, ...matching];
  }, [query.data, text, value]);
  const choose = (names: readonly string[]): void => onChange([...new Set(names)].slice(0, max));
  const toggle = (name: string): void =>
    choose(value.includes(name) ? value.filter((other) => other !== name) : [...value, name]);
  const first = value[0];
  return (
    <Popover
      title={m.chooseGroups}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className={css.trigger} title={value.join('\n')}>
          <span className="visually-hidden">{m.groups}: </span>
          <FolderTree size={16} strokeWidth={1.5} aria-hidden />
          {first === undefined ? (
            <span className={css.none}>{m.chooseGroups}</span>
          ) : (
            <>
              <span className={css.name}>{first}</span>
              {value.length > 1 && <span className={css.more}>+{f.number(value.length - 1)}</span>}
            </>
          )}
          <ChevronDown size={16} strokeWidth={1.5} aria-hidden />
        </button>
      }
    >
      <div className={css.pane}>
        <TextInput
          autoFocus
          mono
          aria-label={m.groupSearch}
          placeholder={m.groupSearch}
          value={text}
          onChange={setText}
        />
        {query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonLines count={6} />
        ) : (
          <ul className={css.list}>
            {found.map((name) => {
              const group = query.data.groups.find((one) => one.name === name);
              return (
                <li key={name}>
                  <label className={css.option}>
                    <input
                      type="checkbox"
                      checked={value.includes(name)}
                      disabled={!value.includes(name) && value.length >= max}
                      onChange={() => toggle(name)}
                    />
                    <span className={css.optionName}>{name}</span>
                    {group !== undefined && (
                      <span className={css.note}>{f.compact(group.events)}</span>
                    )}
                  </label>
                </li>
              );
            })}
            {found.length === 0 && <li className={css.empty}>{c.nothingFound}</li>}
          </ul>
        )}
        <div className={css.foot}>
          <Button
            look="quiet"
            disabled={found.length === 0}
            onClick={() => choose([...value, ...found])}
          >
            {m.chooseMatching(f.number(Math.min(found.length, max)))}
          </Button>
          <Button look="quiet" disabled={value.length === 0} onClick={() => onChange([])}>
            {m.clearChosen}
          </Button>
          <span className={css.count}>
            {value.length >= max
              ? m.maxGroups(f.number(max))
              : m.groupsChosen(f.number(value.length))}
          </span>
        </div>
      </div>
    </Popover>
  );
}
