/** Before the first command white space, comments and stray pipes may stand. */
const sourceFirst = /^(?:[\s|]|#[^\n]*(?:\n|$))*source\b/i;

/** True for a query that names its log groups itself: nobody need choose any. */
export const beginsWithSource = (text: string): boolean => sourceFirst.test(text);
