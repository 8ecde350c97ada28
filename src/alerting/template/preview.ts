import { isAppError } from '#base';
import { Template } from '#go-template';
import type { Notification } from '../contract.ts';
import { fingerprintOf, type LabelSet } from '../labels.ts';
import { commonOf, templateData } from './data.ts';
import { templateFunctions } from './functions.ts';
import type { TemplateSet } from './template-set.ts';

/** What a template says about a notification, or why it says nothing. */
export interface TemplatePreview {
  /** Empty: of the text itself, outside of its definitions. */
  readonly name: string;
  readonly text?: string;
  readonly error?: string;
}

/**
 * Carries out what a text defines, and the text itself, beside the templates that there are.
 * @param templates stay as they are
 */
export function previewTemplates(
  templates: TemplateSet,
  source: string,
  notification: Notification,
): readonly TemplatePreview[] {
  const failed = (name: string, error: unknown): TemplatePreview => {
    if (!isAppError(error)) throw error;
    return { name, error: error.message };
  };
  const set = templates.copy();
  let defined: readonly string[];
  try {
    const functions = templateFunctions(() => 0);
    defined = [...new Template('', source, { functions }).tree.defined.keys()];
    set.add('preview', source);
  } catch (error) {
    return [failed('', error)];
  }
  const data = templateData(notification);
  const run = (name: string, text: string): TemplatePreview => {
    try {
      return { name, text: set.text(text, data, notification.nowMs) };
    } catch (error) {
      return failed(name, error);
    }
  };
  const own = run('', source);
  return [
    ...defined.map((name) => run(name, `{{ template ${JSON.stringify(name)} . }}`)),
    ...(own.error !== undefined || own.text?.trim() !== '' ? [own] : []),
  ];
}

/** An alert to show a template with. */
export interface SampleAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAtMs?: number | undefined;
  readonly generatorUrl: string;
}

/** Made up alerts as one group, by all labels that they share. */
export function previewNotification(
  samples: readonly SampleAlert[],
  options: Pick<Notification, 'receiver' | 'externalUrl' | 'nowMs'>,
): Notification {
  const { nowMs } = options;
  const groupLabels = commonOf(samples.map(({ labels }) => labels));
  return {
    ...options,
    groupKey: 'preview',
    groupLabels,
    alerts: samples.map(({ status, startsAtMs = nowMs, ...rest }) => ({
      status,
      alert: {
        ...rest,
        fingerprint: fingerprintOf(rest.labels),
        startsAtMs,
        endsAtMs: status === 'resolved' ? nowMs : nowMs + 1,
        updatedAtMs: nowMs,
        isTimeout: false,
      },
    })),
  };
}
