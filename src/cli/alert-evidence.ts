import type { EvidenceSources, MessageSettings } from '#alerting';
import { systemClock } from '#base';
import type { Config } from '#config';
import type { LogStore } from '#logs/store';
import type { PromqlEngine } from '#metrics/promql';
import type { PictureShelf } from '#picture';
import { resolveZone } from '#time';

/** Of one query for a message; the message itself waits less. */
const queryTimeoutMs = 30_000;

/** How messages are made, as the configuration has it now. */
export function messageSettings(config: Config): MessageSettings {
  const { enabled, picture, logLines, timeoutMs, language, theme, webhookExtras } =
    config.alerting.messages;
  return {
    isEnabled: enabled,
    hasPicture: picture,
    maxLogLines: logLines,
    timeoutMs,
    language,
    theme,
    hasWebhookExtras: webhookExtras,
    timeZone: serverZone(config),
  };
}

export interface EvidenceParts {
  readonly engine: PromqlEngine;
  readonly logs: LogStore;
  readonly shelf: PictureShelf;
  readonly config: () => Config;
  /** Of rules that are known by the labels of their alerts. */
  readonly expressionOf: NonNullable<EvidenceSources['expressionOf']>;
}

/** Where the evidence of messages comes from: the server's own stores. */
export function alertEvidence(parts: EvidenceParts): EvidenceSources {
  const { engine, logs, shelf, config, expressionOf } = parts;
  return {
    expressionOf,
    queryRange: async (query, window, signal) => {
      const { labelsToRecord } = await import('#metrics/model');
      const { value } = await engine.range(query, window, { timeoutMs: queryTimeoutMs }, signal);
      if (value.type !== 'matrix') return [];
      return value.series.map(({ labels, timesMs, values }) => ({
        labels: labelsToRecord(labels),
        timesMs,
        values,
      }));
    },
    lastLines: async (pod, range, signal) => {
      const { lastPodLines } = await import('#logs/pods');
      const found = await lastPodLines(logs, { ...pod, ...range }, signal);
      return found?.lines.map(({ text }) => text);
    },
    renderPng: async (svg, size, signal) => {
      const { renderPng } = await import('#picture');
      return await renderPng(svg, { ...size, signal });
    },
    publish: publishPicture(shelf, config),
  };
}

/** Puts pictures where programs of a chat fetch them; there is no such place without `server.publicUrl`. */
export function publishPicture(
  shelf: PictureShelf,
  config: () => Config,
): (png: Buffer) => Promise<string | undefined> {
  return async (png) => {
    const base = pictureBase(config());
    if (base === undefined) return undefined;
    const { picturePath } = await import('#picture/api');
    return `${base}${picturePath(await shelf.put(png))}`;
  };
}

/** Where others reach this server; undefined: nowhere. */
export function pictureBase({ server: { publicUrl } }: Config): string | undefined {
  if (publicUrl === undefined || isLocal(publicUrl)) return undefined;
  return publicUrl.replace(/\/$/, '');
}

/** IANA name of the zone that the server shows times in. */
export const serverZone = ({ server: { timeZone } }: Config): string =>
  resolveZone(timeZone === 'local' ? 'browser' : timeZone);

const isLocal = (url: string): boolean =>
  /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);

/** Opens the pictures that messages point at, in the data directory. */
export async function openPictures(folder: string): Promise<PictureShelf> {
  const { PictureShelf } = await import('#picture');
  return await PictureShelf.open(folder, { clock: systemClock });
}
