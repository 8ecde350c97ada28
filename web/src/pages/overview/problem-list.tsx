import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { WireProblem } from '../../api/logs.ts';
import type { Format } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Card, StatusIcon } from '../../ui/states.tsx';
import css from './overview.module.css';
import { overviewWords } from './words.ts';

type Words = ReturnType<typeof useMessages<typeof overviewWords.en>>;

/** What is wrong, worst first; a calm sentence when nothing is. */
export function ProblemList({
  problems,
  nowMs,
}: {
  readonly problems: readonly WireProblem[];
  readonly nowMs: number;
}): ReactNode {
  const m = useMessages(overviewWords);
  const f = useFormat();
  if (problems.length === 0) {
    return (
      <div className={css.well}>
        <CircleCheck size={22} strokeWidth={1.5} className={css.wellIcon} aria-hidden />
        <div>
          <div className={css.wellTitle}>{m.allWell}</div>
          <div className={css.muted}>{m.allWellText}</div>
        </div>
      </div>
    );
  }
  const sorted = problems.toSorted(
    (a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'),
  );
  return (
    <Card title={problems.length === 1 ? m.oneProblem : m.problems(f.number(problems.length))}>
      <ul className={css.problems}>
        {sorted.map((problem) => {
          const { title, text } = problemWords(problem, m as Words, f, nowMs);
          return (
            <li key={title + text} className={css.problem}>
              <StatusIcon kind={problem.severity} />
              <span className={css.problemTitle}>{title}</span>
              {text !== '' && <p>{text}</p>}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function problemWords(
  problem: WireProblem,
  m: Words,
  f: Format,
  nowMs: number,
): { title: string; text: string } {
  switch (problem.kind) {
    case 'store-full':
      return {
        title: m.storeFull,
        text: m.storeFullText(f.bytes(problem.diskFreeBytes ?? 0)),
      };
    case 'disk-low':
      return { title: m.diskLow(f.bytes(problem.diskFreeBytes)), text: m.diskLowText };
    case 'damaged-segment':
      return { title: m.damaged, text: m.damagedText(problem.path, problem.reason) };
    case 'agent-silent':
      return {
        title: m.agentSilent(problem.agent),
        text: m.agentSilentText(f.ago(problem.sinceMs, nowMs)),
      };
    case 'agent-behind':
      return {
        title: m.agentBehind(problem.agent),
        text: m.agentBehindText(f.duration(problem.lagMs ?? 0)),
      };
    case 'drops':
      return { title: m.drops(f.number(problem.count), problem.what), text: '' };
  }
}
