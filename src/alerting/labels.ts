/** Labels of an alert, or of a group of alerts. No value is empty. */
export type LabelSet = Readonly<Record<string, string>>;

/** Names in byte order, which is the order of fingerprints and of texts. */
export const sortedNames = (labels: LabelSet): string[] =>
  Object.keys(labels).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** `{alertname="A", team="x"}`, as group keys have it. */
export const formatLabels = (labels: LabelSet): string =>
  `{${sortedNames(labels)
    .map((name) => `${name}=${JSON.stringify(labels[name])}`)
    .join(', ')}}`;

export function withoutEmpty(labels: LabelSet): LabelSet {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** 64 bits of FNV-1a over names and values in order: the identity that Alertmanager gives an alert. */
export function fingerprintOf(labels: LabelSet): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const add = (byte: number): void => {
    low = (low ^ byte) >>> 0;
    // Times the prime 2^40 + 0x1b3, in two halves.
    const product = low * 0x1b3;
    high = (high * 0x1b3 + Math.floor(product / 0x1_0000_0000) + low * 256) % 0x1_0000_0000;
    low = product % 0x1_0000_0000;
  };
  const addText = (text: string): void => {
    for (const byte of Buffer.from(text, 'utf8')) add(byte);
    add(255);
  };
  for (const name of sortedNames(labels)) {
    addText(name);
    addText(labels[name] ?? '');
  }
  const hex = (half: number): string => half.toString(16).padStart(8, '0');
  return hex(high) + hex(low);
}
