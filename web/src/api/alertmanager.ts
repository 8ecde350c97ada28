import type {
  WireAlertSummary,
  WireExplanation,
  WirePreviewRequest,
  WireRouting,
  WireTemplatePreview,
} from '../../../src/alerting/api/wire.ts';
import { callApi } from './client.ts';
import type { Labels } from './metrics.ts';

export type {
  WireExplainedRoute,
  WireExplanation,
  WireIntegration,
  WireInterval,
  WireRange,
  WireRoute,
  WireRouting,
  WireSampleAlert,
  WireTemplatePreview,
} from '../../../src/alerting/api/wire.ts';

/** Times are RFC 3339, as everywhere in this API. */
export interface WireAmAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly fingerprint: string;
  readonly startsAt: string;
  readonly updatedAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly status: {
    readonly state: 'active' | 'suppressed' | 'unprocessed';
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
    readonly mutedBy: readonly string[];
  };
}

export interface WireAmGroup {
  readonly labels: Labels;
  readonly receiver: { readonly name: string };
  readonly alerts: readonly WireAmAlert[];
}

export interface WireMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export type SilenceState = 'active' | 'pending' | 'expired';

export interface WireSilence {
  readonly id: string;
  readonly matchers: readonly WireMatcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly status: { readonly state: SilenceState };
}

/** A silence to make, or with an `id` to change. */
export type SilenceDraft = Omit<WireSilence, 'id' | 'updatedAt' | 'status'> & {
  readonly id?: string;
};

const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

/** Alertmanager's API. Every method throws {@link ApiError}. */
export const alertmanagerApi = {
  /** Alerts as they are told of: by route and group. */
  groups: (signal?: AbortSignal): Promise<readonly WireAmGroup[]> =>
    callApi('api/v2/alerts/groups', withSignal(signal)),
  /** @param filter matchers, one each */
  alerts: (filter: readonly string[], signal?: AbortSignal): Promise<readonly WireAmAlert[]> =>
    callApi('api/v2/alerts', { query: { filter }, ...withSignal(signal) }),
  silences: (signal?: AbortSignal): Promise<readonly WireSilence[]> =>
    callApi('api/v2/silences', withSignal(signal)),
  silence: (id: string, signal?: AbortSignal): Promise<WireSilence> =>
    callApi(`api/v2/silence/${encodeURIComponent(id)}`, withSignal(signal)),
  setSilence: (silence: SilenceDraft): Promise<{ readonly silenceID: string }> =>
    callApi('api/v2/silences', { method: 'POST', body: silence }),
  expireSilence: (id: string): Promise<void> =>
    callApi(`api/v2/silence/${encodeURIComponent(id)}`, { method: 'DELETE' }),
};

/** Our own API beside it. Every method throws {@link ApiError}. */
export const alertingApi = {
  summary: (signal?: AbortSignal): Promise<WireAlertSummary> =>
    callApi('nunchi/alerting/summary', withSignal(signal)),
  routing: (signal?: AbortSignal): Promise<WireRouting> =>
    callApi('nunchi/alerting/routing', withSignal(signal)),
  explain: (labels: Labels, signal?: AbortSignal): Promise<WireExplanation> =>
    callApi('nunchi/alerting/explain', {
      method: 'POST',
      body: { labels },
      ...withSignal(signal),
    }),
  preview: (request: WirePreviewRequest, signal?: AbortSignal): Promise<WireTemplatePreview> =>
    callApi('nunchi/alerting/templates/preview', {
      method: 'POST',
      body: request,
      ...withSignal(signal),
    }),
};
