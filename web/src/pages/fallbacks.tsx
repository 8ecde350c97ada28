import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import type { ReactNode } from 'react';
import { frameWords } from '../frame/words.ts';
import { useMessages } from '../i18n/messages.ts';
import { Empty, ErrorState } from '../ui/states.tsx';

export function NotFound(): ReactNode {
  const m = useMessages(frameWords);
  return (
    <Empty icon={Compass} title={m.notFound} text={m.notFoundText}>
      <Link to="/">{m.toOverview}</Link>
    </Empty>
  );
}

export function PageFailed({ error, reset }: ErrorComponentProps): ReactNode {
  const m = useMessages(frameWords);
  return (
    <div style={{ padding: 24 }}>
      <ErrorState error={error} title={m.pageFailed} onRetry={reset} />
    </div>
  );
}
