import type { Clock } from '#base';
import type { Collection, StateStore } from '#state';
import {
  type Author,
  type GroupInput,
  isSameGroup,
  keyOf,
  mustBeAllowed,
  plainDefinition,
  type RuleChange,
} from './changes.ts';
import type { AlertRule, PlacedRule, RuleDefinition, RuleFolders, RuleGroup } from './contract.ts';
import { invalidRule, ruleError } from './errors.ts';
import { checkGroup, checkRule, maxRules } from './validate.ts';
import { type RuleVersion, RuleVersions } from './versions.ts';

/** A group as it is kept: one document, so that a change of it is all or nothing. */
interface GroupRecord {
  readonly folderUid: string;
  readonly title: string;
  readonly intervalMs: number;
  readonly rules: readonly AlertRule[];
}

/** What rules may name of notifications. */
export interface NotificationNames {
  hasReceiver(name: string): boolean;
  hasTiming(name: string): boolean;
}

interface StoreDeps {
  readonly state: StateStore;
  readonly folders: RuleFolders;
  readonly names: NotificationNames;
  readonly clock: Clock;
}

/** Rules in their groups: kept, checked, with their versions. Reads are from memory. */
export class RuleStore {
  readonly #deps: StoreDeps;
  readonly #records: Collection<GroupRecord>;
  readonly #versions: RuleVersions;
  readonly #groups = new Map<string, RuleGroup>();
  readonly #byUid = new Map<string, PlacedRule>();
  readonly #listeners = new Set<(changes: readonly RuleChange[]) => void>();
  #nextId = 1;
  /** Changes follow each other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(deps: StoreDeps) {
    this.#deps = deps;
    this.#records = deps.state.collection('alert-rule-groups');
    this.#versions = new RuleVersions(deps.state);
  }

  static async open(deps: StoreDeps): Promise<RuleStore> {
    const store = new RuleStore(deps);
    const saved = await store.#records.list();
    // A crash in the middle of a move leaves a rule in both groups: the later one has it.
    const taken = new Set<string>();
    for (const { value } of saved.toSorted((a, b) => b.updatedMs - a.updatedMs)) {
      const rules = value.rules.filter(({ uid }) => !taken.has(uid));
      for (const { uid } of rules) taken.add(uid);
      if (rules.length > 0) store.#take({ ...value, rules });
    }
    return store;
  }

  /** By folder and title. */
  groups(): readonly RuleGroup[] {
    return [...this.#groups.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  group(folderUid: string, title: string): RuleGroup | undefined {
    return this.#groups.get(keyOf({ folderUid, title }));
  }

  find(uid: string): PlacedRule | undefined {
    return this.#byUid.get(uid);
  }

  get ruleCount(): number {
    return this.#byUid.size;
  }

  /** Newest first. */
  versions(uid: string): Promise<readonly RuleVersion[]> {
    return this.#versions.list(uid);
  }

  /** Called after each change. @returns how to end it */
  onChange(listener: (changes: readonly RuleChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Makes a group what it is to be: rules that it names by uid change or come over from other groups,
   * rules that it does not name are deleted.
   * @returns what is different; empty when nothing is
   * @throws {AppError} RULE_INVALID, RULE_FOLDER_NOT_FOUND, RULE_PROVISIONED, RULE_QUOTA_REACHED,
   *   RULE_EXISTS (a title twice in the folder)
   */
  putGroup(input: GroupInput, author: Author): Promise<readonly RuleChange[]> {
    return this.#inTurn(async () => {
      checkGroup(input.title, input.intervalMs, input.rules.length);
      this.#mustHaveFolder(input.folderUid);
      this.#checkRules(input);
      const old = this.group(input.folderUid, input.title);
      const rules = input.rules.map((rule) => this.#written(rule, author));
      const kept = new Set(rules.map(({ uid }) => uid));
      for (const gone of old?.rules ?? []) {
        if (!kept.has(gone.uid)) mustBeAllowed(gone, author);
      }
      const { folderUid, title, intervalMs } = input;
      const group: RuleGroup = { folderUid, title, intervalMs, rules };
      return this.#commit([group, ...this.#withoutMoved(group)]);
    });
  }

  /**
   * Adds a rule to a group, which is made when it is not there, or replaces the one of this uid.
   * @param onlyIf refused where the other is the case
   * @throws {AppError} as putGroup, and RULE_EXISTS, RULE_NOT_FOUND
   */
  putRule(
    rule: RuleDefinition,
    place: { readonly folderUid: string; readonly group: string; readonly intervalMs?: number },
    author: Author,
    onlyIf: 'new' | 'known' | 'any',
  ): Promise<PlacedRule> {
    return this.#inTurn(async () => {
      const known = this.#byUid.get(rule.uid);
      if (onlyIf === 'new' && known !== undefined) {
        throw ruleError('RULE_EXISTS', `a rule with the uid ${rule.uid} exists already`);
      }
      if (onlyIf === 'known' && known === undefined) {
        throw ruleError('RULE_NOT_FOUND', 'alert rule not found');
      }
      const old = this.group(place.folderUid, place.group);
      const intervalMs = place.intervalMs ?? old?.intervalMs ?? 60_000;
      const others = old?.rules ?? [];
      const at = others.findIndex(({ uid }) => uid === rule.uid);
      const written = this.#written(rule, author);
      const rules = at < 0 ? [...others, written] : others.with(at, written);
      const group: RuleGroup = {
        folderUid: place.folderUid,
        title: place.group,
        intervalMs,
        rules,
      };
      checkGroup(group.title, group.intervalMs, rules.length);
      this.#mustHaveFolder(group.folderUid);
      this.#checkRules({ ...group, rules: [rule] });
      await this.#commit([group, ...this.#withoutMoved(group)]);
      return this.#byUid.get(rule.uid)!;
    });
  }

  /** Rules that are not there are no error. @throws {AppError} RULE_PROVISIONED */
  deleteRules(uids: readonly string[], author: Author): Promise<readonly RuleChange[]> {
    return this.#inTurn(async () => {
      const gone = new Set(uids);
      const placed = uids.flatMap((uid) => this.#byUid.get(uid) ?? []);
      for (const { rule } of placed) mustBeAllowed(rule, author);
      const groups = new Set(placed.map(({ group }) => this.#groups.get(keyOf(group))!));
      const left = [...groups].map((group) => ({
        ...group,
        rules: group.rules.filter(({ uid }) => !gone.has(uid)),
      }));
      return this.#commit(left);
    });
  }

  /** Groups that lose rules to another one. */
  #withoutMoved(target: RuleGroup): readonly RuleGroup[] {
    const moved = new Set(target.rules.map(({ uid }) => uid));
    const key = keyOf(target);
    const sources = new Set(
      [...moved].flatMap((uid) => {
        const from = this.#byUid.get(uid)?.group;
        return from === undefined || keyOf(from) === key ? [] : keyOf(from);
      }),
    );
    return [...sources].map((source) => {
      const group = this.#groups.get(source)!;
      return { ...group, rules: group.rules.filter(({ uid }) => !moved.has(uid)) };
    });
  }

  #checkRules({ folderUid, rules }: GroupInput): void {
    const uids = new Set<string>();
    const titles = new Map<string, string>();
    for (const { rule, group } of this.#byUid.values()) {
      if (group.folderUid === folderUid) titles.set(rule.title, rule.uid);
    }
    for (const rule of rules) {
      checkRule(rule);
      this.#checkNames(rule);
      if (uids.has(rule.uid)) {
        throw ruleError('RULE_INVALID', `rule UID ${rule.uid} is not unique in the group`);
      }
      uids.add(rule.uid);
    }
    for (const [title, uid] of titles) if (uids.has(uid)) titles.delete(title);
    for (const { title, uid } of rules) {
      if (titles.has(title)) {
        throw ruleError(
          'RULE_EXISTS',
          `rule title under the same organisation and folder should be unique: ${JSON.stringify(title)}`,
        );
      }
      titles.set(title, uid);
    }
    const added = rules.filter(({ uid }) => !this.#byUid.has(uid)).length;
    if (this.#byUid.size + added > maxRules) {
      throw ruleError('RULE_QUOTA_REACHED', `there are ${maxRules} alert rules already`);
    }
  }

  /** What a rule that is not changed names may be gone: that is no reason to refuse its group. */
  #checkNames({ uid, notificationSettings: settings }: RuleDefinition): void {
    if (settings === undefined) return;
    const old = this.#byUid.get(uid)?.rule.notificationSettings;
    if (JSON.stringify(old) === JSON.stringify(settings)) return;
    const { names } = this.#deps;
    const { receiver, muteTimeIntervals = [], activeTimeIntervals = [] } = settings;
    if (!names.hasReceiver(receiver)) {
      throw invalidRule(`invalid notification settings: receiver '${receiver}' does not exist`);
    }
    const timing = [...muteTimeIntervals, ...activeTimeIntervals].find(
      (name) => !names.hasTiming(name),
    );
    if (timing !== undefined) {
      throw invalidRule(
        `invalid notification settings: mute time interval '${timing}' does not exist`,
      );
    }
  }

  #mustHaveFolder(uid: string): void {
    if (this.#deps.folders.get(uid) !== undefined) return;
    throw ruleError('RULE_FOLDER_NOT_FOUND', 'folder does not exist', { folderUid: uid });
  }

  /** The rule as it will be kept; the same object as before where nothing is different. */
  #written(definition: RuleDefinition, author: Author): AlertRule {
    const old = this.#byUid.get(definition.uid)?.rule;
    if (old === undefined) {
      return {
        ...definition,
        id: this.#nextId++,
        version: 1,
        updatedMs: this.#deps.clock.nowMs(),
        updatedBy: author.by,
        provenance: author.provenance,
      };
    }
    const isSame =
      (author.via === 'ui' || old.provenance === author.provenance) &&
      JSON.stringify(plainDefinition(old)) === JSON.stringify(plainDefinition(definition));
    if (isSame) return old;
    mustBeAllowed(old, author);
    return {
      ...definition,
      id: old.id,
      version: old.version + 1,
      updatedMs: this.#deps.clock.nowMs(),
      updatedBy: author.by,
      provenance: author.provenance,
    };
  }

  /** Writes groups that are different; those without rules are no more. */
  async #commit(groups: readonly RuleGroup[]): Promise<readonly RuleChange[]> {
    const changed = new Set<string>();
    const before = new Map(this.#byUid);
    for (const group of groups) {
      const key = keyOf(group);
      const old = this.#groups.get(key);
      if (old !== undefined && isSameGroup(old, group)) continue;
      if (group.rules.length === 0) await this.#records.delete(keyOf(group));
      else await this.#records.put(keyOf(group), { ...group });
      for (const { uid } of old?.rules ?? []) {
        if (this.#byUid.get(uid)?.group === old) this.#byUid.delete(uid);
      }
      if (group.rules.length === 0) this.#groups.delete(key);
      else this.#take(group);
      for (const { uid } of [...(old?.rules ?? []), ...group.rules]) changed.add(uid);
    }
    const changes = [...changed].map((uid) => ({
      before: before.get(uid),
      after: this.#byUid.get(uid),
    }));
    await this.#versions.keep(changes);
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
    return changes;
  }

  #take(group: RuleGroup): void {
    this.#groups.set(keyOf(group), group);
    for (const rule of group.rules) {
      this.#byUid.set(rule.uid, { rule, group });
      this.#nextId = Math.max(this.#nextId, rule.id + 1);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
