import { isMap, isScalar, isSeq, type Node } from 'yaml';

type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$\$|\$\{(\w+)\}|\$(\w+)/g;

/**
 * `$NAME` and `${NAME}` of a text become what the environment has, `$$` a dollar.
 * @param isKept whether what the environment lacks stays as it is; else it is nothing
 */
export function expandText(
  text: string,
  environment: Environment,
  isKept: (offset: number) => boolean,
): string {
  return text.replace(
    reference,
    (found: string, braced: string | undefined, bare: string | undefined, offset: number) => {
      if (found === '$$') return '$';
      const value = environment[braced ?? bare ?? ''];
      return value ?? (isKept(offset) ? found : '');
    },
  );
}

/** Whether a place in a text is within `{{ … }}`: there `$labels` is no variable of the environment. */
const isInTemplate = (text: string, offset: number): boolean =>
  text.lastIndexOf('{{', offset) > text.lastIndexOf('}}', offset);

/** Expands all texts of a document in place; keys stay. Queries have variables of their own: `$A > 1`. */
export function expandNode(node: Node | null, environment: Environment, isModel = false): void {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      expandNode(value as Node | null, environment, isModel || name === 'model');
    }
  } else if (isSeq(node)) {
    for (const item of node.items) expandNode(item as Node | null, environment, isModel);
  } else if (isScalar(node) && typeof node.value === 'string') {
    const text = node.value;
    node.value = expandText(text, environment, (offset) => isModel || isInTemplate(text, offset));
  }
}
