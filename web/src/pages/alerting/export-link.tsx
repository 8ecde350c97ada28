import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { apiUrl } from '../../api/client.ts';
import { exportPath } from '../../api/grafana-alerting.ts';
import { useMessages } from '../../i18n/messages.ts';
import controls from '../../ui/controls.module.css';
import { alertingWords } from './words.ts';

/** Downloads objects in the form of provisioning files. */
export function ExportLink({ kind }: { readonly kind: string }): ReactNode {
  const m = useMessages(alertingWords);
  return (
    <a className={controls.button} href={apiUrl(exportPath(kind)).href} download>
      <Download size={16} strokeWidth={1.5} aria-hidden />
      {m.exportYaml}
    </a>
  );
}
