import { describeError } from '#base';
import { Template } from '#go-template';

/** What is wrong with a text as a template; undefined: it is one. */
export function templateProblem(text: string): string | undefined {
  try {
    new Template('message', text).checkCalls();
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
