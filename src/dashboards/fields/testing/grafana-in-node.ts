import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * For tests: @grafana/data in plain Node, whose ES modules it cannot load (they import names that
 * moment-timezone has only as CommonJS). Import this first, and what uses the package with `import()`.
 */
const commonJs = pathToFileURL(createRequire(import.meta.url).resolve('@grafana/data')).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@grafana/data'
      ? { url: commonJs, format: 'commonjs', shortCircuit: true }
      : next(specifier, context),
});
