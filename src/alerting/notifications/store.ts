import type { AlertmanagerYaml } from '#alerting';
import type { NotificationSettings } from '#alerting/rules';
import type { Logger } from '#base';
import type { Collection, StateStore } from '#state';
import { contactPointOf, type ReceiverDefaults } from './contact-points.ts';
import type {
  ContactPoint,
  ContactPointInput,
  MuteTiming,
  NotificationModel,
  NotificationTemplate,
  Policy,
  Sealing,
} from './contract.ts';
import { type Effective, effectiveConfig } from './effective.ts';
import { notificationError } from './errors.ts';
import {
  type Author,
  checkModel,
  checkMuteTiming,
  checkTemplate,
  defaultContactPoint,
  defaultModel,
  defaultPolicy,
  mustBeAllowed,
  put,
  renamedReceiver,
  usesReceiver,
  usesTiming,
} from './model.ts';
import { policyOfRoute, readPolicies } from './policies.ts';

export interface NotificationDeps {
  readonly state: StateStore;
  readonly log: Logger;
  /** The alertmanager.yml; undefined: there is none, and the stored policies route. */
  readonly file: () => AlertmanagerYaml | undefined;
  /** What counts where nothing is configured. */
  readonly defaults: AlertmanagerYaml;
  /** By which rules go past the policies. */
  readonly settings: () => readonly NotificationSettings[];
  /** Follows what is in force from now on. */
  readonly apply: (config: AlertmanagerYaml) => void;
}

const documentId = 'model';

/** Contact points, policies, timings and templates: kept as one document, in force as the engine's configuration. */
export class Notifications {
  readonly #deps: NotificationDeps;
  readonly #collection: Collection<NotificationModel>;
  #model: NotificationModel;
  #effective: Effective;
  /** Changes follow each other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    collection: Collection<NotificationModel>,
    model: NotificationModel,
    deps: NotificationDeps,
  ) {
    this.#deps = deps;
    this.#collection = collection;
    this.#model = model;
    this.#effective = this.#build(model);
  }

  static async open(deps: NotificationDeps): Promise<Notifications> {
    const collection = deps.state.collection<NotificationModel>('notifications');
    const saved = await collection.get(documentId);
    return new Notifications(collection, saved?.value ?? defaultModel, deps);
  }

  get model(): NotificationModel {
    return this.#model;
  }

  get sealing(): Sealing {
    return this.#deps.state.secrets;
  }

  /** What the engine follows. */
  get config(): AlertmanagerYaml {
    return this.#effective.config;
  }

  /** Why a contact point cannot tell; undefined: it can. */
  brokenReason(uid: string): string | undefined {
    return this.#effective.broken.get(uid);
  }

  get isOwnedByFile(): boolean {
    return this.#deps.file() !== undefined;
  }

  /** The tree that is in force, and who owns it. */
  get policies(): { readonly root: Policy; readonly provenance: Author['provenance'] } {
    const file = this.#deps.file();
    if (file === undefined) return this.#model.policies;
    return { root: policyOfRoute(file.route), provenance: 'file' };
  }

  get defaults(): ReceiverDefaults {
    return this.config;
  }

  /** The file or the rules have changed: the engine is to follow. */
  refresh(): void {
    this.#effective = this.#build(this.#model);
    this.#deps.apply(this.#effective.config);
  }

  /** @throws {AppError} NOTIFICATION_INVALID, CONTACT_POINT_EXISTS, NOTIFICATION_PROVISIONED */
  async addContactPoint(input: ContactPointInput, author: Author): Promise<ContactPoint> {
    let made: ContactPoint | undefined;
    await this.change((model) => {
      if (input.uid && model.contactPoints.some(({ uid }) => uid === input.uid)) {
        throw notificationError(
          'CONTACT_POINT_EXISTS',
          `a contact point with the uid ${JSON.stringify(input.uid)} exists already`,
        );
      }
      made = this.#contactPoint(input, undefined, author);
      return { ...model, contactPoints: [...model.contactPoints, made] };
    });
    return made!;
  }

  /** @throws {AppError} CONTACT_POINT_NOT_FOUND and as addContactPoint */
  updateContactPoint(uid: string, input: ContactPointInput, author: Author): Promise<void> {
    return this.change((model) => {
      const old = model.contactPoints.find((one) => one.uid === uid);
      if (old === undefined) throw contactPointNotFound();
      mustBeAllowed(`contact point ${old.name}`, old, author);
      const next = this.#contactPoint({ ...input, uid }, old, author);
      const contactPoints = put(model.contactPoints, next, (one) => one.uid === uid);
      // The last one of its name takes the name along to the policies.
      const isRenamed =
        next.name !== old.name && !contactPoints.some(({ name }) => name === old.name);
      if (isRenamed) this.#mustBeFreeOfRules(old.name);
      const { policies } = model;
      const root = isRenamed ? renamedReceiver(policies.root, old.name, next.name) : policies.root;
      return { ...model, contactPoints, policies: { ...policies, root } };
    });
  }

  /** @throws {AppError} CONTACT_POINT_NOT_FOUND, CONTACT_POINT_IN_USE, NOTIFICATION_PROVISIONED */
  deleteContactPoint(uid: string, author: Author): Promise<void> {
    return this.change((model) => {
      const old = model.contactPoints.find((one) => one.uid === uid);
      if (old === undefined) throw contactPointNotFound();
      mustBeAllowed(`contact point ${old.name}`, old, author);
      const contactPoints = model.contactPoints.filter((one) => one !== old);
      if (!contactPoints.some(({ name }) => name === old.name)) this.#mustBeUnused(model, old.name);
      return { ...model, contactPoints };
    });
  }

  /** @throws {AppError} NOTIFICATION_INVALID, NOTIFICATION_PROVISIONED */
  setPolicies(tree: unknown, author: Author): Promise<void> {
    return this.change((model) => {
      this.#mustOwnRouting();
      mustBeAllowed('the tree of notification policies', model.policies, author);
      const root = readPolicies(tree);
      return { ...model, policies: { root, provenance: author.provenance } };
    });
  }

  /** The tree as it was at the beginning. */
  resetPolicies(author: Author): Promise<void> {
    return this.change((model) => {
      this.#mustOwnRouting();
      mustBeAllowed('the tree of notification policies', model.policies, author);
      const hasDefault = model.contactPoints.some(({ name }) => name === defaultContactPoint.name);
      return {
        ...model,
        contactPoints: hasDefault
          ? model.contactPoints
          : [...model.contactPoints, defaultContactPoint],
        policies: { root: defaultPolicy, provenance: '' },
      };
    });
  }

  /** @throws {AppError} NOTIFICATION_INVALID, MUTE_TIMING_EXISTS, MUTE_TIMING_NOT_FOUND, NOTIFICATION_PROVISIONED */
  putMuteTiming(
    timing: Omit<MuteTiming, 'provenance'>,
    author: Author,
    onlyIf: 'new' | 'known' | 'any',
  ): Promise<void> {
    return this.change((model) => {
      const old = model.muteTimings.find(({ name }) => name === timing.name);
      if (onlyIf === 'known' && old === undefined) {
        throw notificationError('MUTE_TIMING_NOT_FOUND', 'mute timing not found');
      }
      if (onlyIf === 'new' && old !== undefined) {
        throw notificationError(
          'MUTE_TIMING_EXISTS',
          'Time interval with this name already exists. Use a different name or update existing one.',
        );
      }
      mustBeAllowed(`mute timing ${timing.name}`, old, author);
      const next = { ...timing, provenance: author.provenance };
      checkMuteTiming(next);
      return {
        ...model,
        muteTimings: put(model.muteTimings, next, ({ name }) => name === timing.name),
      };
    });
  }

  /** One that is not there is no error. @throws {AppError} MUTE_TIMING_IN_USE, NOTIFICATION_PROVISIONED */
  deleteMuteTiming(name: string, author: Author): Promise<void> {
    return this.change((model) => {
      const old = model.muteTimings.find((one) => one.name === name);
      mustBeAllowed(`mute timing ${name}`, old, author);
      const isUsed =
        usesTiming(model.policies.root, name) ||
        this.#deps
          .settings()
          .some(({ muteTimeIntervals = [], activeTimeIntervals = [] }) =>
            [...muteTimeIntervals, ...activeTimeIntervals].includes(name),
          );
      if (isUsed) {
        throw notificationError(
          'MUTE_TIMING_IN_USE',
          `Time interval ${JSON.stringify(name)} is used by a notification policy or a rule`,
        );
      }
      return { ...model, muteTimings: model.muteTimings.filter((one) => one !== old) };
    });
  }

  /** @throws {AppError} NOTIFICATION_INVALID, NOTIFICATION_PROVISIONED */
  putTemplate(template: Omit<NotificationTemplate, 'provenance'>, author: Author): Promise<void> {
    return this.change((model) => {
      const old = model.templates.find(({ name }) => name === template.name);
      mustBeAllowed(`template ${template.name}`, old, author);
      const next = { ...template, provenance: author.provenance };
      checkTemplate(next);
      return { ...model, templates: put(model.templates, next, ({ name }) => name === next.name) };
    });
  }

  /** One that is not there is no error. @throws {AppError} NOTIFICATION_PROVISIONED */
  deleteTemplate(name: string, author: Author): Promise<void> {
    return this.change((model) => {
      const old = model.templates.find((one) => one.name === name);
      mustBeAllowed(`template ${name}`, old, author);
      return { ...model, templates: model.templates.filter((one) => one !== old) };
    });
  }

  /**
   * Any change of the whole: checked, kept, then in force. Resolves when it is on disk.
   * @throws {AppError} what `next` throws, NOTIFICATION_INVALID when the whole does not hold
   */
  change(next: (model: NotificationModel) => NotificationModel): Promise<void> {
    const done = this.#turn.then(async () => {
      const model = next(this.#model);
      if (model === this.#model) return;
      const file = this.#deps.file();
      checkModel(model, {
        receivers: file?.receivers.keys() ?? [],
        timings: file?.timeIntervals.keys() ?? [],
      });
      const effective = this.#build(model);
      await this.#collection.put(documentId, model);
      this.#model = model;
      this.#effective = effective;
      this.#deps.apply(effective.config);
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  /** What is to be kept for what somebody wants. @throws {AppError} NOTIFICATION_INVALID */
  #contactPoint(
    input: ContactPointInput,
    old: ContactPoint | undefined,
    { provenance }: Author,
  ): ContactPoint {
    const { sealing, defaults } = this;
    return contactPointOf(input, old, { sealing, defaults, provenance });
  }

  #mustBeUnused(model: NotificationModel, name: string): void {
    if (!this.isOwnedByFile && usesReceiver(model.policies.root, name)) {
      throw notificationError(
        'CONTACT_POINT_IN_USE',
        `contact point '${name}' is currently used by a notification policy`,
      );
    }
    this.#mustBeFreeOfRules(name);
  }

  #mustBeFreeOfRules(name: string): void {
    if (!this.#deps.settings().some(({ receiver }) => receiver === name)) return;
    throw notificationError(
      'CONTACT_POINT_IN_USE',
      `contact point '${name}' is currently used in notification settings by one or many alert rules`,
    );
  }

  #mustOwnRouting(): void {
    if (!this.isOwnedByFile) return;
    throw notificationError(
      'NOTIFICATION_PROVISIONED',
      'the tree of notification policies comes from alerting.alertmanagerConfig: change it there',
      { provenance: 'file' },
    );
  }

  #build(model: NotificationModel): Effective {
    const { file, defaults, settings } = this.#deps;
    const effective = effectiveConfig(model, {
      file: file(),
      defaults,
      sealing: this.sealing,
      settings: settings(),
    });
    for (const [uid, reason] of effective.broken) {
      const point = model.contactPoints.find((one) => one.uid === uid);
      if (point === undefined) continue;
      this.#deps.log.warn('A contact point cannot tell anybody', {
        contactPoint: point.name,
        uid,
        reason,
      });
    }
    return effective;
  }
}

const contactPointNotFound = () =>
  notificationError('CONTACT_POINT_NOT_FOUND', 'contact point not found');
