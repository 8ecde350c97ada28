/**
 * Pictures of what is on the screen: the elements of a panel with the style sheets and fonts that they
 * use, in one file that needs nothing else.
 */

/** A panel of more elements than this is a table of thousands of rows: its picture would not open. */
const maxElements = 20_000;
const maxSidePx = 8192;
const pngScale = 2;

/**
 * @param leaveOut a selector of controls that are for the page, not for a picture of it
 * @throws {Error} the panel is too large for a picture
 */
export async function toSvg(element: HTMLElement, leaveOut?: string): Promise<string> {
  if (element.querySelectorAll('*').length > maxElements) {
    throw new Error(`A picture can have ${maxElements} elements at most`);
  }
  const { width, height } = element.getBoundingClientRect();
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('width', String(Math.ceil(width)));
  svg.setAttribute('height', String(Math.ceil(height)));
  // Tokens hang on the root, which is the picture itself.
  svg.setAttribute('data-theme', document.documentElement.dataset['theme'] ?? 'light');
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = [await fontRules(), await sheetRules()].join('\n');
  const holder = document.createElementNS('http://www.w3.org/2000/svg', 'foreignObject');
  holder.setAttribute('width', '100%');
  holder.setAttribute('height', '100%');
  const body = document.createElement('body');
  const copy = element.cloneNode(true) as HTMLElement;
  replaceCanvases(element, copy);
  keepScroll(element, copy);
  if (leaveOut !== undefined) for (const one of copy.querySelectorAll(leaveOut)) one.remove();
  copy.style.margin = '0';
  body.style.background = groundOf(element);
  body.append(copy);
  holder.append(body);
  svg.append(style, holder);
  return new XMLSerializer().serializeToString(svg);
}

/** Two pixels for one of the screen, fewer where the panel is a wall. @throws {Error} as {@link toSvg} */
export async function toPng(element: HTMLElement, leaveOut?: string): Promise<Blob> {
  const svg = await toSvg(element, leaveOut);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(pngScale, maxSidePx / Math.max(width, height, 1));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('The browser did not make a picture'));
      else resolve(blob);
    }, 'image/png');
  });
}

/** What is drawn on a canvas is not part of its element. */
function replaceCanvases(from: HTMLElement, copy: HTMLElement): void {
  const copies = copy.querySelectorAll('canvas');
  for (const [index, canvas] of from.querySelectorAll('canvas').entries()) {
    const own = copies[index];
    if (own === undefined || canvas.width === 0 || canvas.height === 0) continue;
    const image = document.createElement('img');
    image.src = canvas.toDataURL();
    image.className = own.className;
    image.style.cssText = own.style.cssText;
    image.style.width = `${canvas.clientWidth}px`;
    image.style.height = `${canvas.clientHeight}px`;
    own.replaceWith(image);
  }
}

/** A list that was scrolled shows the same rows in its picture. */
function keepScroll(from: HTMLElement, copy: HTMLElement): void {
  const copies = copy.querySelectorAll<HTMLElement>('*');
  for (const [index, element] of from.querySelectorAll<HTMLElement>('*').entries()) {
    if (element.scrollTop === 0 && element.scrollLeft === 0) continue;
    const own = copies[index]?.firstElementChild;
    if (own instanceof HTMLElement) {
      own.style.translate = `${-element.scrollLeft}px ${-element.scrollTop}px`;
    }
  }
}

function groundOf(element: HTMLElement): string {
  for (let at: HTMLElement | null = element; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== 'rgba(0, 0, 0, 0)' && backgroundColor !== 'transparent') {
      return backgroundColor;
    }
  }
  return 'white';
}

/** The style sheets as they were written, without fonts: those lead to files. */
async function sheetRules(): Promise<string> {
  const texts = await Promise.all([...document.styleSheets].map(sheetText));
  return texts.join('\n').replaceAll(/@font-face\s*\{[^}]*\}/g, '');
}

/**
 * Not the rules that the browser made of it: of a shorthand with a variable, beside one of its parts,
 * it keeps no text.
 */
async function sheetText(sheet: CSSStyleSheet): Promise<string> {
  if (sheet.href === null) return sheet.ownerNode?.textContent ?? '';
  if (new URL(sheet.href).origin !== location.origin) return '';
  const response = await fetch(sheet.href);
  return response.ok ? await response.text() : '';
}

function rulesOf(sheet: CSSStyleSheet): readonly CSSRule[] {
  try {
    return [...sheet.cssRules];
  } catch {
    // A sheet of another origin, as extensions bring them: none of ours.
    return [];
  }
}

const embedded = new Map<string, Promise<string>>();

/** The font files that the page has loaded, inside of the picture. */
async function fontRules(): Promise<string> {
  const loaded = new Set(
    [...document.fonts]
      .filter((face) => face.status === 'loaded')
      .map((face) => `${bare(face.family)} ${face.unicodeRange.toUpperCase()}`),
  );
  const rules = [...document.styleSheets].flatMap((sheet) =>
    rulesOf(sheet).flatMap((rule) => {
      if (!(rule instanceof CSSFontFaceRule)) return [];
      const family = bare(rule.style.getPropertyValue('font-family'));
      const range = rule.style.getPropertyValue('unicode-range').toUpperCase() || 'U+0-10FFFF';
      return loaded.has(`${family} ${range}`) ? [embeddedRule(rule, sheet.href)] : [];
    }),
  );
  return (await Promise.all(rules)).join('\n');
}

function bare(family: string): string {
  return family.replaceAll(/["']/g, '').trim();
}

async function embeddedRule(rule: CSSFontFaceRule, base: string | null): Promise<string> {
  const match = /url\((["']?)(.+?)\1\)/.exec(rule.cssText);
  if (match === null) return '';
  const url = new URL(match[2] as string, base ?? document.baseURI).href;
  let data = embedded.get(url);
  if (data === undefined) {
    data = fetch(url).then(async (response) => dataUrl(await response.blob()));
    embedded.set(url, data);
  }
  try {
    return rule.cssText.replace(/src:[^;]+;/, `src: url(${await data}) format("woff2");`);
  } catch {
    // Without the file the picture has another font, yet all of its words.
    embedded.delete(url);
    return '';
  }
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('A font could not be read'));
    reader.readAsDataURL(blob);
  });
}
