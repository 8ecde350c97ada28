import type { Interpolate } from '../contract.ts';

const variables: Readonly<Record<string, string>> = { namespace: 'shop', cluster: 'seoul' };

/** Enough of the variables of a dashboard for the examples. */
export const exampleInterpolate: Interpolate = (text, scopedVars, format) =>
  text.replace(/\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g, (whole, braced, ownFormat, bare) => {
    const name = braced ?? bare;
    const value = scopedVars?.[name]?.value ?? variables[name];
    if (value === undefined) return whole;
    const used = ownFormat ?? format;
    return used === 'percentencode'
      ? encodeURIComponent(String(value))
      : used === 'uriencode'
        ? encodeURI(String(value))
        : String(value);
  });
