import { ChevronDown, Clock, RefreshCw, ZoomOut } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { createFormat, type Format } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { setPreferences, usePreferences } from '../state/preferences.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Field, TextInput } from '../ui/field.tsx';
import { Menu, MenuGroup, MenuRadio } from '../ui/menu.tsx';
import { Popover } from '../ui/popover.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { canonicalTime, isRelativeTime, resolveRange, type TimeRange } from './range.ts';
import css from './range-picker.module.css';
import { namedRanges, rangeText } from './range-text.ts';
import { useSharedRange } from './shared-range.tsx';
import { timeWords } from './words.ts';
import { offsetText, sortableTime } from './zone.ts';

const quick: readonly (readonly [number, string])[] = [
  [5, 'm'],
  [15, 'm'],
  [30, 'm'],
  [1, 'h'],
  [3, 'h'],
  [12, 'h'],
  [1, 'd'],
  [7, 'd'],
  [30, 'd'],
];

const refreshSeconds: readonly number[] = [0, 5, 10, 30, 60, 300, 900];

export interface RangePickerProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** The time range of the page with its zone, zoom out and refresh. `t` opens it from anywhere. */
export function RangePicker({ open, onOpenChange }: RangePickerProps): ReactNode {
  const m = useMessages(timeWords);
  const f = useRangeFormat();
  const shared = useSharedRange();
  const text = rangeText(shared.range, shared, f);
  return (
    <div className={css.group}>
      <Popover
        title={m.timeRange}
        open={open}
        onOpenChange={onOpenChange}
        align="end"
        trigger={
          <Button
            icon={Clock}
            className={css.trigger}
            title={`${f.exactTime(shared.fromMs)} – ${f.exactTime(shared.toMs)}`}
          >
            <span className="visually-hidden">{m.timeRange}: </span>
            <span className={css.triggerText}>{text}</span>
            <span className={css.zoneNote}>{zoneNote(f.zone, shared.nowMs)}</span>
            <ChevronDown size={14} strokeWidth={1.5} aria-hidden />
          </Button>
        }
      >
        <RangePane onDone={() => onOpenChange(false)} />
      </Popover>
      <span className={css.wideOnly}>
        <IconButton icon={ZoomOut} label={m.zoomOut} shortcut="z" onClick={shared.zoomOut} />
      </span>
      <RefreshButtons />
    </div>
  );
}

/** Times in the zone of the range, which a page may choose. */
function useRangeFormat(): Format {
  const { language } = usePreferences();
  const { zone } = useSharedRange();
  return useMemo(() => createFormat(language, zone), [language, zone]);
}

function RefreshButtons(): ReactNode {
  const m = useMessages(timeWords);
  const f = useFormat();
  const shared = useSharedRange();
  const every = (seconds: number): string =>
    seconds === 0 ? m.off : f.duration(seconds * 1000).replace(/^(\d+)\.0/, '$1');
  return (
    <>
      <IconButton icon={RefreshCw} label={m.refresh} shortcut="r" onClick={shared.refresh} />
      <Menu
        align="end"
        trigger={
          <Button look="quiet" style={{ padding: '0 4px' }}>
            <span className="visually-hidden">{m.autoRefresh} </span>
            {shared.refreshMs > 0 && every(shared.refreshMs / 1000)}
            <ChevronDown size={14} strokeWidth={1.5} aria-hidden />
          </Button>
        }
      >
        <MenuGroup label={m.autoRefresh}>
          <MenuRadio
            value={String(shared.refreshMs / 1000)}
            options={(shared.page?.refreshSeconds ?? refreshSeconds).map((seconds) => ({
              value: String(seconds),
              label: every(seconds),
            }))}
            onChange={(seconds) => shared.setRefreshMs(Number(seconds) * 1000)}
          />
        </MenuGroup>
      </Menu>
    </>
  );
}

function RangePane({ onDone }: { readonly onDone: () => void }): ReactNode {
  const m = useMessages(timeWords);
  const shared = useSharedRange();
  const choose = (range: TimeRange): void => {
    shared.setRange(range);
    onDone();
  };
  const isChosen = (range: TimeRange): boolean =>
    range.from === shared.range.from && range.to === shared.range.to;
  const quickRanges = shared.page?.quickRanges ?? [
    ...quick.map(([count, unit]) => ({
      label: m.last(count, unit),
      range: { from: `now-${count}${unit}`, to: 'now' },
    })),
    ...namedRanges.map(({ name, range }) => ({ label: m[name], range })),
  ];
  const { zone } = usePreferences();
  return (
    <div className={css.pane}>
      <div className={css.quick}>
        {quickRanges.map(({ label, range }) => (
          <button
            key={label}
            type="button"
            className={css.quickItem}
            aria-pressed={isChosen(range)}
            onClick={() => choose(range)}
          >
            {label}
          </button>
        ))}
      </div>
      <div className={css.custom}>
        <CustomRange onApply={choose} />
        <ZoneChoice
          zone={shared.page?.zoneChoice ?? zone}
          onChange={shared.page?.onZone ?? setZone}
        />
      </div>
    </div>
  );
}

function CustomRange({ onApply }: { readonly onApply: (range: TimeRange) => void }): ReactNode {
  const m = useMessages(timeWords);
  const { range, zone } = useSharedRange();
  const shown = (text: string, edge: 'from' | 'to'): string => {
    if (isRelativeTime(text)) return text;
    const resolved = resolveRange(range, Date.now(), zone);
    if (resolved === undefined) return text;
    const ms = edge === 'from' ? resolved.fromMs : resolved.toMs;
    return sortableTime(zone, ms, ms % 60_000 === 0 ? 'minute' : 'second');
  };
  const [from, setFrom] = useState(() => shown(range.from, 'from'));
  const [to, setTo] = useState(() => shown(range.to, 'to'));
  const nowMs = Date.now();
  const fromText = canonicalTime(from, { nowMs, zone, edge: 'from' });
  const toText = canonicalTime(to, { nowMs, zone, edge: 'to' });
  const resolved =
    fromText === undefined || toText === undefined
      ? undefined
      : resolveRange({ from: fromText, to: toText }, nowMs, zone);
  const isEmpty = fromText !== undefined && toText !== undefined && resolved === undefined;
  const preview = (text: string | undefined, ms: number | undefined): string | undefined =>
    text === undefined || ms === undefined ? undefined : sortableTime(zone, ms, 'second');
  const ready = resolved !== undefined && fromText !== undefined && toText !== undefined;
  return (
    <form
      style={{ display: 'contents' }}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onApply({ from: fromText, to: toText });
      }}
    >
      <Field
        label={m.from}
        help={preview(fromText, resolved?.fromMs)}
        error={fromText === undefined ? m.notATime : undefined}
      >
        {(control) => <TextInput {...control} mono value={from} onChange={setFrom} />}
      </Field>
      <Field
        label={m.to}
        help={preview(toText, resolved?.toMs)}
        error={toText === undefined ? m.notATime : isEmpty ? m.emptyRange : undefined}
      >
        {(control) => <TextInput {...control} mono value={to} onChange={setTo} />}
      </Field>
      <div className={css.small}>{m.help}</div>
      <Button type="submit" look="primary" disabled={!ready}>
        {m.apply}
      </Button>
    </form>
  );
}

const nearZones = ['Asia/Seoul', 'UTC', 'browser'] as const;

const setZone = (zone: string): void => setPreferences({ zone });

/** The person's own zone. */
export function OwnZoneChoice(): ReactNode {
  return <ZoneChoice zone={usePreferences().zone} onChange={setZone} />;
}

function ZoneChoice({
  zone,
  onChange,
}: {
  readonly zone: string;
  readonly onChange: (zone: string) => void;
}): ReactNode {
  const m = useMessages(timeWords);
  const isNear = (nearZones as readonly string[]).includes(zone);
  return (
    <div className={css.zones}>
      <Segmented
        label={m.zone}
        value={zone}
        options={[
          { value: 'Asia/Seoul', label: 'Asia/Seoul' },
          { value: 'UTC', label: 'UTC' },
          { value: 'browser', label: m.browserZone },
        ]}
        onChange={onChange}
      />
      <Combobox
        label={m.otherZone}
        placeholder={m.otherZone}
        options={Intl.supportedValuesOf('timeZone')}
        value={isNear ? '' : zone}
        onChange={(next) => {
          if (next !== '') onChange(next);
        }}
      />
    </div>
  );
}

function zoneNote(zone: string, ms: number): string {
  if (zone === 'UTC' || zone === 'Etc/UTC') return 'UTC';
  if (zone === 'Asia/Seoul') return 'KST';
  return offsetText(zone, ms);
}
