import type { Collection, StateStore } from '#state';
import type { RuleChange } from './changes.ts';
import type { AlertRule } from './contract.ts';

/** Of each rule; older ones go. */
const maxVersions = 20;

interface VersionRecord {
  readonly rule: AlertRule;
  readonly folderUid: string;
  readonly groupTitle: string;
}

/** What a rule was once, or is. */
export interface RuleVersion extends VersionRecord {
  readonly version: number;
}

/** Earlier forms of rules. */
export class RuleVersions {
  readonly #records: Collection<VersionRecord>;

  constructor(state: StateStore) {
    this.#records = state.collection('alert-rule-versions');
  }

  /** Newest first. */
  async list(uid: string): Promise<readonly RuleVersion[]> {
    const found = await this.#records.list({ prefix: `${uid}/` });
    return found
      .map(({ value }) => ({ ...value, version: value.rule.version }))
      .sort((a, b) => b.version - a.version);
  }

  /** Keeps what is new, and forgets what is gone. */
  async keep(changes: readonly RuleChange[]): Promise<void> {
    for (const { before, after } of changes) {
      if (after === undefined) {
        const uid = before?.rule.uid ?? '';
        const kept = await this.#records.list({ prefix: `${uid}/` });
        for (const { id } of kept) await this.#records.delete(id);
        continue;
      }
      const { rule, group } = after;
      if (rule.version === before?.rule.version) continue;
      await this.#records.put(versionId(rule.uid, rule.version), {
        rule,
        folderUid: group.folderUid,
        groupTitle: group.title,
      });
      if (rule.version > maxVersions) {
        await this.#records.delete(versionId(rule.uid, rule.version - maxVersions));
      }
    }
  }
}

const versionId = (uid: string, version: number): string =>
  `${uid}/${String(version).padStart(8, '0')}`;
