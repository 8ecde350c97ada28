import type {
  DropPreview,
  DropRule,
  DropRuleView,
} from '../../../src/metrics/drop-rules/contract.ts';
import { callApi, fetchApi } from './client.ts';

export type { DropPreview, DropRule, DropRuleView };

const root = 'nunchi/metrics/drop-rules';

/** Rules that keep series out of the store. Every method throws {@link ApiError}. */
export const dropRulesApi = {
  list: async (signal?: AbortSignal): Promise<readonly DropRuleView[]> => {
    const options = signal === undefined ? {} : { signal };
    return (await callApi<{ readonly rules: readonly DropRuleView[] }>(root, options)).rules;
  },
  preview: (rule: DropRule, signal?: AbortSignal): Promise<DropPreview> =>
    callApi(`${root}/preview`, {
      method: 'POST',
      body: rule,
      ...(signal === undefined ? {} : { signal }),
    }),
  add: (rule: DropRule): Promise<DropRuleView> => callApi(root, { method: 'POST', body: rule }),
  remove: (id: string): Promise<void> =>
    callApi(`${root}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  yaml: async (): Promise<string> => await (await fetchApi(`${root}.yaml`)).text(),
};
