import { ArrowRight, MoreHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import css from '../alerting.module.css';
import type { MatcherOperator } from '../matcher.ts';
import { MatcherChips } from '../matcher-chips.tsx';
import look from './policies.module.css';
import type { PolicyNode } from './policy-tree.ts';
import { policiesWords } from './words.ts';

export interface PolicyActions {
  readonly onEdit: (node: PolicyNode) => void;
  readonly onAdd: (node: PolicyNode) => void;
  readonly onDelete: (node: PolicyNode) => void;
}

/** A policy and those nested in it. */
export function PolicyItem({
  node,
  taken,
  passed,
  actions,
}: {
  readonly node: PolicyNode;
  /** Ids of the nodes that take the alert asked about, and of those on the way to them. */
  readonly taken: ReadonlySet<number>;
  readonly passed: ReadonlySet<number>;
  /** Undefined: only shown. */
  readonly actions: PolicyActions | undefined;
}): ReactNode {
  const m = useMessages(policiesWords);
  const f = useFormat();
  const { route, written, at } = node;
  const isRoot = route.id === 0;
  const isTaken = taken.has(route.id);
  const name = isRoot
    ? m.defaultPolicy
    : route.matchers.map((one) => `${one.name}${one.operator}${one.value}`).join(', ');
  const grouping =
    route.groupBy.length === 0
      ? m.oneGroup
      : route.groupBy[0] === '...'
        ? m.byAll
        : m.groupedBy(route.groupBy.join(', '));
  const matchers = route.matchers.map((one) => ({
    ...one,
    operator: one.operator as MatcherOperator,
  }));
  return (
    <li>
      <div
        className={classNames(
          look.node,
          isTaken ? look.taken : passed.has(route.id) && look.passed,
        )}
        data-route={route.id}
      >
        <div className={look.nodeHead}>
          {isRoot ? (
            <strong>{m.defaultPolicy}</strong>
          ) : matchers.length === 0 ? (
            <span>{m.matchAll}</span>
          ) : (
            <MatcherChips matchers={matchers} />
          )}
          <ArrowRight size={14} strokeWidth={1.5} aria-hidden />
          <span className={look.receiver}>{route.receiver}</span>
          {isTaken && <span className={css.quiet}>{m.takes}</span>}
          <span className={classNames(look.load, css.push)}>
            <span className={css.quiet}>
              {route.alerts === 0
                ? m.quiet
                : m.load(f.number(route.alerts), f.number(route.groups))}
            </span>
            {actions !== undefined && written !== undefined && (
              <>
                <Button aria-label={`${m.edit}: ${name}`} onClick={() => actions.onEdit(node)}>
                  {m.edit}
                </Button>
                <Menu
                  align="end"
                  trigger={<IconButton icon={MoreHorizontal} label={m.more(name)} />}
                >
                  <MenuItem onSelect={() => actions.onAdd(node)}>{m.addNested}</MenuItem>
                  {at !== undefined && at.length > 0 && (
                    <MenuItem danger onSelect={() => actions.onDelete(node)}>
                      {m.delete}
                    </MenuItem>
                  )}
                </Menu>
              </>
            )}
          </span>
        </div>
        <div className={look.facts}>
          {isRoot && <span>{m.everything}</span>}
          <span>{grouping}</span>
          <span>
            {m.timing(
              f.duration(route.groupWaitMs),
              f.duration(route.groupIntervalMs),
              f.duration(route.repeatIntervalMs),
            )}
          </span>
          {route.continue && <span>{m.continues}</span>}
          {route.muteTimeIntervals.length > 0 && (
            <span>{m.mutedBy(route.muteTimeIntervals.join(', '))}</span>
          )}
          {route.activeTimeIntervals.length > 0 && (
            <span>{m.activeBy(route.activeTimeIntervals.join(', '))}</span>
          )}
          {actions !== undefined && written === undefined && <span>{m.ofRule}</span>}
        </div>
      </div>
      {node.nodes.length > 0 && (
        <ul>
          {node.nodes.map((child) => (
            <PolicyItem
              key={child.route.id}
              node={child}
              taken={taken}
              passed={passed}
              actions={actions}
            />
          ))}
        </ul>
      )}
    </li>
  );
}
