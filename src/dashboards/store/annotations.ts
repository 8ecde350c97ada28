import { AppError, type Clock } from '#base';
import type { Collection, StateStore } from '#state';
import type { Annotation, AnnotationQuery, TagCount } from './contract.ts';
import { storeError } from './errors.ts';
import { allOf, type Serial } from './serial.ts';

type AnnotationRecord = Omit<Annotation, 'id'>;

/** All are in memory, some hundred bytes each. */
const maxAnnotations = 50_000;
const maxTextLength = 65_536;
const maxTags = 100;
const maxTagLength = 500;

export type AnnotationInput = Omit<Annotation, 'id' | 'createdMs' | 'updatedMs'>;
export type AnnotationChange = Partial<
  Pick<Annotation, 'timeMs' | 'timeEndMs' | 'text' | 'tags' | 'data'>
>;

interface AnnotationsDeps {
  readonly serial: Serial;
  readonly clock: Clock;
}

/** In the order of ids, as the collection sorts texts. */
const keyOf = (id: number): string => String(id).padStart(12, '0');

/** Notes that people and pipelines put on charts. Beyond a bound the oldest go. */
export class Annotations {
  readonly #collection: Collection<AnnotationRecord>;
  readonly #byId = new Map<number, Annotation>();
  readonly #serial: Serial;
  readonly #clock: Clock;
  #lastId = 0;

  private constructor(state: StateStore, deps: AnnotationsDeps) {
    this.#collection = state.collection('annotations');
    this.#serial = deps.serial;
    this.#clock = deps.clock;
  }

  static async open(state: StateStore, deps: AnnotationsDeps): Promise<Annotations> {
    const annotations = new Annotations(state, deps);
    for await (const { id, value } of allOf(annotations.#collection)) {
      annotations.#keep(Number(id), value);
    }
    return annotations;
  }

  /** The newest first. */
  query(query: AnnotationQuery): readonly Annotation[] {
    const found = [...this.#byId.values()].filter((one) => isAsked(one, query));
    found.sort((a, b) => b.timeEndMs - a.timeEndMs || b.id - a.id);
    return found.slice(0, query.limit);
  }

  /** @throws {AppError} ANNOTATION_NOT_FOUND */
  mustHave(id: number): Annotation {
    const annotation = this.#byId.get(id);
    if (annotation === undefined) throw storeError('ANNOTATION_NOT_FOUND');
    return annotation;
  }

  /** @throws {AppError} ANNOTATION_INVALID */
  create(input: AnnotationInput): Promise<Annotation> {
    return this.#serial.run(async () => {
      const nowMs = this.#clock.nowMs();
      const created = await this.#write(this.#lastId + 1, {
        ...input,
        createdMs: nowMs,
        updatedMs: nowMs,
      });
      while (this.#byId.size > maxAnnotations) {
        await this.#remove(this.#byId.keys().next().value!);
      }
      return created;
    });
  }

  /** @throws {AppError} ANNOTATION_NOT_FOUND, ANNOTATION_INVALID */
  update(id: number, change: AnnotationChange): Promise<Annotation> {
    return this.#serial.run(async () => {
      const { id: _id, ...held } = this.mustHave(id);
      return this.#write(id, { ...held, ...change, updatedMs: this.#clock.nowMs() });
    });
  }

  /** @throws {AppError} ANNOTATION_NOT_FOUND */
  remove(id: number): Promise<void> {
    return this.#serial.run(async () => {
      this.mustHave(id);
      await this.#remove(id);
    });
  }

  /** For who holds the store's lock: a dashboard is gone. */
  async removeOfDashboard(uid: string): Promise<void> {
    for (const { id, dashboardUid } of [...this.#byId.values()]) {
      if (dashboardUid === uid) await this.#remove(id);
    }
  }

  /** By name; only tags with `text` in them. */
  tags(text: string, limit: number): readonly TagCount[] {
    const counts = new Map<string, number>();
    for (const { tags } of this.#byId.values()) {
      for (const tag of tags) {
        if (tag.toLowerCase().includes(text.toLowerCase())) {
          counts.set(tag, (counts.get(tag) ?? 0) + 1);
        }
      }
    }
    return [...counts]
      .map(([term, count]) => ({ term, count }))
      .sort((a, b) => (a.term < b.term ? -1 : 1))
      .slice(0, limit);
  }

  async #remove(id: number): Promise<void> {
    await this.#collection.delete(keyOf(id));
    this.#byId.delete(id);
  }

  async #write(id: number, record: AnnotationRecord): Promise<Annotation> {
    mustBeAnnotation(record);
    await this.#collection.put(keyOf(id), record);
    return this.#keep(id, record);
  }

  #keep(id: number, record: AnnotationRecord): Annotation {
    // JSON leaves absent values out.
    const { dashboardUid = undefined, panelId = undefined, data = undefined } = record;
    const annotation: Annotation = { ...record, id, dashboardUid, panelId, data };
    this.#byId.set(id, annotation);
    this.#lastId = Math.max(this.#lastId, id);
    return annotation;
  }
}

function isAsked(one: Annotation, query: AnnotationQuery): boolean {
  const { fromMs = -Infinity, toMs = Infinity, dashboardUid, panelId, tags = [] } = query;
  if (one.timeEndMs < fromMs || one.timeMs > toMs) return false;
  if (dashboardUid !== undefined && one.dashboardUid !== dashboardUid) return false;
  if (panelId !== undefined && one.panelId !== panelId) return false;
  if (tags.length === 0) return true;
  const has = (tag: string): boolean => one.tags.includes(tag);
  return query.matchAny === true ? tags.some(has) : tags.every(has);
}

function mustBeAnnotation({ text, tags, timeMs, timeEndMs }: AnnotationRecord): void {
  const problem =
    text === '' && tags.length === 0
      ? 'text field should not be empty'
      : text.length > maxTextLength
        ? `text: at most ${maxTextLength} characters are allowed`
        : tags.length > maxTags || tags.some((tag) => tag.length > maxTagLength)
          ? `tags: at most ${maxTags} of at most ${maxTagLength} characters are allowed`
          : !Number.isFinite(timeMs) || !Number.isFinite(timeEndMs) || timeEndMs < timeMs
            ? 'time and timeEnd: expected milliseconds since 1970, the end not before the begin'
            : undefined;
  if (problem !== undefined) throw new AppError('ANNOTATION_INVALID', problem);
}
