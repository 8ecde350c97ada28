import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts';
import { parse } from 'yaml';
import { AppError, describeError } from '#base';
import { SpecReader } from './reader.ts';
import { readSelector } from './selector.ts';
import { type Choice, type MonitorKind, type MonitorSettings, plainSettings } from './settings.ts';

/** A label selector as it stands in nunchi.yaml; undefined: everything. */
export interface SelectorText {
  readonly text: string;
  readonly source: string;
  readonly line: number;
}

export type SelectorTexts = Readonly<
  Record<
    MonitorKind,
    {
      readonly selector: SelectorText | undefined;
      readonly namespaceSelector: SelectorText | undefined;
    }
  >
>;

/** Settings of our own configuration. @throws {AppError} KUBERNETES_SELECTOR_INVALID */
export function settingsOfConfig(namespace: string, texts: SelectorTexts): MonitorSettings {
  const choice = (kind: MonitorKind): Choice => ({
    selector: read(texts[kind].selector),
    namespaceSelector: read(texts[kind].namespaceSelector),
  });
  return plainSettings(namespace, {
    PodMonitor: choice('PodMonitor'),
    ServiceMonitor: choice('ServiceMonitor'),
    Probe: choice('Probe'),
    ScrapeConfig: choice('ScrapeConfig'),
    PrometheusRule: choice('PrometheusRule'),
  });
}

function read(given: SelectorText | undefined): LabelSelector {
  if (given === undefined) return {};
  try {
    const spec = new SpecReader(parse(given.text) ?? {}, '');
    const unknown = spec.keys().find((key) => key !== 'matchLabels' && key !== 'matchExpressions');
    if (unknown !== undefined) throw spec.error(unknown, 'is not a part of a selector');
    return readSelector(spec);
  } catch (cause) {
    throw new AppError(
      'KUBERNETES_SELECTOR_INVALID',
      `${given.source}:${given.line}: a selector is wrong: ${describeError(cause)}`,
      { hint: 'Selectors have matchLabels and matchExpressions, as in Kubernetes', cause },
    );
  }
}
