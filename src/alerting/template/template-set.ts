import { Template, type TemplateValue, valueText } from '#go-template';
import { defaultTemplates } from './default-templates.ts';
import { SafeText, templateFunctions } from './functions.ts';
import { grafanaTemplates } from './grafana-templates.ts';

/** Texts of a configuration are few; beyond this they are compiled again. */
const maxCompiled = 2000;

type Library = Map<string, Template['tree']['body']>;

/** The default templates and those of a configuration: carries texts out that call them. */
export class TemplateSet {
  readonly #library: Library = new Map();
  readonly #compiled = new Map<string, Template>();
  readonly #overridden = new Set<string>();

  constructor() {
    this.add('default.tmpl', defaultTemplates);
    this.add('contact-points.tmpl', grafanaTemplates);
  }

  /** Takes over what a file defines, in place of what had the name. @throws {AppError} TEMPLATE_INVALID */
  add(name: string, source: string): void {
    const { tree } = new Template(name, source, { functions: templateFunctions(() => 0) });
    for (const [defined, body] of tree.defined) {
      if (this.#library.has(defined)) this.#overridden.add(defined);
      this.#library.set(defined, body);
    }
    this.#compiled.clear();
  }

  /** Names that were defined more than once: a configuration's own take the place of the defaults. */
  get overridden(): readonly string[] {
    return [...this.#overridden];
  }

  /** A set of its own that begins with what this one has. */
  copy(): TemplateSet {
    const copy = new TemplateSet();
    for (const [name, body] of this.#library) copy.#library.set(name, body);
    for (const name of this.#overridden) copy.#overridden.add(name);
    return copy;
  }

  /** Whether a text can be carried out: it parses, and what it calls exists. @throws {AppError} TEMPLATE_INVALID */
  check(source: string): void {
    if (!source.includes('{{')) return;
    const functions = templateFunctions(() => 0);
    new Template('', source, { functions, library: this.#library }).checkCalls();
  }

  /** @throws {AppError} TEMPLATE_INVALID, TEMPLATE_FAILED */
  text(source: string, data: TemplateValue, nowMs: number): string {
    return this.#run(source, data, nowMs, false);
  }

  /** As `text`, with values escaped for HTML. @throws {AppError} TEMPLATE_INVALID, TEMPLATE_FAILED */
  html(source: string, data: TemplateValue, nowMs: number): string {
    return this.#run(source, data, nowMs, true);
  }

  #run(source: string, data: TemplateValue, nowMs: number, isHtml: boolean): string {
    if (!source.includes('{{')) return source;
    const key = `${isHtml ? 'h' : 't'}${source}`;
    const functions = templateFunctions(() => nowMs);
    let template = this.#compiled.get(key);
    if (template === undefined) {
      if (this.#compiled.size >= maxCompiled) this.#compiled.clear();
      template = new Template('', source, {
        functions,
        missingKey: 'zero',
        library: this.#library,
        ...(isHtml ? { print: printHtml } : {}),
      });
      this.#compiled.set(key, template);
    }
    return template.execute(data, functions);
  }
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

const printHtml = (value: TemplateValue): string =>
  value instanceof SafeText
    ? value.toTemplateText()
    : valueText(value).replace(/[&<>"']/g, (char) => htmlEscapes[char] ?? char);
