import type { AgentEvent } from '../contract.ts';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { parseBoolean, splitWords } from '../fluentbit/values.ts';
import {
  parseRecordPath,
  parseRecordTemplate,
  type RecordPath,
  type RecordTemplate,
  textOf,
  valueAt,
} from '../records/accessor.ts';
import { compileRegex, type Regex } from '../regex/compile.ts';

interface Rule {
  readonly path: RecordPath;
  readonly regex: Regex;
  readonly tag: RecordTemplate;
  readonly keep: boolean;
}

/** An event that changes its tag more often than this runs in a circle. */
const maxRewrites = 8;
const rewritesOf = new WeakMap<AgentEvent, number>();

/** Sends events through the pipeline again under a tag made from their content. */
export const rewriteTagFilter: FilterPlugin = {
  name: 'rewrite_tag',
  options: {
    rule: option.words(4),
    emitter_name: option.noEffect('events re-enter without an emitter'),
    'emitter_storage.type': option.noEffect('events re-enter before they are stored'),
    emitter_mem_buf_limit: option.noEffect('events re-enter before they are stored'),
    recursion_action: option.noEffect('circles are cut after 8 rounds'),
  },
  create: (settings, scope) => {
    const rules = settings.all('rule').map((line): Rule => {
      const [key = '', pattern = '', tag = '', keep = ''] = splitWords(line.value);
      const keeps = parseBoolean(keep);
      if (keeps === undefined) {
        throw settings.problem(`rewrite_tag: KEEP must be true or false, not '${keep}'`, 'rule');
      }
      return {
        path: parseRecordPath(key),
        regex: compileRegex(pattern),
        tag: parseRecordTemplate(tag),
        keep: keeps,
      };
    });
    if (rules.length === 0) throw settings.problem("rewrite_tag: the property 'rule' is required");
    const loops = scope.metrics.counter(
      'nunchi_agent_rewrite_tag_loops_total',
      'Events whose tag was rewritten in a circle and that went on under their last tag',
    );
    let warned = false;
    return {
      name: settings.name,
      apply: async (tag, events, context) => {
        const byTag = new Map<string, AgentEvent[]>();
        const kept: AgentEvent[] = [];
        for (const event of events) {
          const hit = firstHit(rules, tag, event);
          const rewrites = rewritesOf.get(event) ?? 0;
          if (hit === undefined) {
            kept.push(event);
            continue;
          }
          if (hit.tag === tag || rewrites >= maxRewrites) {
            kept.push(event);
            loops.add(1, { filter: settings.name });
            if (!warned)
              scope.log.warn('A rewritten tag comes back to its own rule', {
                filter: settings.name,
                tag,
              });
            warned = true;
            continue;
          }
          const moved = hit.keep ? { ...event, record: new Map(event.record) } : event;
          if (hit.keep) kept.push(event);
          rewritesOf.set(moved, rewrites + 1);
          const group = byTag.get(hit.tag);
          if (group === undefined) byTag.set(hit.tag, [moved]);
          else group.push(moved);
        }
        for (const [newTag, moved] of byTag) await context.reemit(newTag, moved);
        return kept;
      },
    };
  },
};

function firstHit(
  rules: readonly Rule[],
  tag: string,
  event: AgentEvent,
): { tag: string; keep: boolean } | undefined {
  for (const rule of rules) {
    const value = valueAt(event.record, rule.path);
    if (value === undefined || value === null || value instanceof Map) continue;
    const captures = rule.regex.exec(textOf(value));
    if (captures === undefined) continue;
    const newTag = rule.tag.renderLoose({ tag, record: event.record, captures });
    if (newTag !== '') return { tag: newTag, keep: rule.keep };
  }
  return undefined;
}
