import { Copy, Download, RotateCcw, Save } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import type { KeptDashboard } from '../../../api/dashboard-store.ts';
import { checkDocument } from '../../../dashboards/editing/check-document.ts';
import type { JsonDiagnostic } from '../../../editor/json/json-editor.tsx';
import { scanJson } from '../../../editor/json/scan-json.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useShortcuts } from '../../../keys/shortcuts.ts';
import { Button } from '../../../ui/button.tsx';
import { SkeletonLines, Status } from '../../../ui/states.tsx';
import { copyText } from '../../../ui/toast.tsx';
import { download } from '../view/download.ts';
import { ReviewDialog } from './review-dialog.tsx';
import css from './settings.module.css';
import { settingsWords } from './words.ts';

const JsonEditor = lazy(async () => ({
  default: (await import('../../../editor/json/json-editor.tsx')).JsonEditor,
}));

export interface JsonModelProps {
  readonly kept: KeptDashboard;
  readonly uid: string;
  /** As it was read. */
  readonly original: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

const noProblems: readonly JsonDiagnostic[] = [];

/** The document itself, to be read, copied, changed, and looked through before it is saved. */
export function JsonModel({ kept, uid, original, text, onChange }: JsonModelProps): ReactNode {
  const m = useMessages(settingsWords);
  const c = useMessages(common);
  const [problems, setProblems] = useState(noProblems);
  const [isReviewed, setIsReviewed] = useState(false);
  const isChanged = text !== original;
  const mayReview = useMemo(
    () =>
      text !== original &&
      scanJson(text).problem === undefined &&
      checkDocument(JSON.parse(text), uid).length === 0,
    [text, original, uid],
  );
  const review = (): void => {
    if (kept.meta.canSave && mayReview) setIsReviewed(true);
  };
  useShortcuts({ 'mod+s': review });
  const [first] = problems;
  return (
    <div className={css.json}>
      <div className={css.tools}>
        <Button icon={Copy} onClick={() => void copyText(text)}>
          {c.copy}
        </Button>
        <Button
          icon={Download}
          onClick={() => download(`${kept.dashboard.title}.json`, text, 'application/json')}
        >
          {m.download}
        </Button>
        <Button icon={RotateCcw} disabled={!isChanged} onClick={() => onChange(original)}>
          {m.discard}
        </Button>
        <span className={css.space} />
        {first !== undefined && (
          <Status kind="critical">
            {first.message}
            {problems.length > 1 && ` (+${problems.length - 1})`}
          </Status>
        )}
        {kept.meta.canSave && (
          <Button icon={Save} look="primary" disabled={!mayReview} onClick={review}>
            {m.review}
          </Button>
        )}
      </div>
      <div className={css.editor}>
        <Suspense fallback={<SkeletonLines count={16} />}>
          <JsonEditor
            value={text}
            label={m.jsonLabel}
            isReadOnly={!kept.meta.canSave}
            checkDocument={(value) =>
              checkDocument(value, uid).map(({ path, kind, value: found }) => ({
                path,
                message: m.documentProblems[kind](found, uid),
              }))
            }
            onChange={onChange}
            onRun={review}
            onProblems={setProblems}
          />
        </Suspense>
      </div>
      {isReviewed && <ReviewDialog kept={kept} text={text} onClose={() => setIsReviewed(false)} />}
    </div>
  );
}
